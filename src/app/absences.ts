import type { Absence } from '../core/absence.ts';
import type { Holder } from '../core/holder.ts';
import type { Mono } from '../core/time.ts';

/** Remembers of each lock whether its holder was found, and since when it is known to be nowhere. */
export class Absences {
  readonly #absent = new Map<string, Absence>();
  readonly #there = new Map<string, string | null>();

  /** The holder of this lock was looked for. `lookedAt`: when that search began. */
  note(id: string, { identity, presence }: Holder, lookedAt: Mono): void {
    switch (presence) {
      case 'alive':
      case 'failing':
        this.#there.set(id, identity);
        this.#absent.delete(id);
        break;
      case 'gone':
      case 'unmatched':
        if (this.#absent.get(id)?.identity === identity) break;
        this.#absent.set(id, { identity, knownSince: lookedAt, seenThere: this.#there.get(id) === identity });
        break;
      case 'unknown':
      case 'nobody':
        break;
    }
  }

  /** By `lockId`. */
  get all(): ReadonlyMap<string, Absence> {
    return this.#absent;
  }

  forget(id: string): void {
    this.#absent.delete(id);
    this.#there.delete(id);
  }
}
