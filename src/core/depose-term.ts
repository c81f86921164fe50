import { durationOf, silenceProofMs } from './judge-renewal.ts';
import { type LockHalf, recordOf } from './lock.ts';
import type { LockReport } from './report.ts';

/*
 * How long a deposer has to lead. An elector tries to renew every retry period and gives up once it could not for its
 * renew deadline; client-go insists that the deadline is shorter than the duration. So whoever held the lock when it was
 * taken has stopped one duration and one retry period later. Candidates must not take the lock before, so it is renewed
 * all that time: those of client-go before 0.27 do not even read the recorded duration, they go by their own.
 */

/** client-go's retry period, milliseconds. */
const RETRY_MS = 2_000;

/** A leader renews so many times in one duration, or every retry period if that is more often. */
const RENEWALS_A_DURATION = 7.5;

/** The share of its duration after which a leader that cannot renew gives up. */
const DEADLINE_SHARE = 2 / 3;

/**
 * The least time, as a share of the duration. A holder may try less often than it was watched for, and client-go insists
 * that a retry period and its jitter are shorter than the renew deadline.
 */
const LEAST_SHARE = 1.25;

/** The times by which a deposer leads, milliseconds. */
export interface Term {
  /** The recorded duration, of a multilock the longer one. */
  durationMs: number;
  /** From the moment at which the lock is taken until it is freed. */
  holdMs: number;
  renewEveryMs: number;
  /** Without a renewal for so long the deposer gives up. */
  deadlineMs: number;
}

/** How long the holder takes between two tries, by what was seen of it; 0 if nothing was. A gap longer than the duration is none. */
function retryPeriodMs({ renewal }: LockReport, durationMs: number): number {
  return Math.min(durationMs, Math.max(0, ...renewal.gapsMs));
}

/** The times for these halves of a lock. `askedMs`: how long to hold it at least, milliseconds; null for as long as needed. */
export function termOf(report: LockReport, halves: readonly LockHalf[], askedMs: number | null): Term {
  const records = halves.map(recordOf);
  const all = records.map(durationOf);
  const [durationMs, shortestMs] = [Math.max(...all), Math.min(...all)];
  return {
    durationMs,
    holdMs: Math.max(
      ...records.map(silenceProofMs),
      durationMs + retryPeriodMs(report, durationMs),
      durationMs * LEAST_SHARE,
      askedMs ?? 0,
    ),
    renewEveryMs: Math.min(RETRY_MS, shortestMs / RENEWALS_A_DURATION),
    deadlineMs: shortestMs * DEADLINE_SHARE,
  };
}
