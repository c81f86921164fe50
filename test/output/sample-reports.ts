import type { LockHalf, LockKind, LockRecord } from '../../src/core/lock.ts';
import type { LockReport, Snapshot } from '../../src/core/report.ts';

export const NOW = Date.parse('2026-11-21T12:00:00Z');

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Sample {
  kind?: LockKind;
  namespace?: string;
  name?: string;
  identity?: string | null;
  /** Milliseconds before NOW. */
  renewedAgo?: number | null;
  acquiredAgo?: number | null;
  createdAgo?: number | null;
  record?: Partial<LockRecord>;
  holder?: Partial<LockReport['holder']>;
  renewal?: Partial<LockReport['renewal']>;
  report?: Partial<LockReport>;
}

function before(ms: number | null): number | null {
  return ms === null ? null : NOW - ms;
}

function half(sample: Sample): LockHalf {
  const { kind = 'lease', namespace = 'kube-system', name = 'kube-scheduler', identity = null } = sample;
  return {
    ref: { kind, namespace, name },
    format: kind === 'lease' ? 'lease' : 'annotation',
    uid: `uid-of-${name}`,
    resourceVersion: '4711',
    createdAt: before(sample.createdAgo === undefined ? 90 * DAY : sample.createdAgo),
    labels: {},
    ownerReferences: [],
    content: {
      state: 'record',
      warnings: [],
      record: {
        holderIdentity: identity,
        durationMs: 15 * SECOND,
        acquireTime: before(sample.acquiredAgo === undefined ? 3 * HOUR : sample.acquiredAgo),
        renewTime: before(sample.renewedAgo === undefined ? SECOND : sample.renewedAgo),
        transitions: 4,
        strategy: null,
        preferredHolder: null,
        ...sample.record,
      },
    },
    heartbeat: 'x',
    lastWrite: null,
  };
}

/** A report as the judging makes it; whatever is not given is a healthy Lease. */
export function sampleReport(sample: Sample = {}): LockReport {
  const identity = sample.identity === undefined ? 'kube-scheduler-m1_4f7c' : sample.identity;
  return {
    lock: { primary: half({ ...sample, identity }), secondary: null, pairing: 'single' },
    holder: {
      identity,
      presence: 'alive',
      ref: null,
      pod: null,
      node: null,
      rule: null,
      alsoFits: [],
      reborn: false,
      was: null,
      workload: null,
      found: '',
      evidence: [],
      ...sample.holder,
    },
    renewal: {
      state: 'renewing',
      grade: 'clock',
      lastRenewedAgoMs: sample.renewedAgo === undefined ? SECOND : sample.renewedAgo,
      seen: 0,
      gapsMs: [],
      watchedSilenceMs: 0,
      unconfirmed: false,
      holderSkewMs: null,
      evidence: [],
      ...sample.renewal,
    },
    verdict: 'Healthy',
    grade: 'clock',
    unproven: false,
    evidence: [],
    advice: [],
    candidates: null,
    heartbeat: null,
    ...sample.report,
  };
}

export const healthy = sampleReport({
  holder: {
    ref: { kind: 'Pod', namespace: 'kube-system', name: 'kube-scheduler-m1' },
    found: 'Running on m1',
    rule: 'pod-name_uuid',
    node: { name: 'm1', ready: true, status: 'Ready', hostnames: [], addresses: [], createdAt: null },
  },
  report: {
    evidence: [{ text: 'renewed 1 s ago', grade: 'clock', from: "the API server's clock" }],
  },
});

export const frozen = sampleReport({
  kind: 'endpoints',
  name: 'kube-controller-manager',
  identity: 'master-2_a1b2c3d4-0000-4000-8000-000000000000',
  renewedAgo: 5 * DAY + 2 * HOUR,
  acquiredAgo: 26 * DAY,
  createdAgo: 26 * DAY,
  holder: {
    ref: { kind: 'Node', namespace: null, name: 'master-2' },
    found: 'Ready',
    rule: 'node-name_uuid',
  },
  renewal: { state: 'silent' },
  report: {
    verdict: 'Frozen',
    evidence: [{ text: 'not renewed for 5d2h', grade: 'clock', from: "the API server's clock" }],
    advice: ['Release it: kubectl leader release kube-system/endpoints/kube-controller-manager'],
  },
});

export const ghost = sampleReport({
  kind: 'endpoints',
  namespace: 'volumes',
  name: 'volume-provisioner',
  identity: 'volume-provisioner-zkb5w_59e1f0aa-1111-4222-8333-444455556666',
  acquiredAgo: 60 * DAY,
  createdAgo: 210 * DAY,
  holder: {
    presence: 'gone',
    found: 'gone (DaemonSet pod)',
    was: 'DaemonSet pod',
    workload: { kind: 'DaemonSet', namespace: 'volumes', name: 'volume-provisioner' },
    alsoFits: [{ kind: 'Node', namespace: null, name: 'zkb5w' }],
  },
  renewal: { grade: 'watched', seen: 7, gapsMs: [2001, 1999], watchedSilenceMs: 1500, holderSkewMs: -250 },
  report: {
    verdict: 'Ghost',
    grade: 'watched',
    evidence: [
      { text: 'renewed 7 times in 15 s', grade: 'watched', from: 'the watch' },
      { text: 'no such pod in any namespace', grade: 'read', from: 'pods' },
    ],
    advice: ['Depose it.'],
    candidates: 2,
  },
});

const vacant = sampleReport({
  kind: 'configmap',
  namespace: 'ns-with-漢字',
  name: 'free',
  identity: '',
  renewedAgo: null,
  createdAgo: null,
  holder: { presence: 'nobody' },
  renewal: { state: 'undecided' },
  report: { verdict: 'Vacant' },
});

export const unproven = sampleReport({
  namespace: 'apps',
  name: 'by-design',
  identity: 'opaque-🙂',
  acquiredAgo: null,
  holder: { presence: 'unknown', found: 'not allowed to look' },
  renewal: { state: 'perpetual', lastRenewedAgoMs: null },
  report: { verdict: 'Held', unproven: true },
});

const twoHalves = sampleReport({ namespace: 'apps', name: 'two-halves', kind: 'endpoints', identity: 'a' });
const invalidHalf = half({ namespace: 'apps', name: 'two-halves', kind: 'lease', identity: 'b' });

export const split = sampleReport({
  namespace: 'apps',
  name: 'two-halves',
  kind: 'endpoints',
  identity: 'a',
  holder: { presence: 'unmatched', found: 'not found' },
  report: {
    verdict: 'Split',
    grade: 'watched',
    lock: {
      ...twoHalves.lock,
      secondary: { ...invalidHalf, content: { state: 'invalid', why: 'no JSON' } },
      pairing: 'split',
    },
  },
});

export const SNAPSHOT: Snapshot = {
  reports: [frozen, ghost, healthy, vacant, unproven, split],
  notes: [
    {
      code: 'unreadable',
      text: 'configmaps could not be read',
      hint: 'Ask for list on configmaps.',
    },
  ],
  takenAt: NOW,
};
