import type { Note } from '../core/evidence.ts';
import { lockId } from '../core/lock.ts';
import type { LockReport, Snapshot } from '../core/report.ts';
import { type Mono, proseDuration } from '../core/time.ts';
import type { LsScope } from './first-look.ts';
import { type Glimpse, live } from './live.ts';
import { gistOf } from './live-judge.ts';
import type { Clock, Cluster } from './ports.ts';

/** Says when the cluster cannot be seen, and when it can again: silence would read as if all were well. */
class Eyesight {
  #since: Mono | null = null;
  /** Told once, so that it does not change with every second. */
  #told: string | null = null;
  #last: Note[] = [];

  /** What there is to say at this moment, at most one note. A watch that ended and goes on at once is no news. */
  notes({ sightline, at }: Pick<Glimpse, 'sightline' | 'at'>): Note[] {
    if (sightline.state === 'blind' && sightline.why !== null) {
      this.#since ??= sightline.since;
      this.#told ??= `blind: ${sightline.why}; what was listed is as it was before`;
      return [{ code: 'blind', text: this.#told, hint: null }];
    }
    if (sightline.state !== 'live' || this.#since === null) return this.#last;
    const blindMs = at - this.#since;
    this.#since = null;
    this.#told = null;
    const text = `sees again: was blind for ${proseDuration(blindMs)}, which counts against nobody`;
    this.#last = [{ code: 'blind', text, hint: null }];
    return this.#last;
  }
}

/**
 * Watches until the signal aborts: the first snapshot at once, then one whenever a lock came or went, or its holder,
 * presence, verdict or grade changed. Rejects if the first look fails, and after the first snapshot where nothing may be
 * watched.
 */
export async function* follow(
  cluster: Cluster,
  clock: Clock,
  scope: LsScope,
  signal: AbortSignal,
): AsyncIterable<Snapshot> {
  const reports = new Map<string, LockReport>();
  const eyesight = new Eyesight();
  let shown: string | null = null;
  for await (const glimpse of live(cluster, clock, scope, signal)) {
    const { changed, gone, complete, takenAt, refused = null } = glimpse;
    const notes = [...glimpse.notes, ...eyesight.notes(glimpse)];
    for (const { id, report, pending } of changed) if (!pending) reports.set(id, report);
    for (const id of gone) reports.delete(id);
    if (shown === null && !complete) continue;
    const gists = [...reports.values()].map(
      (report) => `${lockId(report.lock.primary.ref)}\n${gistOf(report)}`,
    );
    const text = [...gists.sort(), ...notes.map((note) => note.text)].join('\n\n');
    if (text !== shown) {
      shown = text;
      yield { reports: [...reports.values()], notes, takenAt };
    }
    if (refused !== null) throw refused;
  }
}
