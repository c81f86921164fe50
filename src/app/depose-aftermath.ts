import { type DeposeOutcome, isStartedAgain, type Reign, reignsAfter } from '../core/depose-outcome.ts';
import { isLeaderError } from '../core/errors.ts';
import type { Holder } from '../core/holder.ts';
import type { LockHalf } from '../core/lock.ts';
import { outcomeOf } from '../core/release-outcome.ts';
import type { Mono } from '../core/time.ts';
import { type ExaminedLock, judgeAgain, readWhole } from './examine-lock.ts';
import type { Clock, Cluster } from './ports.ts';
import type { OutcomeWatch } from './watch-outcome.ts';

/** What is watched after a lock was freed, and for how long. */
export interface Aftermath {
  eyes: OutcomeWatch;
  /** Our own half, as it was freed. */
  before: LockHalf;
  freedAt: Mono;
  /** Who was deposed. */
  deposed: string;
  /** How long to wait for a takeover, and how long to watch after it, milliseconds. */
  waitMs: number;
  confirmMs: number;
  examined: ExaminedLock;
}

export interface AftermathReports {
  holderChanged(by: string | null, afterMs: number): void;
  waiting(elapsedMs: number, forMs: number, what: 'takeover' | 'confirmation'): void;
}

/** Who holds the lock now, looked for as in every judgement; null where that cannot be told. */
async function holderNow(
  cluster: Cluster,
  clock: Clock,
  { examined, before }: Aftermath,
  by: string,
  signal: AbortSignal,
): Promise<Holder | null> {
  try {
    const { look } = examined;
    for (const read of look.sources) await readWhole(cluster, clock, look, read, before.ref, signal);
    const holder = (await judgeAgain(cluster, clock, look, signal)).report?.holder ?? null;
    return holder?.identity === by ? holder : null;
  } catch (error) {
    // An abort too: then nobody waits for the answer.
    if (!isLeaderError(error)) throw error;
    return null;
  }
}

function nobodyTookIt({ eyes, before, freedAt }: Aftermath, aborted: boolean): DeposeOutcome {
  const outcome = outcomeOf(before, { action: 'vacate', at: freedAt }, eyes.sights);
  switch (outcome.is) {
    case 'vanished':
      return { is: 'vanished' };
    case 'not-freed':
      return outcome;
    default:
      return aborted ? { is: 'not-waited' } : { is: 'still-vacant' };
  }
}

/**
 * Watches who takes the lock after it was freed, and for one more duration whether that lasts: the case is closed only
 * if the one that was deposed does not come back. An abort ends the watching. Rejects with nothing but mistakes.
 */
export async function watchAftermath(
  cluster: Cluster,
  clock: Clock,
  aftermath: Aftermath,
  signal: AbortSignal,
  reports: AftermathReports,
): Promise<DeposeOutcome> {
  const { eyes, before, deposed, freedAt, waitMs, confirmMs } = aftermath;
  let told = 0;
  const reigns = (): Reign[] => {
    const all = reignsAfter(before, eyes.sights);
    for (const { by, at } of all.slice(told)) reports.holderChanged(by, Math.max(0, at - freedAt));
    told = all.length;
    return all;
  };
  const back = (): Reign | undefined => reigns().find(({ by }) => by === deposed);
  try {
    await eyes.until(
      () => reigns().length > 0,
      waitMs,
      signal,
      (elapsed) => reports.waiting(elapsed, waitMs, 'takeover'),
    );
    if (reigns().length === 0) return nobodyTookIt(aftermath, signal.aborted);
    await eyes.until(
      () => back() !== undefined,
      confirmMs,
      signal,
      (elapsed) => reports.waiting(elapsed, confirmMs, 'confirmation'),
    );
  } catch (error) {
    if (!isLeaderError(error)) throw error;
    return { is: 'unseen', why: error.message };
  }
  const returned = back();
  const afterMs = (reign: Reign | undefined): number => Math.max(0, (reign?.at ?? freedAt) - freedAt);
  if (returned !== undefined) return { is: 'came-back', by: deposed, afterMs: afterMs(returned) };
  const last = reigns().at(-1);
  if (last === undefined || last.by === null) return nobodyTookIt(aftermath, signal.aborted);
  return {
    is: 'taken-over',
    by: last.by,
    afterMs: afterMs(reigns()[0]),
    holder: signal.aborted ? null : await holderNow(cluster, clock, aftermath, last.by, signal),
    restarted: isStartedAgain(last.by, deposed, before.ref),
    confirmed: !signal.aborted,
  };
}
