import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/core/cluster-object.ts';
import { decodeObject } from '../../../src/core/formats/index.ts';
import type { LockRecord } from '../../../src/core/lock.ts';
import { decodeFixture, fixture, halfIn } from './fixture.ts';

const NOTHING: LockRecord = {
  holderIdentity: null,
  durationMs: null,
  acquireTime: null,
  renewTime: null,
  transitions: null,
  strategy: null,
  preferredHolder: null,
};

function lease(spec: unknown, metadata: ClusterObject['metadata'] = {}): ClusterObject {
  return { kind: 'Lease', metadata: { namespace: 'a', name: 'b', ...metadata }, spec };
}

const decode = (object: ClusterObject) => decodeObject(object, 'lease');

/** What a user must be able to tell apart in a list: is it a lock, and does silence mean anything. */
function summary(name: string): string {
  const decoded = decodeFixture(`lease/${name}`);
  if (decoded.is === 'other') return 'other';
  const what = decoded.is === 'lock' ? 'lock' : decoded.class.id;
  return `${what}, ${decoded.half.heartbeat === null ? 'never renews' : 'renews'}`;
}

describe('what a Lease is', () => {
  it.each([
    ['client-go', 'lock, renews'],
    ['client-go-released', 'lock, renews'],
    ['coordinated', 'lock, renews'],
    ['coordinated-not-picked-up', 'lock, renews'],
    ['coordinated-third-party', 'lock, renews'],
    ['empty-spec', 'lock, renews'],
    ['camel-released', 'lock, renews'],
    ['fabric8-released', 'lock, renews'],
    ['nais-for-life', 'lock, never renews'],
    ['acquired-for-good', 'lock, never renews'],
    ['node-heartbeat', 'node-heartbeat, renews'],
    ['node-heartbeat-elsewhere', 'node-heartbeat, renews'],
    ['apiserver-identity', 'apiserver-identity, renews'],
    ['apiserver-identity-1.26', 'apiserver-identity, renews'],
    ['aggregated-apiserver-identity', 'aggregated-apiserver-identity, renews'],
    ['konnectivity-server', 'konnectivity-server, renews'],
    ['terraform-locked', 'terraform-state-lock, never renews'],
    ['terraform-unlocked', 'terraform-state-lock, renews'],
    ['medik8s-node-lock', 'medik8s-node-lock, renews'],
    ['managed-cluster', 'managed-cluster-heartbeat, renews'],
    ['unlabelled-heartbeat', 'presence, renews'],
    ['unlabelled-heartbeat-without-holder', 'presence, renews'],
    ['unlabelled-mutex', 'mutex, never renews'],
  ])('%s: %s', (name, expected) => {
    expect(summary(name)).toBe(expected);
  });

  it('a lock whose owner was made a Node of another name stays a lock', () => {
    const owner = { kind: 'Node', name: 'worker-1' };
    const spec = fixture('lease/client-go').spec;
    expect(decode(lease(spec, { ownerReferences: [owner] })).is).toBe('lock');
  });

  it.each([
    ['released by its holder', { holderIdentity: '', renewTime: '2026-11-21T16:00:00.000000Z' }],
    [
      'with transitions',
      { holderIdentity: 'x', renewTime: '2026-11-21T16:00:00.000000Z', leaseTransitions: 0 },
    ],
  ])('is no heartbeat when %s', (_, spec) => {
    expect(decode(lease(spec)).is).toBe('lock');
  });
});

