import type { LiveLock } from '../app/live-judge.ts';
import { halvesOf } from '../core/lock.ts';
import type { LockReport } from '../core/report.ts';
import type { Mono } from '../core/time.ts';
import { isBlind } from './geometry.ts';
import type { State } from './state.ts';

/** A lock as it can be told now. */
export interface Sighted {
  /** Its times counted up to now, or to when it was lost from sight: a clock is no observation. */
  report: LockReport;
  /** Since when nothing is known of it any more; null while it is seen. */
  lostAt: Mono | null;
}

/** Since when a watch that would tell of the lock is down. */
function lostSince(state: State, { lock }: LockReport): Mono | null {
  const { sightline } = state;
  if (sightline.state !== 'blind' || !isBlind(state)) return null;
  const down = halvesOf(lock).flatMap(({ ref }) => sightline.kinds[ref.kind] ?? []);
  return down.length === 0 ? null : Math.min(...down);
}

/** The lock as it reads now: times that were counted when it was judged have gone on since, as long as it is seen. */
export function sighted(state: State, lock: LiveLock): Sighted {
  const { report, at } = lock;
  const { renewal } = report;
  const lostAt = lostSince(state, report);
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
