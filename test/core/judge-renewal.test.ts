import { describe, expect, it } from 'vitest';
import { judgeRenewal } from '../../src/core/judge-renewal.ts';
import type { LockHalf } from '../../src/core/lock.ts';
import {
  beginObservation,
  connectedAt,
  disconnectedAt,
  foldSight,
  type Observation,
} from '../../src/core/observation.ts';
import { half, SERVER_CLOCK, SERVER_START } from './cases.ts';

const DAY = 86_400_000;

/** Judged at a moment at which the object was read once more, unchanged. */
function judgeAt(now: number, it: LockHalf, observation: Observation | null = null) {
  const confirmed = observation === null ? null : { ...observation, lastSight: now };
  return judgeRenewal({ half: it, observation: confirmed, now, serverClock: SERVER_CLOCK });
}

function renewedAt(ms: number, more: Parameters<typeof half>[1] = {}): LockHalf {
  return half({ renewTime: SERVER_START + ms }, more);
}

/** Watches from mono 0 on and sees the record change at these moments. */
function watch(
  first: LockHalf,
  changes: readonly number[],
  make = (ms: number) => renewedAt(ms),
): Observation {
  let observation = connectedAt(beginObservation(first, 0), 0);
  for (const at of changes) observation = foldSight(observation, make(at), at);
  return observation;
}

describe('before anything was watched, clocks give a provisional answer', () => {
  it.each([
    ['renewed a second ago', renewedAt(-1_000), 'renewing'],
    ['renewed just within its duration', renewedAt(-15_000), 'renewing'],
    ['overdue by more than the clocks may be off', renewedAt(-17_000), 'silent'],
    ['five days old', renewedAt(-5 * DAY), 'silent'],
    ['an hour in the future', renewedAt(3_600_000), 'undecided'],
    ['two seconds in the future is within tolerance', renewedAt(2_000), 'renewing'],
    ['no renewTime at all', half({ renewTime: null }), 'undecided'],
    [
      'an hour old with a duration of a day',
      half({ renewTime: SERVER_START - 3_600_000, durationMs: DAY }),
      'renewing',
    ],
    [
      'no duration recorded: the default of 15 s',
      half({ renewTime: SERVER_START - 20_000, durationMs: null }),
      'silent',
    ],
  ])('%s', (_name, it, state) => {
    expect(judgeAt(0, it)).toMatchObject({ state, grade: 'clock' });
  });

  it('times without a zone may be off by hours, so they accuse nobody', () => {
    const it = renewedAt(-5 * DAY);
    const zoneless = half({}, { content: { ...it.content, zoneless: true } as LockHalf['content'] });
    expect(judgeAt(0, zoneless).state).toBe('undecided');
    expect(judgeAt(19_400, zoneless, watch(zoneless, []))).toMatchObject({
      state: 'silent',
      grade: 'watched',
    });
  });

  it('cannot tell anything without the server clock', () => {
    const renewal = judgeRenewal({ half: renewedAt(-5 * DAY), observation: null, now: 0, serverClock: null });
    expect(renewal).toMatchObject({ state: 'undecided', grade: 'clock' });
  });
});

describe("the API server's own stamp is positive evidence only", () => {
  const stamped = (writeMs: number, renewMs: number) =>
    renewedAt(renewMs, { lastWrite: { manager: 'elector', at: SERVER_START + writeMs } });

  it('proves a renewal whatever the holder clock shows, and tells how far that clock is off', () => {
    expect(judgeAt(0, stamped(-2_000, -3_602_000))).toMatchObject({
      state: 'renewing',
      holderSkewMs: -3_600_000,
    });
    expect(judgeAt(0, stamped(-2_000, 3_598_000))).toMatchObject({
      state: 'renewing',
      holderSkewMs: 3_600_000,
    });
  });

  it('a server that keeps the stamp of the first write makes no clock look wrong', () => {
    expect(judgeAt(0, stamped(-9_000, -1_000))).toMatchObject({
      state: 'renewing',
      lastRenewedAgoMs: 1_000,
      holderSkewMs: null,
    });
  });

  it('the stamp of the write that created the object says nothing about the record in it', () => {
    const at = SERVER_START - 2_000;
    const restored = renewedAt(-5 * DAY, { createdAt: at, lastWrite: { manager: 'velero', at } });
    expect(judgeAt(0, restored).state).toBe('silent');
  });

  it('an old stamp accuses nobody: old servers keep the time of the first write', () => {
    expect(judgeAt(0, stamped(-30 * DAY, -1_000))).toMatchObject({ state: 'renewing' });
    expect(judgeAt(0, stamped(-30 * DAY, 3_600_000))).toMatchObject({ state: 'undecided' });
  });
});

