import { durationOf } from '../core/judge-renewal.ts';
import { holderOf, recordOf } from '../core/lock.ts';
import type { LockReport } from '../core/report.ts';
import { humanDuration } from '../core/time.ts';

/** How many beats the strip shows. */
export const PULSE_CELLS = 10;

const BEAT = '|';
const MISSED = '.';

/** Two renewals closer together than this came late in one packet: they say nothing about the rhythm. */
const NO_GAP_MS = 100;

/** Of client-go's default, a renewal every 2 s of a duration of 15 s, for as long as nothing better is known. */
const USUAL_SHARE = 2 / 15;

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** How often this lock is usually renewed, milliseconds. */
function rhythmOf({ lock, renewal }: LockReport): number {
  const usual = median(renewal.gapsMs.filter((gap) => gap > NO_GAP_MS));
  return usual ?? durationOf(recordOf(lock.primary)) * USUAL_SHARE;
}

/** The beats missed in a time without a renewal; half a beat more is only jitter. */
function missedIn(ms: number, rhythmMs: number): number {
  return Math.max(0, Math.round(ms / rhythmMs) - 1);
}

/**
 * The renewals seen, the newest at the right: `||||..||||`. A point stands for a renewal that did not come; nothing for
 * what was not watched.
 */
export function pulseOf(report: LockReport): string {
  const { renewal } = report;
  if (renewal.state === 'perpetual' || holderOf(report.lock.primary) === null) return '';
  const rhythm = rhythmOf(report);
  const silence = MISSED.repeat(Math.min(PULSE_CELLS, missedIn(renewal.watchedSilenceMs, rhythm)));
  if (renewal.seen === 0) return silence;
  const beats = renewal.gapsMs.slice(-PULSE_CELLS).map((gap) => {
    return MISSED.repeat(Math.min(PULSE_CELLS, missedIn(gap, rhythm))) + BEAT;
  });
  return `${BEAT}${beats.join('')}${silence}`.slice(-PULSE_CELLS);
}

/** How long until candidates may take the lock, in words; a renewal puts it off, so that one that is not seen tells nothing. */
export function timeLeft({ lock, renewal }: LockReport, isLost: boolean): string {
  if (recordOf(lock.primary) === null || renewal.state === 'perpetual') return '-';
  if (isLost) return '?';
  if (holderOf(lock.primary) === null) return 'free';
  if (renewal.lastRenewedAgoMs === null) return '?';
  const leftMs = durationOf(recordOf(lock.primary)) - renewal.lastRenewedAgoMs;
  return leftMs <= 0 ? 'over' : humanDuration(leftMs);
}
