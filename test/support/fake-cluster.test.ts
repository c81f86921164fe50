import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/app/ports.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASE_CANDIDATES, LEASES, NAMESPACES, NODES, PODS } from '../../src/core/resources.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeCluster } from './fake-cluster.ts';
import { lease, node, pod } from './objects.ts';

const FULL = { projection: 'full', consistency: 'quorum' } as const;
const CACHED = { projection: 'full', consistency: 'cached' } as const;

function setUp(): { clock: FakeClock; cluster: FakeCluster } {
  const clock = new FakeClock();
  return { clock, cluster: new FakeCluster(clock) };
}

/** Follows leases from now on, and gives what was told so far in short words. */
async function follow(
  clock: FakeClock,
  cluster: FakeCluster,
  labelSelector?: string,
): Promise<{ told: () => string[]; events: WatchEvent[]; stop: () => void; over: Promise<void> }> {
  const { resourceVersion } = await cluster.list(LEASES, FULL);
  const events: WatchEvent[] = [];
  const controller = new AbortController();
  const request = {
    projection: 'full' as const,
    resourceVersion,
    ...(labelSelector !== undefined && { labelSelector }),
  };
  const over = (async () => {
    for await (const event of cluster.watch(LEASES, request, controller.signal)) events.push(event);
  })();
  over.catch(() => {});
  await clock.settle();
  const word = (event: WatchEvent): string =>
    'object' in event ? `${event.type} ${event.object.metadata.name}` : event.type;
  return { told: () => events.map(word), events, stop: () => controller.abort(), over };
}