describe('the record of a Lease', () => {
  it('reads all fields that client-go writes, in ms', () => {
    const half = halfIn(decodeFixture('lease/client-go'));
    expect(half.content).toEqual({
      state: 'record',
      warnings: [],
      record: {
        ...NOTHING,
        holderIdentity: 'master-1_0f7c1a3e-52a2-4a8e-9d05-1e6f0c2b7a11',
        durationMs: 15_000,
        acquireTime: Date.UTC(2026, 10, 21, 13, 58, 11),
        renewTime: Date.UTC(2026, 10, 21, 16, 59, 58, 123),
        transitions: 7,
      },
    });
    expect(half).toMatchObject({
      ref: { kind: 'lease', namespace: 'kube-system', name: 'kube-scheduler' },
      format: 'lease',
      labels: { team: 'platform' },
      createdAt: Date.UTC(2026, 7, 23, 9, 14, 2),
    });
    expect(half.uid).not.toBe('');
    expect(half.resourceVersion).not.toBe('');
  });

  it('keeps the two spellings of free apart', () => {
    expect(halfIn(decodeFixture('lease/client-go-released')).content).toMatchObject({
      record: { holderIdentity: '', durationMs: 1000, transitions: 3 },
    });
    expect(halfIn(decodeFixture('lease/empty-spec')).content).toMatchObject({ record: NOTHING });
    expect(halfIn(decode(lease(undefined))).content).toMatchObject({ record: NOTHING });
  });

  it('reads the strategy and the preferred holder of a coordinated Lease', () => {
    expect(halfIn(decodeFixture('lease/coordinated')).content).toMatchObject({
      record: {
        acquireTime: null,
        strategy: 'OldestEmulationVersion',
        preferredHolder: 'master-1_4c8ad0a1-3a65-4d8b-8f63-2a54f2f1c9aa',
      },
    });
  });

  it('takes the zero time of Go for no time', () => {
    const half = halfIn(decode(lease({ holderIdentity: 'x', acquireTime: '0001-01-01T00:00:00.000000Z' })));
    expect(half.content).toMatchObject({ record: { acquireTime: null } });
  });

  it.each([
    ['a list for a spec', [], 'spec is a list, not an object'],
    ['a number for a holder', { holderIdentity: 7 }, 'holderIdentity is 7, not a text'],
    [
      'a fraction for a duration',
      { leaseDurationSeconds: 1.5 },
      'leaseDurationSeconds is 1.5, not a whole number of 64 bits',
    ],
    ['a word for a time', { renewTime: 'soon\u001b[2J' }, 'renewTime is "soon^[[2J", not a time'],
    [
      'two of them',
      { strategy: {}, leaseTransitions: true },
      'leaseTransitions is true, not a whole number of 64 bits; strategy is an object, not a text',
    ],
  ])('%s is invalid, and why is said', (_, spec, why) => {
    expect(halfIn(decode(lease(spec))).content).toEqual({ state: 'invalid', why });
  });
});

describe('the heartbeat of a Lease', () => {
  const renewed = (change: (object: ClusterObject) => void): boolean => {
    const object = fixture('lease/coordinated');
    const before = halfIn(decode(object)).heartbeat;
    change(object);
    return halfIn(decode(object)).heartbeat !== before;
  };

  it.each<[string, (object: ClusterObject) => void]>([
    ['labels', (object) => Object.assign(object.metadata, { labels: { a: 'b' } })],
    ['resourceVersion', (object) => Object.assign(object.metadata, { resourceVersion: '999' })],
    ['annotations', (object) => Object.assign(object.metadata, { annotations: { a: 'b' } })],
  ])('a change of %s renews nothing', (_, change) => {
    expect(renewed(change)).toBe(false);
  });

  it.each([
    ['holderIdentity', 'other'],
    ['leaseDurationSeconds', 16],
    ['acquireTime', '2026-11-21T16:59:58.123456Z'],
    // Less than a millisecond later than before: more than an instant can tell.
    ['renewTime', '2026-11-21T16:59:58.123457Z'],
    ['leaseTransitions', 1],
    ['strategy', 'other'],
    ['preferredHolder', ''],
  ])('a change of %s does', (field, value) => {
    expect(renewed((object) => Object.assign(object.spec as object, { [field]: value }))).toBe(true);
  });
});

describe('the last write of a Lease', () => {
  it('is of whoever owns renewTime, not of the last one to touch the object', () => {
    const object = fixture('lease/client-go');
    object.metadata.managedFields![0]!.time = '2026-11-21T17:30:00Z';
    expect(halfIn(decode(object)).lastWrite).toEqual({
      manager: 'kube-scheduler',
      at: Date.UTC(2026, 10, 21, 16, 59, 58),
    });
  });

  it('is the latest of several owners, whatever their order', () => {
    const owner = (manager: string, time: string) => ({
      manager,
      time,
      fieldsV1: { 'f:spec': { 'f:renewTime': {} } },
    });
    const managedFields = [
      owner('first', '2026-11-21T10:00:00Z'),
      owner('last', '2026-11-21T12:00:00Z'),
      owner('second', '2026-11-21T11:00:00Z'),
      { manager: 'timeless', fieldsV1: { 'f:spec': { 'f:renewTime': {} } } },
    ];
    expect(halfIn(decode(lease({}, { managedFields }))).lastWrite).toEqual({
      manager: 'last',
      at: Date.UTC(2026, 10, 21, 12),
    });
  });

  it('is null where it is not tracked', () => {
    expect(halfIn(decodeFixture('lease/coordinated')).lastWrite).toBeNull();
  });
});
