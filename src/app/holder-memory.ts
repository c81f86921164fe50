import type { OpenCase } from '../core/assess.ts';
import type { Note } from '../core/evidence.ts';
import type { Holder } from '../core/holder.ts';
import { holderOf, lockId } from '../core/lock.ts';
import type { Mono } from '../core/time.ts';
import type { Absences } from './absences.ts';
import type { HolderWatch } from './holder-watch.ts';
import { findHolders } from './holders.ts';
import type { Clock, Cluster } from './ports.ts';
import { askFor } from './sought.ts';

/** Without the right to watch Pods and Nodes, holders are looked for again this often, milliseconds. */
const LOOK_AGAIN_MS = 30_000;

/** What could not be read is said for so long after it was met last, milliseconds. */
const NOTED_FOR_MS = 90_000;

interface Memory {
  holder: Holder;
  candidates: number | null;
  /** How the lock looked when its holder was looked for. */
  suspicious: boolean;
  state: string;
  at: Mono;
}

/** Holders found so far, looked for again only when something says that they changed. */
export class HolderMemory {
  readonly #memories = new Map<string, Memory>();
  readonly #notes = new Map<string, { note: Note; at: Mono }>();
  readonly #absences: Absences;

  constructor(absences: Absences) {
    this.#absences = absences;
  }

  find(id: string): Memory | undefined {
    return this.#memories.get(id);
  }

  forget(id: string): void {
    this.#memories.delete(id);
  }

  /** What the last searches could not read. */
  notes(now: Mono): Note[] {
    return [...this.#notes.values()].flatMap(({ note, at }) => (now - at <= NOTED_FOR_MS ? [note] : []));
  }

  /** Whether the holder has to be looked for before more is said about the lock. */
  isStale(open: OpenCase, now: Mono, uncertain: boolean): boolean {
    const { lock, suspicious, renewal, heartbeat } = open;
    if (heartbeat !== null) return false;
    const known = this.#memories.get(lockId(lock.primary.ref));
    if (known === undefined || known.holder.identity !== holderOf(lock.primary)) return true;
    if (known.suspicious !== suspicious || known.state !== renewal.state) return true;
    return uncertain && now - known.at >= LOOK_AGAIN_MS;
  }

  /** The locks whose holder's Pod or Node changed since the watch was cleared last. */
  touched(holderWatch: HolderWatch): string[] {
    return [...this.#memories].flatMap(([id, { holder }]) => (holderWatch.touched(holder) ? [id] : []));
  }

  async search(
    cluster: Cluster,
    clock: Clock,
    cases: readonly OpenCase[],
    signal: AbortSignal,
  ): Promise<void> {
    const lookedAt = clock.mono();
    const found = await findHolders(cluster, clock, cases.map(askFor), signal);
    const at = clock.mono();
    for (const { lock, suspicious, renewal } of cases) {
      const id = lockId(lock.primary.ref);
      const holder = found.holders.get(id);
      const candidates = found.candidates.get(id) ?? null;
      if (holder === undefined) continue;
      this.#absences.note(id, holder, lookedAt);
      this.#memories.set(id, { holder, candidates, suspicious, state: renewal.state, at });
    }
    for (const note of found.notes) this.#notes.set(note.text, { note, at });
  }
}
