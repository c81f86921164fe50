import type { Instant, Mono } from './time.ts';

/** The API server's clock as read from one answer's `Date` header. */
interface Reading {
  at: Instant;
  receivedAt: Mono;
  roundTripMs: number;
}

/** The API server's clock, carried on from one reading by our own monotonic clock. */
export interface ServerClock extends Reading {
  /** The reading that held until a later one contradicted it, for what was seen before; absent if none ever did. */
  earlier?: Reading & { until: Mono };
}

/** A `Date` header has whole seconds: on average half a second has passed since. */
const DATE_GRAIN_MS = 1000;

/** The API server's time at `now`, the grain of the header evened out. */
export function serverNow(clock: ServerClock, now: Mono): Instant {
  const { earlier } = clock;
  const { at, receivedAt } = earlier !== undefined && now < earlier.until ? earlier : clock;
  return at + DATE_GRAIN_MS / 2 + (now - receivedAt);
}

/** How far `serverNow` may be off either way, milliseconds: the header's grain, and the answer's time under way. */
export function serverUncertaintyMs(clock: Reading): number {
  return DATE_GRAIN_MS / 2 + clock.roundTripMs;
}

function contradict(clock: ServerClock, reading: Reading): boolean {
  const { receivedAt } = reading;
  const apartMs = Math.abs(serverNow(reading, receivedAt) - serverNow(clock, receivedAt));
  return apartMs > serverUncertaintyMs(clock) + serverUncertaintyMs(reading);
}

/**
 * The clock after one more reading. The one with the shortest round trip is the most exact; but where the two are
 * further apart than both may be off, our monotonic clock stood still (a machine that slept) or the server's was set,
 * and the later one counts.
 */
export function withReading(clock: ServerClock | null, reading: Reading): ServerClock {
  if (clock === null) return reading;
  if (contradict(clock, reading)) {
    const { at, receivedAt, roundTripMs } = clock;
    if (reading.receivedAt < receivedAt) return clock;
    return { ...reading, earlier: { at, receivedAt, roundTripMs, until: reading.receivedAt } };
  }
  return reading.roundTripMs <= clock.roundTripMs ? { ...clock, ...reading } : clock;
}