describe('watching proves, on our own clock', () => {
  it('one change of the record is a renewal, whatever its times say', () => {
    const skewed = (ms: number) => half({ renewTime: SERVER_START + ms - 3_600_000 });
    const seen = judgeAt(2_500, skewed(2_000), watch(skewed(0), [2_000], skewed));
    expect(seen).toMatchObject({ state: 'renewing', grade: 'watched', seen: 1, lastRenewedAgoMs: 500 });
    expect(seen.holderSkewMs).toBe(-3_600_000);
  });

  it.each([
    ['not before the duration has passed', 14_900, 'silent', 'clock'],
    ['after the duration, when the clock agrees', 15_000, 'silent', 'watched'],
  ])('an overdue lock is proven silent: %s', (_name, now, state, grade) => {
    const frozen = renewedAt(-5 * DAY);
    expect(judgeAt(now, frozen, watch(frozen, []))).toMatchObject({ state, grade });
  });

  it('a renewal from the future is proven silent by watching alone, after duration and jitter', () => {
    const ahead = renewedAt(3_600_000);
    expect(judgeAt(19_000, ahead, watch(ahead, [])).state).toBe('undecided');
    expect(judgeAt(19_400, ahead, watch(ahead, []))).toMatchObject({ state: 'silent', grade: 'watched' });
  });

  it('a watch that may have gone deaf proves nothing until the unchanged object was read once more', () => {
    const frozen = renewedAt(-5 * DAY);
    const deaf = watch(frozen, []);
    const unread = judgeRenewal({ half: frozen, observation: deaf, now: 60_000, serverClock: SERVER_CLOCK });
    expect(unread).toMatchObject({ state: 'silent', grade: 'clock', unconfirmed: true });
    const read = foldSight(deaf, frozen, 60_000);
    expect(
      judgeRenewal({ half: frozen, observation: read, now: 60_100, serverClock: SERVER_CLOCK }),
    ).toMatchObject({
      grade: 'watched',
      unconfirmed: false,
    });
  });

  it('a holder that dies under our eyes is late first, then silent', () => {
    const seen = watch(renewedAt(0), [2_000, 4_000]);
    expect(judgeAt(6_000, renewedAt(4_000), seen).state).toBe('renewing');
    expect(judgeAt(15_000, renewedAt(4_000), seen).state).toBe('late');
    expect(judgeAt(24_000, renewedAt(4_000), seen)).toMatchObject({ state: 'silent', grade: 'watched' });
  });

  it('gaps close to the duration are late, ordinary ones are not, and old ones are forgotten', () => {
    const at = (changes: number[]) =>
      judgeAt((changes.at(-1) ?? 0) + 100, renewedAt(0), watch(renewedAt(0), changes));
    expect(at([2_000, 4_000, 6_000]).state).toBe('renewing');
    expect(at([2_000, 13_000]).state).toBe('late');
    expect(at([2_000, 13_000, 15_000, 17_000, 19_000, 21_000, 23_000]).state).toBe('renewing');
  });

  it('Camel renews late by design', () => {
    const camel = (ms: number) =>
      half({ durationMs: 30_000, renewTime: ms }, { labels: { provider: 'camel' } });
    expect(judgeAt(51_000, camel(50_000), watch(camel(0), [25_000, 50_000], camel)).state).toBe('renewing');
  });

  it('blind time never counts against a holder', () => {
    const frozen = renewedAt(-5 * DAY);
    const blind = disconnectedAt(watch(frozen, []), 5_000);
    expect(judgeAt(600_000, frozen, blind)).toMatchObject({ grade: 'clock', watchedSilenceMs: 5_000 });
    const again = connectedAt(blind, 600_000);
    expect(judgeAt(609_000, frozen, again).grade).toBe('clock');
    expect(judgeAt(610_000, frozen, again)).toMatchObject({ state: 'silent', grade: 'watched' });
  });

  it('a gap with blind time in it is not measured', () => {
    let seen = disconnectedAt(watch(renewedAt(0), [2_000]), 3_000);
    seen = foldSight(connectedAt(seen, 60_000), renewedAt(60_000), 60_000);
    expect(seen.gapsMs).toEqual([]);
    expect(judgeAt(61_000, renewedAt(60_000), seen).state).toBe('renewing');
  });

  it('an edit of labels is no renewal', () => {
    const frozen = renewedAt(-5 * DAY);
    const edited = { ...frozen, resourceVersion: '101', labels: { touched: 'yes' } };
    expect(foldSight(watch(frozen, []), edited, 3_000).seen).toBe(0);
  });
});

describe('locks that nobody holds, or that never renew', () => {
  it('free for a moment is undecided, free for long is silent', () => {
    const freed = (ms: number) =>
      half({ holderIdentity: '', durationMs: 1_000, renewTime: SERVER_START - ms });
    expect(judgeAt(0, freed(3_000)).state).toBe('undecided');
    expect(judgeAt(0, freed(120_000))).toMatchObject({ state: 'silent', grade: 'clock' });
    expect(judgeAt(60_000, freed(0), watch(freed(0), []))).toMatchObject({
      state: 'silent',
      grade: 'watched',
    });
  });

  it('a format without a heartbeat is perpetual', () => {
    expect(judgeAt(0, half({}, { heartbeat: null })).state).toBe('perpetual');
  });

  it('an invalid record is neither renewed nor silent', () => {
    expect(judgeAt(0, half({}, { content: { state: 'invalid', why: 'no JSON' } })).state).toBe('undecided');
  });
});
