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
    absence: null,
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

describe('a holder that is nowhere, though its lock was renewed a moment ago', () => {
  const first = beginObservation(half(), 0);
  const renewedAt = (at: number) => foldSight(first, half({ renewTime: SERVER_START + at }), at);
  const absence = (knownSince: number, seenThere: boolean) => ({ identity: HOLDER, knownSince, seenThere });

  it.each([
    [
      'renewed after it had vanished',
      renewedAt(6_000),
      absence(5_000, true),
      'Ghost watched',
      'Stranger watched',
    ],
    [
      'vanished while watched, not renewed since',
      renewedAt(4_000),
      absence(5_000, true),
      'Undecided clock',
      'Undecided clock',
    ],
    [
      'vanished in the moment of its renewal',
      renewedAt(5_000),
      absence(5_000, true),
      'Undecided clock',
      'Undecided clock',
    ],
    [
      'vanished while watched, never seen to renew',
      first,
      absence(5_000, true),
      'Undecided clock',
      'Undecided clock',
    ],
    [
      'never found, and not renewed since',
      renewedAt(4_000),
      absence(5_000, false),
      'Ghost clock',
      'Stranger clock',
    ],
    [
      'never found, and renewed since',
      renewedAt(6_000),
      absence(5_000, false),
      'Ghost watched',
      'Stranger watched',
    ],
    [
      'another one had vanished',
      renewedAt(4_000),
      { ...absence(5_000, true), identity: 'b' },
      'Ghost watched',
      'Stranger watched',
    ],
  ] as const)('%s: %s', (_name, observation, known, gone, unmatched) => {
    const verdict = (presence: Presence, state: RenewalState) => {
      const report = judgeLock(
        facts({ renewal: renewal(state), holder: holder(presence), observation, absence: known, now: 7_000 }),
      );
      return `${report.verdict} ${report.grade}`;
    };
    expect(verdict('gone', 'renewing')).toBe(gone);
    expect(verdict('gone', 'late')).toBe(gone);
    expect(verdict('unmatched', 'renewing')).toBe(unmatched);
    expect(verdict('gone', 'silent')).toBe('Orphaned watched');
  });

  it('is told since when, and until when it keeps candidates out', () => {
    const report = judgeLock(
      facts({
        renewal: renewal('renewing', { lastRenewedAgoMs: 6_000 }),
        holder: holder('gone'),
        observation: renewedAt(4_000),
        absence: absence(7_000, true),
        now: 10_000,
      }),
    );
    expect(report.evidence[0]?.text).toBe(
      'its holder was there and is nowhere any more, as found 3 s ago, and has not renewed since: it runs out in 9 s, unless one more renewal shows that its process runs on',
    );
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

  const DEPOSER = 'kubectl-leader-depose_ann@desk_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';
  it.each([
    ['freed by the deposer', ['a', DEPOSER, '', 'b'], 'Healthy'],
    ['run out under the deposer', ['a', DEPOSER, 'b'], 'Healthy'],
    ['taken back by the same holder', ['a', DEPOSER, '', 'a'], 'Healthy'],
    ['taken and lost again afterwards', ['a', DEPOSER, '', 'b', 'c'], 'Flapping'],
    ['deposed twice', ['a', DEPOSER, '', 'b', DEPOSER, '', 'c'], 'Flapping'],
    ['an identity that only resembles a deposer', ['a', 'x-kubectl-leader-depose_ann', 'b'], 'Flapping'],
  ] as const)('a deposition is one change of holder at most: %s', (_, holders, verdict) => {
    const [first, ...rest] = holders.map((by, n) => half({ holderIdentity: by, transitions: n }));
    const seen = rest.reduce((o, sight, n) => foldSight(o, sight, n * 1_000), beginObservation(first!, 0));
    expect(judgeLock(facts({ observation: seen, now: 20_000 })).verdict).toBe(verdict);
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

describe('a lock that this tool holds to depose its leader', () => {
  const deposing = (state: 'renewing' | 'late' | 'silent', heldMs: number) => {
    const record = {
      holderIdentity: 'kubectl-leader-depose_jane@laptop_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11',
      acquireTime: SERVER_START - heldMs,
    };
    const unmatched = { ...holder('unmatched'), identity: record.holderIdentity };
    return judgeLock(
      facts({ lock: lock(half(record)), holder: unmatched, renewal: renewal(state, {}), candidates: 1 }),
    );
  };

  it.each([
    ['held for a moment', 'renewing', 5_000, 'Yielding'],
    ['renewed late', 'late', 5_000, 'Yielding'],
    ['held for longer than any deposition takes', 'renewing', 600_000, 'Stranger'],
    ['given up', 'silent', 40_000, 'Orphaned'],
  ] as const)('%s', (_name, state, heldMs, verdict) => {
    expect(deposing(state, heldMs).verdict).toBe(verdict);
  });

  it('says who deposes, and to wait', () => {
    const report = deposing('renewing', 5_000);
    expect(report.evidence[0]?.text).toMatch(/^jane@laptop deposes whoever led/);
    expect(report.advice).toEqual([expect.stringMatching(/^Wait: it is being deposed/)]);
  });
});

describe('what is said with a verdict', () => {
  it('a step that can be typed comes with its command', () => {
    const report = judgeLock(facts({ holder: holder('gone') }));
    expect(report.advice[1]).toMatch(/: kubectl leader depose apps\/lease\/worker$/);
  });

  it('an abandoned record is taken out of an object that may hold other data, by a command for just this version', () => {
    const old = half(
      {},
      { ref: { kind: 'configmap', namespace: 'apps', name: 'worker' }, format: 'annotation' },
    );
    const report = judgeLock(
      facts({ lock: lock(old), holder: holder('gone'), renewal: renewal('silent'), candidates: 0 }),
    );
    expect(report.verdict).toBe('Abandoned');
    expect(report.advice.at(-1)).toMatch(
      /: kubectl -n apps annotate configmaps worker control-plane\.alpha\.kubernetes\.io\/leader- --resource-version=\S+$/,
    );
  });

  it('an identity that names nothing is no question of rights', () => {
    const opaque = half({ holderIdentity: '5e3c9a1e-7f0b-4f6e-9a52-0b6a1f3d2c11' });
    const unknown = { ...holder('unknown'), identity: '5e3c9a1e-7f0b-4f6e-9a52-0b6a1f3d2c11' };
    const report = judgeLock(facts({ lock: lock(opaque), holder: unknown, renewal: renewal('silent') }));
    expect([report.verdict, report.advice.length]).toEqual(['Silent', 1]);
    expect(report.advice[0]).toMatch(/cannot be told from its identity, which names nothing/);
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
