import type { LiveLock } from '../app/live-judge.ts';
import type { LockReport } from '../core/report.ts';
import type { Mono } from '../core/time.ts';
import { blindSince } from './geometry.ts';
import { missedBeats } from './pulse.ts';
import type { State } from './state.ts';

/** A lock as it can be told now. */
export interface Sighted {
  /** Its times counted up to now, or to when it was lost from sight: a clock is no observation. */
  report: LockReport;
  /** Since when nothing is known of it any more; null while it is seen. */
  lostAt: Mono | null;
}

/**
 * Blindness may be that of one kind of lock only: a lock whose renewals come in since then, through its watch, is seen.
 * With the first that does not come that is over, as its own watch may be the next that is down.
 */
function lostSince({ report, at }: LiveLock, blind: Mono | null, now: Mono): Mono | null {
  const { lastRenewedAgoMs, seen, watchedSilenceMs } = report.renewal;
  if (blind === null || lastRenewedAgoMs === null || seen === 0) return blind;
  const renewedAt = at - lastRenewedAgoMs;
  const isWatched = renewedAt > blind && watchedSilenceMs > 0;
  return isWatched && missedBeats(report, now - renewedAt) === 0 ? null : Math.max(blind, renewedAt);
}

/** The lock as it reads now: times that were counted when it was judged have gone on since, as long as it is seen. */
export function sighted(state: State, lock: LiveLock): Sighted {
  const { report, at } = lock;
  const { renewal } = report;
  const lostAt = lostSince(lock, blindSince(state), state.now);
  const since = lostAt === null ? Math.max(0, state.now - at) : lostAt - at;
  if (since === 0 || renewal.lastRenewedAgoMs === null) return { report, lostAt };
  const watched = renewal.watchedSilenceMs === 0 ? 0 : Math.max(0, since);
  const aged = {
    ...renewal,
    lastRenewedAgoMs: Math.max(0, renewal.lastRenewedAgoMs + since),
    watchedSilenceMs: renewal.watchedSilenceMs + watched,
  };
  return { report: { ...report, renewal: aged }, lostAt };
}
