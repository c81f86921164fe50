import { expect, it } from 'vitest';
import { serverNow, withReading } from '../../src/core/server-clock.ts';

const HOUR = 3_600_000;

/** What a server sends whose clock was 1,000,000 ms when ours was 0, as read at `receivedAt`. */
function reading(receivedAt: number, roundTripMs: number, aheadMs = 0) {
  return { at: Math.floor((1_000_000 + receivedAt + aheadMs) / 1000) * 1000, receivedAt, roundTripMs };
}

const SHARP = reading(0, 10);

const CASES: [
  name: string,
  readings: ReturnType<typeof reading>[],
  now: number,
  expected: number,
  within: number,
][] = [
  ['the sharpest of two that agree', [SHARP, reading(60_400, 2_000)], 60_400, 1_060_900, 0],
  ['a sharper one that agrees', [reading(0, 400), reading(60_000, 10)], 60_000, 1_060_500, 0],
  [
    'a later one that contradicts it, however blunt',
    [SHARP, reading(9_000, 900, 8 * HOUR)],
    9_000,
    8 * HOUR + 1_009_000,
    1_500,
  ],
  [
    'one from before that is told late',
    [reading(9_000, 900, 8 * HOUR), SHARP],
    9_000,
    8 * HOUR + 1_009_000,
    1_500,
  ],
  ['what held before, for what was seen before', [SHARP, reading(9_000, 900, 8 * HOUR)], 5_000, 1_005_500, 0],
  [
    'what held before, also after a sharper one',
    [SHARP, reading(9_000, 900, 8 * HOUR), reading(20_000, 5, 8 * HOUR)],
    5_000,
    1_005_500,
    0,
  ],
];

it.each(CASES)('the time of an API server goes by %s', (_, readings, now, expected, within) => {
  const [first, ...rest] = readings;
  const clock = rest.reduce(withReading, withReading(null, first!));
  expect(Math.abs(serverNow(clock, now) - expected)).toBeLessThanOrEqual(within);
});
