import type { Standing } from '../core/depose-standing.ts';
import type { Term } from '../core/depose-term.ts';
import type { LeaderError } from '../core/errors.ts';
import type { LockRef } from '../core/lock.ts';
import type { Mono } from '../core/time.ts';
import type { Claimant } from './claimant.ts';
import type { Clock } from './ports.ts';

/** How often progress is told, milliseconds. */
const TICK_MS = 250;

/** The shortest time that an answer to a renewal is waited for, milliseconds; client-go has the same. */
const SHORTEST_ANSWER_MS = 1_000;

/** How the holding of a lock ended. */
export type Held =
  /** For as long as was asked, or until the user wanted to leave: it is ours still. */
  | { is: 'done' }
  /** Somebody else wrote it. */
  | { is: 'lost'; ref: LockRef; standing: Standing }
  /** No renewal for as long as a leader may go without. `renewedAt`: when the last one was sent that may have arrived. */
  | { is: 'cut-off'; ref: LockRef; error: LeaderError; renewedAt: Mono };

export interface HoldReports {
  renewed(ref: LockRef): void;
  notRenewed(ref: LockRef, error: LeaderError): void;
  waiting(elapsedMs: number, forMs: number): void;
}

interface Renewing {
  claimant: Claimant;
  renewedAt: Mono;
}

/** One renewal of one half. Null if it may go on, renewed or not. */
async function renew(
  one: Renewing,
  { deadlineMs }: Term,
  clock: Clock,
  reports: HoldReports,
): Promise<Held | null> {
  const { claimant } = one;
  const { ref } = claimant;
  const result = await claimant.renew(Math.max(SHORTEST_ANSWER_MS, deadlineMs / 2));
  switch (result.is) {
    case 'written':
      one.renewedAt = result.at;
      reports.renewed(ref);
      return null;
    case 'stopped':
      return { is: 'lost', ref, standing: result.standing };
    default: {
      reports.notRenewed(ref, result.error);
      const over = clock.mono() - one.renewedAt >= deadlineMs;
      return over
        ? { is: 'cut-off', ref, error: result.error, renewedAt: claimant.oursSince ?? one.renewedAt }
        : null;
    }
  }
}

/**
 * Renews what was taken at `takenAt` until the term is over, on our monotonic clock: a leader like any other. An abort
 * ends it early.
 */
export async function hold(
  claimants: readonly Claimant[],
  takenAt: Mono,
  term: Term,
  clock: Clock,
  signal: AbortSignal,
  reports: HoldReports,
): Promise<Held> {
  const halves = claimants.map(
    (claimant): Renewing => ({ claimant, renewedAt: claimant.oursSince ?? takenAt }),
  );
  const end = takenAt + term.holdMs;
  let due = Math.min(...halves.map(({ renewedAt }) => renewedAt)) + term.renewEveryMs;
  for (let now = clock.mono(); now < end && !signal.aborted; now = clock.mono()) {
    reports.waiting(now - takenAt, term.holdMs);
    if (now >= due) {
      due = now + term.renewEveryMs;
      for (const half of halves) {
        const over = await renew(half, term, clock, reports);
        if (over !== null) return over;
      }
      continue;
    }
    await clock.sleep(Math.min(TICK_MS, due - now, end - now), signal);
  }
  return { is: 'done' };
}