describe('reads', () => {
  it('gives copies, in order, under one growing revision', async () => {
    const { cluster } = setUp();
    cluster.create(lease({ namespace: 'b', name: 'x' }));
    cluster.create(lease({ namespace: 'a', name: 'y' }));
    const first = await cluster.list(LEASES, FULL);
    expect(first.items.map((item) => item.metadata.namespace)).toEqual(['a', 'b']);
    first.items[0]!.metadata.name = 'changed by a caller';
    cluster.remove(LEASES, 'b', 'x');
    const second = await cluster.list(LEASES, FULL);
    expect(second.items.map((item) => item.metadata.name)).toEqual(['y']);
    expect(Number(second.resourceVersion)).toBeGreaterThan(Number(first.resourceVersion));
  });

  it('cuts to metadata, and narrows by namespace', async () => {
    const { cluster } = setUp();
    cluster.create(lease({ namespace: 'a' }));
    cluster.create(lease({ namespace: 'b' }));
    const request = { projection: 'metadata', consistency: 'cached', namespace: 'a' } as const;
    const { items } = await cluster.list(LEASES, request);
    expect(items).toHaveLength(1);
    expect(Object.keys(items[0]!).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('makes the namespaces that objects live in', async () => {
    const { cluster } = setUp();
    cluster.create(lease({ namespace: 'volumes' }));
    const { items } = await cluster.list(NAMESPACES, FULL);
    expect(items.map((item) => item.metadata.name)).toEqual(['volumes']);
  });

  it('says not-found for one object, and prints rows', async () => {
    const { cluster } = setUp();
    await expect(cluster.get(PODS, 'default', 'p', FULL)).rejects.toMatchObject({ code: 'not-found' });
    cluster.create(pod({ name: 'p', node: 'n1' }));
    cluster.create(node({ name: 'n1' }));
    const pods = await cluster.rows(PODS, { fieldSelector: 'spec.nodeName=n1' });
    expect(pods.rows).toMatchObject([{ Name: 'p', Status: 'Running' }]);
    expect((await cluster.rows(NODES, {})).rows).toMatchObject([{ Name: 'n1', Status: 'Ready' }]);
  });

  it('tells the server time as a Date header does: its own clock, whole seconds', async () => {
    const clock = new FakeClock({ now: 1_700_000_000_700, mono: 0 });
    const cluster = new FakeCluster(clock, { serverSkewMs: -60_000 });
    cluster.latencyMs = 200;
    const { serverTime } = await clock.runUntil(cluster.list(LEASES, FULL), { stepMs: 50 });
    expect(serverTime).toEqual({ at: 1_699_999_940_000, receivedAt: 200, roundTripMs: 200 });
  });

  it('shows cached reads an older state than quorum reads while the watch cache is behind', async () => {
    const { clock, cluster } = setUp();
    const renewed = (transitions: number): void => {
      cluster.apply(lease({ transitions }));
    };
    const seen = async (): Promise<unknown[]> => {
      const cached = (await cluster.list(LEASES, CACHED)).items[0]!.spec;
      const quorum = (await cluster.get(LEASES, 'default', 'manager', FULL)).object.spec;
      return [cached, quorum].map((spec) => (spec as Record<string, unknown>)['leaseTransitions']);
    };
    renewed(1);
    cluster.setCacheLag(5_000);
    await clock.advance(1_000);
    renewed(2);
    expect(await seen()).toEqual([1, 2]);
    await clock.advance(5_000);
    expect(await seen()).toEqual([2, 2]);
    cluster.setCacheLag(Infinity);
    renewed(3);
    await clock.advance(3_600_000);
    expect(await seen()).toEqual([2, 3]);
    cluster.setCacheLag(0);
    expect(await seen()).toEqual([3, 3]);
  });
});

describe('writes', () => {
  it('holds updates to resourceVersion and uid', () => {
    const { cluster } = setUp();
    const stored = cluster.create(lease());
    const renewed = cluster.update({ ...stored, spec: { holderIdentity: 'b' } });
    expect(() => cluster.update(stored)).toThrow('the object has been modified');
    expect(() => cluster.remove(LEASES, 'default', 'manager', { uid: 'other' })).toThrow(LeaderError);
    cluster.remove(LEASES, 'default', 'manager', { uid: stored.metadata.uid! });
    expect(() => cluster.update(renewed)).toThrow('Precondition failed: UID in precondition');
  });

  it('keeps the resourceVersion when nothing changes', () => {
    const { cluster } = setUp();
    const stored = cluster.create(lease());
    expect(cluster.update(stored)).toEqual(stored);
    expect(cluster.store.revision).toBe(Number(stored.metadata.resourceVersion));
  });

  it('refuses kinds it does not know or serve', async () => {
    const { cluster } = setUp();
    expect(() => cluster.create({ apiVersion: 'v1', kind: 'Widget', metadata: { name: 'w' } })).toThrow(
      'no such kind',
    );
    await expect(cluster.list({ ...LEASES, plural: 'widgets' }, FULL)).rejects.toThrow('no such resource');
    await expect(cluster.list(LEASE_CANDIDATES, FULL)).rejects.toMatchObject({ code: 'not-served' });
    cluster.serve(LEASE_CANDIDATES);
    await expect(cluster.list(LEASE_CANDIDATES, FULL)).resolves.toMatchObject({ items: [] });
  });
});

describe('watches', () => {
  it('tells changes in order, at the moment they happen, and ends on abort', async () => {
    const { clock, cluster } = setUp();
    const watch = await follow(clock, cluster);
    await clock.advance(1_000);
    const stored = cluster.create(lease({ name: 'a' }));
    cluster.update({ ...stored, spec: {} });
    cluster.create(pod());
    await clock.advance(1_000);
    cluster.remove(LEASES, 'default', 'a');
    await clock.settle();
    expect(watch.told()).toEqual(['connected', 'added a', 'modified a', 'deleted a']);
    const first = watch.events[0]!.at;
    expect(watch.events.map((event) => event.at - first)).toEqual([0, 1_000, 1_000, 2_000]);
    watch.stop();
    await watch.over;
    expect(cluster.openWatches).toBe(0);
  });

  it('tells what comes into and goes out of a selector as added and deleted', async () => {
    const { clock, cluster } = setUp();
    const watch = await follow(clock, cluster, 'app=web');
    cluster.apply(lease({ labels: { app: 'api' } }));
    cluster.apply(lease({ labels: { app: 'web' } }));
    cluster.apply(lease({ labels: { app: 'api' } }));
    await clock.settle();
    expect(watch.told()).toEqual(['connected', 'added manager', 'deleted manager']);
    watch.stop();
  });

  it('is blind while disconnected, and then tells what happened meanwhile', async () => {
    const { clock, cluster } = setUp();
    const watch = await follow(clock, cluster);
    cluster.disconnect();
    cluster.create(lease());
    await clock.advance(12_000);
    expect(watch.told()).toEqual(['connected', 'disconnected']);
    await expect(cluster.list(LEASES, FULL)).rejects.toMatchObject({ code: 'unreachable' });
    cluster.reconnect();
    await clock.settle();
    expect(watch.told()).toEqual(['connected', 'disconnected', 'connected', 'added manager']);
    expect(watch.events[2]!.at - watch.events[1]!.at).toBe(12_000);
    watch.stop();
  });

  it('lists again when it comes back after the history is gone', async () => {
    const { clock, cluster } = setUp();
    cluster.create(lease({ name: 'old' }));
    const watch = await follow(clock, cluster);
    cluster.disconnect({ watchesOnly: true });
    cluster.remove(LEASES, 'default', 'old');
    cluster.create(lease({ name: 'new' }));
    cluster.compact();
    cluster.reconnect();
    await clock.settle();
    expect(watch.told()).toEqual(['connected', 'disconnected', 'relisted', 'connected']);
    const relisted = watch.events[2] as Extract<WatchEvent, { type: 'relisted' }>;
    expect(relisted.items.map((item) => item.metadata.name)).toEqual(['new']);
    cluster.remove(LEASES, 'default', 'new');
    await clock.settle();
    expect(watch.told().at(-1)).toBe('deleted new');
    watch.stop();
  });

  it('waits out what heals, and fails on what does not', async () => {
    const { clock, cluster } = setUp();
    cluster.fail(new LeaderError('throttled', 'slow down', { retryAfterMs: 7_000 }), 1, { verb: 'watch' });
    const watch = await follow(clock, cluster);
    await clock.advance(6_999);
    expect(watch.told()).toEqual(['disconnected']);
    await clock.advance(1);
    expect(watch.told()).toEqual(['disconnected', 'connected']);
    cluster.forbid({ verb: 'watch', resource: LEASES });
    cluster.disconnect();
    cluster.reconnect();
    await expect(watch.over).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('comes late through a watch cache that is behind', async () => {
    const { clock, cluster } = setUp();
    const watch = await follow(clock, cluster);
    cluster.setCacheLag(4_000, { watches: true });
    cluster.create(lease());
    await clock.advance(3_999);
    expect(watch.told()).toEqual(['connected']);
    await clock.advance(1);
    expect(watch.told()).toEqual(['connected', 'added manager']);
    watch.stop();
  });
});

describe('faults', () => {
  it.each([
    ['everywhere', {}, ['forbidden', 'forbidden', 'forbidden']],
    ['in one namespace', { namespace: 'a' }, ['forbidden', 'ok', 'forbidden']],
    ['across all namespaces', { namespace: null }, ['ok', 'ok', 'forbidden']],
  ])('forbids %s', async (_, where, expected) => {
    const { cluster } = setUp();
    cluster.forbid({ verb: 'list', resource: PODS, ...where });
    const outcomes: string[] = [];
    for (const scope of [{ namespace: 'a' }, { namespace: 'b' }, {}]) {
      outcomes.push(
        await cluster.list(PODS, { ...FULL, ...scope }).then(
          () => 'ok',
          (error: LeaderError) => error.code,
        ),
      );
    }
    expect(outcomes).toEqual(expected);
    await expect(cluster.rows(NODES, {})).resolves.toEqual({ rows: [] });
  });

  it('hangs until released, or until the caller gives up', async () => {
    const { clock, cluster } = setUp();
    const release = cluster.hang({ resource: LEASES });
    const controller = new AbortController();
    const given = cluster.list(LEASES, FULL, controller.signal);
    const waiting = cluster.list(LEASES, FULL);
    await cluster.list(PODS, FULL);
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'interrupted' });
    release();
    await clock.settle();
    await expect(waiting).resolves.toMatchObject({ items: [] });
  });

  it('keeps a list of every request', async () => {
    const { cluster } = setUp();
    await cluster.list(LEASES, { ...CACHED, fieldSelector: 'metadata.namespace!=x' });
    await cluster.rows(PODS, { namespace: 'a' });
    expect(cluster.requests).toMatchObject([
      { verb: 'list', resource: 'leases.coordination.k8s.io', namespace: null, consistency: 'cached' },
      { verb: 'list', resource: 'pods', namespace: 'a', projection: 'rows' },
    ]);
  });
});
