import { describe, expect, it } from 'vitest';
import { findCommonCause } from '../../src/core/common-cause.ts';
import type { Presence } from '../../src/core/holder.ts';
import type { RenewalState } from '../../src/core/renewal.ts';
import type { LockReport } from '../../src/core/report.ts';
import { half, holder, lock, renewal } from './cases.ts';

const POD = {
  namespace: 'apps',
  name: '',
  status: 'Running',
  ready: true,
  restarts: 0,
  podIPs: [],
  node: null,
  detailed: false,
  hostname: null,
  subdomain: null,
  hostNetwork: null,
  createdAt: null,
  deletedAt: null,
  containersStartedAt: [],
  owner: null,
};

function report(
  holderIdentity: string,
  state: RenewalState,
  agoMs: number,
  presence: Presence = 'alive',
): LockReport {
  return {
    lock: lock(half({ holderIdentity })),
    holder: holder(presence, { identity: holderIdentity }),
    renewal: renewal(state, { lastRenewedAgoMs: agoMs }),
    verdict: 'Healthy',
    grade: 'watched',
    unproven: false,
    evidence: [],
    advice: [],
    candidates: null,
    heartbeat: null,
  };
}

describe('locks in trouble together have a cause together', () => {
  it('three of four, silent since the same moment, under different holders', () => {
    const cause = findCommonCause([
      report('a', 'silent', 20_000),
      report('b', 'late', 14_000),
      report('c', 'silent', 31_000),
      report('d', 'renewing', 1_000),
    ]);
    expect(cause?.text).toMatch(/^3 of 4 locks were late or silent together: look at the API server/);
    expect(cause?.reports.size).toBe(3);
  });

  it('holders on one node have that node in common, and leftovers do not hide it', () => {
    const onNode = (name: string): LockReport => {
      const it = report(name, 'silent', 20_000);
      const pod = { ...POD, name, node: 'm1' };
      return { ...it, holder: { ...it.holder, pod } };
    };
    const leftovers = ['x', 'y', 'z', 'u'].map((name) => report(name, 'silent', 9e9, 'unmatched'));
    expect(findCommonCause([...['a', 'b', 'c'].map(onNode), ...leftovers])?.text).toContain('node m1');
  });

  it.each([
    [
      'leftovers of an operator that was removed',
      ['a', 'b', 'c'].map((name) => report(name, 'silent', 1, 'unmatched')),
    ],
    ['two are no pattern', [report('a', 'silent', 1), report('b', 'silent', 1)]],
    [
      'silent since different days',
      [report('a', 'silent', 1), report('b', 'silent', 86_400_000), report('c', 'silent', 9 * 86_400_000)],
    ],
    ['one process that holds all of them', ['x', 'x', 'x'].map((name) => report(name, 'silent', 1))],
    [
      'holders that are gone explain their own silence',
      ['a', 'b', 'c'].map((name) => report(name, 'silent', 1, 'gone')),
    ],
    [
      'a small share of many',
      [
        ...['a', 'b', 'c'].map((name) => report(name, 'silent', 1)),
        ...['d', 'e', 'f', 'g'].map((name) => report(name, 'renewing', 1)),
      ],
    ],
  ])('%s', (_name, reports) => {
    expect(findCommonCause(reports)).toBeNull();
  });
});
