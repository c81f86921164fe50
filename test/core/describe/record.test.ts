import { describe, expect, it } from 'vitest';
import type { NodeDetails, PodDetails } from '../../../src/core/describe/case-file.ts';
import { gapStatistics } from '../../../src/core/describe/gaps.ts';
import { incarnationOf } from '../../../src/core/describe/incarnation.ts';
import { isNeverPickedUp, strategyWords } from '../../../src/core/describe/strategy.ts';
import { recordOf } from '../../../src/core/lock.ts';
import type { LockReport } from '../../../src/core/report.ts';
import { half, holder, lock, renewal, SERVER_START } from '../cases.ts';

describe('gaps between renewals', () => {
  it.each([
    ['none', [], null],
    ['one', [2_000], { minMs: 2_000, medianMs: 2_000, maxMs: 2_000 }],
    ['an even number', [1_000, 4_000, 2_000, 3_000], { minMs: 1_000, medianMs: 2_500, maxMs: 4_000 }],
    ['an odd number', [9_000, 1_000, 2_000], { minMs: 1_000, medianMs: 2_000, maxMs: 9_000 }],
  ])('%s', (_name, gaps, expected) => {
    expect(gapStatistics(gaps)).toEqual(expected);
  });
});

describe('the strategy of a coordinated lock', () => {
  it.each([
    [null, null, null],
    ['OldestEmulationVersion', null, /oldest emulation version$/],
    ['OldestEmulationVersion', 'b_1', /; it prefers b_1 now$/],
    ['example.com/mine', null, /third party/],
  ] as const)('%s, preferring %s', (strategy, preferredHolder, expected) => {
    const words = strategyWords(recordOf(half({ strategy, preferredHolder }))!);
    if (expected === null) expect(words).toBeNull();
    else expect(words).toMatch(expected);
  });

  it.each([
    [
      'chosen, and never renewed',
      { strategy: 'OldestEmulationVersion', durationMs: 5_000, transitions: null },
      true,
    ],
    ['renewed since', { strategy: 'OldestEmulationVersion', durationMs: 15_000, transitions: null }, false],
    ["a third party's", { strategy: 'example.com/x', durationMs: 5_000, transitions: null }, false],
    ['no strategy', { strategy: null, durationMs: 5_000, transitions: null }, false],
    [
      'free',
      { strategy: 'OldestEmulationVersion', durationMs: 5_000, transitions: null, holderIdentity: '' },
      false,
    ],
  ])('%s', (_name, record, expected) => {
    expect(isNeverPickedUp(recordOf(half(record))!)).toBe(expected);
  });
});

describe('whether the holder is the process that acquired the lock', () => {
  const ACQUIRED = SERVER_START - 3_600_000;
  const pod = (startedAt: number | null, firstStartedAt = startedAt): PodDetails => ({
    namespace: 'apps',
    name: 'worker-1',
    phase: 'Running',
    status: 'Running',
    ready: true,
    restarts: 1,
    node: 'm1',
    serviceAccount: null,
    createdAt: ACQUIRED - 86_400_000,
    ...{ startedAt, firstStartedAt },
    lastExit: null,
  });
  const node: NodeDetails = { name: 'm1', status: 'Ready', readySince: null, lastHeartbeat: null };
  const report = (
    state: 'renewing' | 'silent',
    over: { identity?: string; acquireTime?: number | null; skew?: number | null } = {},
  ): LockReport => ({
    lock: lock(half(over.acquireTime === undefined ? {} : { acquireTime: over.acquireTime })),
    holder: holder('alive', over.identity === undefined ? {} : { identity: over.identity }),
    renewal: renewal(state, { holderSkewMs: over.skew ?? null }),
    verdict: 'Healthy',
    grade: 'watched',
    unproven: false,
    evidence: [],
    advice: [],
    candidates: null,
    heartbeat: null,
  });

  it.each([
    ['started before', report('renewing'), pod(ACQUIRED - 5_000), null, true, /started 5 s before/],
    ['started in the same second', report('renewing'), pod(ACQUIRED + 900), null, true, /yes/],
    ['restarted, and silent', report('silent'), pod(ACQUIRED + 60_000), null, false, /60 s after/],
    [
      'restarted, and goes on by name',
      report('renewing', { identity: 'worker-1' }),
      pod(ACQUIRED + 60_000),
      null,
      false,
      /same identity/,
    ],
    [
      'restarted, and goes on by UUID',
      report('renewing'),
      pod(ACQUIRED + 60_000),
      null,
      null,
      /one process makes up/,
    ],
    [
      'one of its containers restarted, and silent',
      report('silent'),
      pod(ACQUIRED + 60_000, ACQUIRED - 5_000),
      null,
      null,
      /one of its containers started .* not known/,
    ],
    ['no container', report('silent'), pod(null), null, false, /no container/],
    ['no acquire time', report('renewing', { acquireTime: null }), pod(0), null, null, /does not say when/],
    ['a clock that is off', report('renewing', { skew: 90_000 }), pod(ACQUIRED - 5_000), null, null, /clock/],
    ['only a node', report('renewing'), null, node, null, /a node does not tell/],
  ] as const)('%s', (_name, about, ofPod, ofNode, same, text) => {
    expect(incarnationOf(about, ofPod, ofNode)).toEqual({ same, text: expect.stringMatching(text) });
  });

  it('nothing is said where nothing was found', () => {
    expect(incarnationOf(report('renewing'), null, null)).toBeNull();
  });
});
