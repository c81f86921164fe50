import { describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { CONFIGMAPS, ENDPOINTS, EVENTS, LEASES, type Resource } from '../../src/core/resources.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeCluster } from './fake-cluster.ts';
import { FakeElector, type FakeElectorOptions } from './fake-elector.ts';
import type { LockType } from './fake-resource-lock.ts';
import { LEADER_ANNOTATION, lease } from './objects.ts';

function setUp(): {
  clock: FakeClock;
  cluster: FakeCluster;
  elector: (identity: string, options?: Partial<FakeElectorOptions>) => FakeElector;
} {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  return {
    clock,
    cluster,
    elector: (identity, options) => new FakeElector(cluster, clock, { identity, ...options }),
  };
}

function recordIn(cluster: FakeCluster, resource: Resource): Record<string, unknown> {
  const { spec, metadata } = cluster.peek(resource, 'default', 'manager');
  return resource === LEASES
    ? (spec as Record<string, unknown>)
    : (JSON.parse(metadata.annotations![LEADER_ANNOTATION]!) as Record<string, unknown>);
}

const PLACES: readonly (readonly [LockType, readonly Resource[]])[] = [
  ['leases', [LEASES]],
  ['endpoints', [ENDPOINTS]],
  ['configmaps', [CONFIGMAPS]],
  ['endpointsleases', [ENDPOINTS, LEASES]],
  ['configmapsleases', [CONFIGMAPS, LEASES]],
];

describe('an elector', () => {
  it.each(PLACES)('acquires and renews %s every 2 s', async (lock, resources) => {
    const { clock, cluster, elector } = setUp();
    const a = elector('a', { lock }).start();
    await clock.settle();
    expect(a.leading).toBe(true);
    for (const resource of resources) {
      const before = recordIn(cluster, resource);
      await clock.advance(2_000);
      const after = recordIn(cluster, resource);
      expect([before['holderIdentity'], after['holderIdentity']]).toEqual(['a', 'a']);
      expect(after['renewTime']).not.toBe(before['renewTime']);
      expect(after['acquireTime']).toBe(before['acquireTime']);
    }
    const events = await cluster.list(EVENTS, { projection: 'full', consistency: 'quorum' });
    expect(events.items.map((event) => event['message'])).toEqual(resources.map(() => 'a became leader'));
    a.kill();
  });

  it.each(PLACES)(
    'is followed by a standby that watched %s for a whole duration',
    async (lock, resources) => {
      const { clock, cluster, elector } = setUp();
      const a = elector('a', { lock }).start();
      await clock.settle();
      const b = elector('b', { lock }).start();
      await clock.advance(60_000);
      expect([a.leading, b.leading]).toEqual([true, false]);
      a.kill();
      await clock.advance(12_000);
      expect(b.leading).toBe(false);
      await clock.advance(10_000);
      expect(b.leading).toBe(true);
      for (const resource of resources) {
        const record = recordIn(cluster, resource);
        expect([record['holderIdentity'], record['leaseTransitions'] ?? record['leaderTransitions']]).toEqual(
          ['b', 1],
        );
      }
    },
  );

  it('believes nothing that it did not watch: an ancient lock costs a whole duration', async () => {
    const { clock, cluster, elector } = setUp();
    cluster.create(lease({ holder: 'dead', renewTime: 0 }));
    const b = elector('b').start();
    await clock.advance(14_000);
    expect(b.leading).toBe(false);
    await clock.advance(6_000);
    expect(b.leading).toBe(true);
  });

  it('takes an empty lock at its next try', async () => {
    const { clock, cluster, elector } = setUp();
    cluster.create(lease({ holder: '', durationSeconds: 1, transitions: 4 }));
    const b = elector('b').start();
    await clock.settle();
    expect(recordIn(cluster, LEASES)).toMatchObject({ holderIdentity: 'b', leaseTransitions: 5 });
    expect(b.leading).toBe(true);
  });

  it.each(['0.20', '0.36'] as const)(
    'of client-go %s leaves its traces on a vacated and a deleted lock',
    async (clientGo) => {
      const { clock, cluster, elector } = setUp();
      const a = elector('a', { clientGo }).start();
      await clock.advance(20_000);
      const before = recordIn(cluster, LEASES);
      cluster.apply(lease({ holder: '', durationSeconds: 1 }));
      await clock.advance(2_000);
      const vacated = recordIn(cluster, LEASES);
      expect(vacated).toMatchObject({ holderIdentity: 'a', leaseTransitions: 1 });
      expect(vacated['acquireTime'] === before['acquireTime']).toBe(clientGo === '0.36');
      const { uid } = cluster.peek(LEASES, 'default', 'manager').metadata;
      cluster.remove(LEASES, 'default', 'manager');
      await clock.advance(2_000);
      expect(cluster.peek(LEASES, 'default', 'manager').metadata.uid).not.toBe(uid);
      expect(recordIn(cluster, LEASES)['acquireTime'] === vacated['acquireTime']).toBe(clientGo === '0.36');
      expect(a.events.filter((event) => event.what === 'leading')).toHaveLength(1);
    },
  );

  it('stops 10 s after the lock was taken from it, and exits', async () => {
    const { clock, cluster, elector } = setUp();
    const a = elector('a').start();
    await clock.advance(3_000);
    cluster.apply(lease({ holder: 'deposer' }));
    await clock.advance(10_000);
    expect(a.leading).toBe(true);
    await clock.advance(2_000);
    expect(a.leading).toBe(false);
    await clock.advance(60_000);
    expect(recordIn(cluster, LEASES)['holderIdentity']).toBe('deposer');
  });

  it('leaves its record frozen when every write is refused, and gives up', async () => {
    const { clock, cluster, elector } = setUp();
    const a = elector('a', { lock: 'endpoints' }).start();
    await clock.advance(4_000);
    const { resourceVersion } = cluster.peek(ENDPOINTS, 'default', 'manager').metadata;
    a.refuse(new LeaderError('conflict', 'the object has been modified'));
    await clock.advance(5_000);
    expect(a.leading).toBe(true);
    await clock.advance(60_000);
    expect(a.leading).toBe(false);
    expect(cluster.peek(ENDPOINTS, 'default', 'manager').metadata.resourceVersion).toBe(resourceVersion);
  });

  it('does nothing while frozen, and goes on believing', async () => {
    const { clock, cluster, elector } = setUp();
    const a = elector('a').start();
    await clock.advance(2_000);
    a.freeze();
    const b = elector('b').start();
    await clock.advance(30_000);
    expect([a.leading, b.leading]).toEqual([true, true]);
    a.thaw();
    await clock.advance(11_000);
    expect([a.leading, b.leading]).toEqual([false, true]);
    expect(recordIn(cluster, LEASES)['holderIdentity']).toBe('b');
  });

  it.each(['0.20', '0.36'] as const)(
    'of client-go %s releases on SIGTERM when it is one that does',
    async (clientGo) => {
      const { clock, cluster, elector } = setUp();
      const a = elector('a', { releaseOnCancel: true, clientGo }).start();
      await clock.advance(10_000);
      await a.stop();
      expect(recordIn(cluster, LEASES)).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
      expect(a.events.map((event) => event.what)).toEqual(['leader', 'leading', 'stopped']);
    },
  );

  it("is named in managedFields, on the API server's clock", async () => {
    const clock = new FakeClock({ now: Date.UTC(2026, 0, 1), mono: 0 });
    const cluster = new FakeCluster(clock, { serverSkewMs: 3_600_000 });
    new FakeElector(cluster, clock, { identity: 'a', manager: 'kube-scheduler' }).start();
    await clock.advance(4_000);
    expect(cluster.peek(LEASES, 'default', 'manager').metadata.managedFields).toMatchObject([
      {
        manager: 'kube-scheduler',
        time: '2026-01-01T01:00:04Z',
        fieldsV1: { 'f:spec': { 'f:renewTime': {} } },
      },
    ]);
  });
});
