import { describe, expect, it } from 'vitest';
import type { Presence } from '../../src/core/holder.ts';
import { type Case, judgeLock } from '../../src/core/judge.ts';
import { beginObservation, foldSight } from '../../src/core/observation.ts';
import type { RenewalState } from '../../src/core/renewal.ts';
import type { VerdictCode } from '../../src/core/verdict.ts';
import { half, holder, lock, renewal, SERVER_START } from './cases.ts';

const HOLDER = 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

function facts(over: Partial<Case> = {}): Case {
  return {
    lock: lock(),
    holder: holder('alive'),
    renewal: renewal('renewing'),
    observation: null,
    candidates: null,
    now: 0,
    serverTime: SERVER_START,
    commonCause: false,
    ...over,
  };
}

describe('the matrix of presence and renewal', () => {
  const presences: Presence[] = ['alive', 'failing', 'gone', 'unmatched', 'unknown', 'nobody'];
  const table: Record<RenewalState, VerdictCode[]> = {
    renewing: ['Healthy', 'Failing', 'Ghost', 'Stranger', 'Healthy', 'Undecided'],
    late: ['Late', 'Failing', 'Ghost', 'Stranger', 'Late', 'Undecided'],
    silent: ['Frozen', 'Orphaned', 'Orphaned', 'Orphaned', 'Silent', 'Leaderless'],
    perpetual: ['Held', 'Orphaned', 'Orphaned', 'Held', 'Held', 'Vacant'],
    undecided: ['Undecided', 'Undecided', 'Undecided', 'Undecided', 'Undecided', 'Vacant'],
  };
  const cells = (Object.keys(table) as RenewalState[]).flatMap((state) =>
    presences.map((presence, column) => [state, presence, table[state][column] as VerdictCode] as const),
  );
  it.each(cells)('%s and %s: %s', (state, presence, verdict) => {
    expect(judgeLock(facts({ renewal: renewal(state), holder: holder(presence) })).verdict).toBe(verdict);
  });
});

describe('cells that need to know whether anybody could take over', () => {
  it.each([
    ['gone', 0, 'Abandoned'],
    ['gone', 2, 'Orphaned'],
    ['gone', null, 'Orphaned'],
    ['unmatched', 0, 'Abandoned'],
  ] as const)('silent and %s with %s candidates: %s', (presence, candidates, verdict) => {
    const report = judgeLock(facts({ renewal: renewal('silent'), holder: holder(presence), candidates }));
    expect(report.verdict).toBe(verdict);
  });

  it('an outage, not a leftover, as long as the workload is there', () => {
    const workload = { kind: 'deployment', namespace: 'apps', name: 'worker' };
    const gone = holder('gone', { workload });
    expect(judgeLock(facts({ renewal: renewal('silent'), holder: gone, candidates: 0 })).verdict).toBe(
      'Orphaned',
    );
  });

  it('free with no candidate running is leaderless at once, otherwise only when nobody takes it', () => {
    const free = { holder: holder('nobody', { identity: null }), renewal: renewal('undecided') };
    expect(judgeLock(facts({ ...free, candidates: 0 })).verdict).toBe('Leaderless');
    expect(judgeLock(facts({ ...free, candidates: 2 })).verdict).toBe('Vacant');
    expect(judgeLock(facts({ ...free, candidates: null })).verdict).toBe('Vacant');
  });
});

