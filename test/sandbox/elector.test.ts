import { describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASES, type Resource } from '../../src/core/resources.ts';
import { Elector, type ElectorOptions } from '../../src/sandbox/elector.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeCluster } from '../support/fake-cluster.ts';
import { lease } from '../support/objects.ts';

/** A candidate that leads, in a cluster where something may happen whenever a resource is read. */
async function leading(options: Omit<ElectorOptions, 'identity'>) {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  const onRead = new Map<Resource, () => void>();
  const client = {
    get: async (resource: Resource, namespace: string | null, name: string) => {
      onRead.get(resource)?.();
      return cluster.peek(resource, namespace, name);
    },
    create: async (object: Parameters<typeof cluster.create>[0]) => cluster.create(object),
    update: async (object: Parameters<typeof cluster.update>[0]) => cluster.update(object),
  };
  const elector = new Elector(client, clock, { identity: 'a', ...options }).start();
  await clock.advance(5_000);
  return { clock, cluster, elector, onRead };
}

describe('an elector, as client-go', () => {
  it('writes the second half of a multilock also when it cannot be read first', async () => {
    const { clock, cluster, elector, onRead } = await leading({ lock: 'endpointsleases' });
    onRead.set(LEASES, () => {
      throw new LeaderError('server', 'on cue');
    });
    const versions = () =>
      [ENDPOINTS, LEASES].map(
        (resource) => cluster.peek(resource, 'default', 'manager').metadata.resourceVersion,
      );
    const before = versions();
    await clock.advance(30_000);
    expect(elector.leading).toBe(true);
    expect(versions().filter((version, at) => version === before[at])).toEqual([]);
    elector.kill();
  });

  it('writes nothing more once it was killed, while a multilock was half written', async () => {
    const { clock, cluster, elector, onRead } = await leading({ lock: 'endpointsleases' });
    const { resourceVersion } = cluster.peek(LEASES, 'default', 'manager').metadata;
    onRead.set(LEASES, () => elector.kill());
    await clock.advance(30_000);
    expect(cluster.peek(LEASES, 'default', 'manager').metadata.resourceVersion).toBe(resourceVersion);
  });

  it.each([
    ['0.36', { holderIdentity: '', leaseTransitions: 7 }],
    ['0.20', { holderIdentity: 'other', leaseTransitions: 7 }],
  ] as const)('of %s that releases what was written to meanwhile', async (clientGo, left) => {
    const { cluster, elector } = await leading({ releaseOnCancel: true, clientGo });
    cluster.apply(lease({ holder: 'other', transitions: 7 }));
    await elector.stop();
    expect(cluster.peek(LEASES, 'default', 'manager').spec).toMatchObject(left);
  });
});
