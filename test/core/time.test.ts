import { describe, expect, it } from 'vitest';
import {
  durationFlag,
  formatMicroTime,
  formatSecondTime,
  humanDuration,
  parseDurationFlag,
  parseRfc3339,
  proseDuration,
} from '../../src/core/time.ts';

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
const Y = 365 * D;

describe("kubectl's AGE", () => {
  it.each([
    [-2 * S, '<invalid>'],
    [-1 * S, '0s'],
    [0, '0s'],
    [119 * S, '119s'],
    [2 * M, '2m'],
    [9 * M + 59 * S, '9m59s'],
    [10 * M, '10m'],
    [179 * M, '179m'],
    [3 * H, '3h'],
    [3 * H + M, '3h1m'],
    [7 * H + 59 * M, '7h59m'],
    [8 * H, '8h'],
    [47 * H, '47h'],
    [2 * D, '2d'],
    [2 * D + H, '2d1h'],
    [7 * D + 23 * H, '7d23h'],
    [8 * D, '8d'],
    [729 * D, '729d'],
    [2 * Y, '2y'],
    [2 * Y + D, '2y1d'],
    [7 * Y + 364 * D, '7y364d'],
    [8 * Y, '8y'],
  ])('%d ms is %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});

describe('durations in prose', () => {
  it.each([
    [0, '0 s'],
    [1_540, '1.5 s'],
    [2_000, '2 s'],
    [15_400, '15 s'],
    [180_000, '3m'],
    [-3_600_000, '-60m'],
  ])('%d ms is %s', (ms, text) => {
    expect(proseDuration(ms)).toBe(text);
  });
});

describe('times of records', () => {
  it.each([
    ['2024-01-02T03:04:05Z', Date.UTC(2024, 0, 2, 3, 4, 5)],
    ['2024-01-02T03:04:05.123456Z', Date.UTC(2024, 0, 2, 3, 4, 5, 123)],
    ['2024-01-02T05:04:05+02:00', Date.UTC(2024, 0, 2, 3, 4, 5)],
    ['2024-01-02 03:04:05', null],
    ['2024-01-02T03:04:05', null],
    ['2024-13-02T03:04:05Z', null],
    ['', null],
    [null, null],
    [1704164645, null],
  ])('%j', (text, at) => {
    expect(parseRfc3339(text)).toBe(at);
  });

  it('are written as the API server takes them', () => {
    const at = Date.UTC(2024, 0, 2, 3, 4, 5, 67);
    expect(formatMicroTime(at)).toBe('2024-01-02T03:04:05.067000Z');
    expect(formatSecondTime(at)).toBe('2024-01-02T03:04:05Z');
  });
});

describe('durations as flags', () => {
  it.each([
    [0, '0s'],
    [20, '20s'],
    [60, '1m'],
    [145, '2m25s'],
    [3_600, '1h'],
    [3_605, '1h5s'],
    [90_061, '25h1m1s'],
  ])('%d s is %s, which a flag takes', (seconds, text) => {
    expect(durationFlag(seconds)).toBe(text);
    expect(parseDurationFlag(text)).toBe(seconds * 1000);
  });
});

describe('duration flags, as kubectl takes them', () => {
  it.each([
    ['0', 0],
    ['30', 30_000],
    ['15s', 15_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['', null],
    ['-5s', null],
    ['15 s', null],
    ['s', null],
    ['1d', null],
  ])('%j is %j ms', (text, ms) => {
    expect(parseDurationFlag(text)).toBe(ms);
  });
});