describe('beside the matrix', () => {
  it('an invalid record comes before everything', () => {
    const invalid = half({}, { content: { state: 'invalid', why: 'the annotation is no JSON' } });
    const report = judgeLock(facts({ lock: lock(invalid), holder: holder('nobody') }));
    expect(report).toMatchObject({ verdict: 'Invalid', grade: 'watched' });
    expect(report.evidence[0]?.text).toBe('the annotation is no JSON');
  });

  it('two halves that disagree are split; a half left behind is not', () => {
    const other = half(
      { holderIdentity: 'other' },
      { ref: { kind: 'endpoints', namespace: 'apps', name: 'worker' } },
    );
    expect(judgeLock(facts({ lock: lock(half(), { secondary: other, pairing: 'split' }) })).verdict).toBe(
      'Split',
    );
    const leftover = judgeLock(facts({ lock: lock(half(), { secondary: other, pairing: 'leftover-half' }) }));
    expect(leftover.verdict).toBe('Healthy');
    expect(leftover.evidence.map(({ text }) => text).join()).toContain('no longer used');
  });

  it('holders that alternate while watched are flapping', () => {
    const held = (by: string, n: number) => half({ holderIdentity: by, transitions: n });
    let seen = beginObservation(held('a', 1), 0);
    seen = foldSight(seen, held('b', 2), 20_000);
    expect(judgeLock(facts({ observation: seen, now: 20_000 })).verdict).toBe('Healthy');
    seen = foldSight(seen, held('a', 3), 40_000);
    const report = judgeLock(facts({ observation: seen, now: 40_000 }));
    expect(report).toMatchObject({ verdict: 'Flapping', grade: 'watched' });
    expect(judgeLock(facts({ observation: seen, now: 2_000_000 })).verdict).toBe('Healthy');
  });

  it('many transitions in a short life are flapping; many in a long one are not', () => {
    const lived = (ms: number) =>
      lock(half({ transitions: 40, acquireTime: SERVER_START - 60_000 }, { createdAt: SERVER_START - ms }));
    expect(judgeLock(facts({ lock: lived(3_600_000) }))).toMatchObject({
      verdict: 'Flapping',
      grade: 'clock',
    });
    expect(judgeLock(facts({ lock: lived(90 * 86_400_000) })).verdict).toBe('Healthy');
  });

  it('a record older than its object was moved here, and its transitions are of another life', () => {
    const moved = half(
      { transitions: 400, acquireTime: SERVER_START - 3 * 86_400_000 },
      { createdAt: SERVER_START - 60_000 },
    );
    expect(judgeLock(facts({ lock: lock(moved) })).verdict).toBe('Healthy');
  });

  it('a ghost that flaps is still a ghost', () => {
    const young = lock(half({ transitions: 40 }, { createdAt: SERVER_START - 3_600_000 }));
    expect(judgeLock(facts({ lock: young, holder: holder('gone') })).verdict).toBe('Ghost');
  });
});

describe('a hand-over between coordinated candidates', () => {
  const coordinated = { strategy: 'OldestEmulationVersion', preferredHolder: 'worker-2_x' };
  const yielding = (ago: number, over: Parameters<typeof half>[0] = coordinated) =>
    judgeLock(facts({ lock: lock(half(over)), renewal: renewal('silent', { lastRenewedAgoMs: ago }) }));

  it.each([
    ['a moment after the holder stopped', 20_000, coordinated, 'Yielding'],
    ['long after the lock ran out', 600_000, coordinated, 'Frozen'],
    ['nobody preferred', 20_000, { ...coordinated, preferredHolder: null }, 'Frozen'],
    ['no strategy', 20_000, { ...coordinated, strategy: null }, 'Frozen'],
    ['the holder itself preferred', 20_000, { ...coordinated, preferredHolder: HOLDER }, 'Frozen'],
  ])('%s', (_name, ago, over, verdict) => {
    expect(yielding(ago, over).verdict).toBe(verdict);
  });

  it('says who is to take over, and to wait', () => {
    const report = yielding(20_000);
    expect(report.evidence[0]?.text).toMatch(/prefers worker-2_x/);
    expect(report.advice[0]).toMatch(/^Do not release: wait/);
  });
});

describe('what is said with a verdict', () => {
  it('a step that can be typed comes with its command', () => {
    const report = judgeLock(facts({ holder: holder('gone') }));
    expect(report.advice[1]).toMatch(/: kubectl leader depose apps\/lease\/worker$/);
  });

  it('healthy without the right to look is said to be unproven', () => {
    expect(judgeLock(facts({ holder: holder('unknown') })).unproven).toBe(true);
    expect(judgeLock(facts({ holder: holder('alive') })).unproven).toBe(false);
  });

  it('never advises to free a lock when many are in trouble together', () => {
    const report = judgeLock(facts({ renewal: renewal('silent'), commonCause: true }));
    expect(report.advice).toHaveLength(1);
    expect(report.advice[0]).toMatch(/^Do not release/);
  });

  it('warns first of all that deleting does not help against a ghost', () => {
    expect(judgeLock(facts({ holder: holder('gone') })).advice[0]).toMatch(/^Do not delete/);
  });
});
