import { closeCases, type HolderFindings, type OpenCase, openCases } from '../core/assess.ts';
import type { Note } from '../core/evidence.ts';
import type { Holder } from '../core/holder.ts';
import { holderOf, lockId } from '../core/lock.ts';
import type { LockReport, Snapshot } from '../core/report.ts';
import { serverNow } from '../core/server-clock.ts';
import type { Mono } from '../core/time.ts';
import type { FirstLook, LsScope } from './first-look.ts';
import { HolderWatch } from './holder-watch.ts';
import { findHolders } from './holders.ts';
import type { Clock, Cluster } from './ports.ts';
import { askFor } from './sought.ts';
import { lookTwice, readStored } from './survey.ts';
import { Watching } from './watching.ts';

/** Events are gathered for this long before the verdicts are made anew, milliseconds. */
const GATHER_MS = 500;

/** Without the right to watch Pods and Nodes, holders are looked for again this often, milliseconds. */
const LOOK_AGAIN_MS = 30_000;

/** Holders found so far, looked for again only when something says that they changed. */
class HolderMemory {
  readonly #holders = new Map<string, Holder>();
  readonly #candidates = new Map<string, number | null>();
  readonly #known = new Map<string, { suspicious: boolean; state: string; at: Mono }>();
  notes: readonly Note[] = [];

  findings(): HolderFindings {
    return { holders: this.#holders, candidates: this.#candidates };
  }

  async refresh(
    cluster: Cluster,
    clock: Clock,
    cases: readonly OpenCase[],
    holderWatch: HolderWatch,
    signal: AbortSignal,
  ): Promise<void> {
    const now = clock.mono();
    const stale = cases.filter((open) => open.heartbeat === null && this.#isStale(open, holderWatch, now));
    holderWatch.clear();
    if (stale.length === 0) return;
    const found = await findHolders(cluster, clock, stale.map(askFor), signal);
    for (const [id, holder] of found.holders) this.#holders.set(id, holder);
    for (const [id, count] of found.candidates) this.#candidates.set(id, count);
    for (const { lock, suspicious, renewal } of stale) {
      this.#known.set(lockId(lock.primary.ref), { suspicious, state: renewal.state, at: now });
    }
    this.notes = found.notes;
  }

  #isStale({ lock, suspicious, renewal }: OpenCase, holderWatch: HolderWatch, now: Mono): boolean {
    const id = lockId(lock.primary.ref);
    const holder = this.#holders.get(id);
    const known = this.#known.get(id);
    if (holder === undefined || known === undefined) return true;
    if (holder.identity !== holderOf(lock.primary)) return true;
    if (known.suspicious !== suspicious || known.state !== renewal.state) return true;
    if (holderWatch.uncertain && now - known.at >= LOOK_AGAIN_MS) return true;
    return holderWatch.touched(holder);
  }
}

/** What a reader of the list would notice: two snapshots with the same text here look the same. */
function gist({ lock, holder, verdict, grade }: LockReport): string {
  return [lockId(lock.primary.ref), holder.identity, holder.presence, holder.found, verdict, grade].join(
    '\n',
  );
}

async function confirmAccusations(
  cluster: Cluster,
  clock: Clock,
  look: FirstLook,
  accused: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const suspicious = openCases(look.book.sights(), {
    now: clock.mono(),
    serverClock: look.book.serverClock,
  }).filter((open) => open.suspicious);
  const fresh = suspicious.filter(({ lock }) => !accused.has(lockId(lock.primary.ref)));
  if (fresh.length > 0) await readStored(cluster, clock, look, fresh, 'see', signal);
  return new Set(suspicious.map(({ lock }) => lockId(lock.primary.ref)));
}

/**
 * Watches until the signal aborts: the first snapshot at once, then one whenever a lock came or went, or its holder,
 * presence, verdict or grade changed. Rejects only if the first look fails.
 */
export async function* follow(
  cluster: Cluster,
  clock: Clock,
  scope: LsScope,
  signal: AbortSignal,
): AsyncIterable<Snapshot> {
  const look = await lookTwice(cluster, clock, scope, signal);
  const stop = new AbortController();
  const watching = new Watching(cluster, clock, look, stop.signal);
  const holderWatch = new HolderWatch(cluster, stop.signal);
  const memory = new HolderMemory();
  let accused = new Set<string>();
  let shown: string | null = null;
  try {
    while (!signal.aborted) {
      accused = await confirmAccusations(cluster, clock, look, accused, signal);
      const moment = { now: clock.mono(), serverClock: look.book.serverClock };
      const cases = openCases(look.book.sights(), moment);
      await memory.refresh(cluster, clock, cases, holderWatch, signal);
      const { reports, notes } = closeCases(cases, memory.findings(), moment);
      const text = [...reports.map(gist).sort(), ...notes.map((note) => note.text)].join('\n\n');
      if (text !== shown) {
        shown = text;
        const takenAt = moment.serverClock === null ? clock.now() : serverNow(moment.serverClock, moment.now);
        yield { reports, notes: [...look.notes, ...watching.notes, ...memory.notes, ...notes], takenAt };
      }
      await clock.sleep(GATHER_MS, signal);
    }
  } finally {
    stop.abort();
    await Promise.all([watching.ended(), holderWatch.ended()]);
  }
}
