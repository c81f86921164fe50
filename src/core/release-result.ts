import type { LeaderError } from './errors.ts';
import type { Change } from './release-change.ts';
import type { ReleaseOutcome } from './release-outcome.ts';
import type { ReleaseStep } from './release-steps.ts';
import type { LockReport } from './report.ts';
import type { Mono } from './time.ts';

/** What became of one write. */
export type WriteResult =
  /** `at`: when it was sent. `answered` is false where the answer was lost and what was seen afterwards tells. */
  | { is: 'written'; at: Mono; answered: boolean }
  /** Answered 409: nothing was written. `report` is the lock judged anew, null if it is gone. */
  | { is: 'conflict'; change: Change; report: LockReport | null }
  /** Refused, or never arrived: nothing was written. */
  | { is: 'failed'; error: LeaderError }
  /** No answer came, and what is stored does not tell whether it happened. `now`: who holds it, if that could be read. */
  | { is: 'unknown'; error: LeaderError; now: { holder: string | null } | null };

/** A write that was sent. */
export interface StepResult {
  step: ReleaseStep;
  result: WriteResult;
}

/** What was seen after the writes: the outcome, or why there is none. */
export type Aftermath =
  | ReleaseOutcome
  /** Nobody looked, as was asked for. */
  | { is: 'not-waited' }
  | { is: 'unseen'; error: LeaderError };

/** Everything that was done, and what came of it. */
export interface ReleaseResult {
  /** Files with the objects as they were, in the order of the steps. */
  backups: readonly { step: ReleaseStep; path: string }[];
  /** Every write that was sent, in order; after one that did not succeed none is. */
  writes: readonly StepResult[];
  /** Null if nothing was written. */
  aftermath: Aftermath | null;
  /** How long was waited for somebody to take the lock, milliseconds. */
  waitedMs: number;
  /** Asked to end: what had begun was brought to an end first. */
  interrupted: boolean;
}
