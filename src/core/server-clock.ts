import type { Instant, Mono } from './time.ts';

/** The API server's clock as read from one answer's `Date` header, carried on by our own monotonic clock. */
export interface ServerClock {
  at: Instant;
  receivedAt: Mono;
  roundTripMs: number;
}

/** A `Date` header has whole seconds: on average half a second has passed since. */
const DATE_GRAIN_MS = 1000;

/** The API server's time at `now`, the grain of the header evened out. */
export function serverNow(clock: ServerClock, now: Mono): Instant {
  return clock.at + DATE_GRAIN_MS / 2 + (now - clock.receivedAt);
}

/** How far `serverNow` may be off either way, milliseconds: the header's grain, and the answer's time under way. */
export function serverUncertaintyMs(clock: ServerClock): number {
  return DATE_GRAIN_MS / 2 + clock.roundTripMs;
}
