import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { CONFIGMAPS } from '../../src/core/resources.ts';
import { clusterContract } from '../contract/cluster-contract.ts';
import { FULL, names } from '../contract/ground.ts';
import { realGround } from '../contract/real-ground.ts';
import { configMapLock } from '../support/objects.ts';
import { type ControlPlane, startControlPlane } from './support/control-plane.ts';
import { sharedControlPlane } from './support/shared.ts';

const assets = sharedControlPlane()?.coordinates.assets ?? null;

// A control plane of its own: here etcd forgets every second, which no other test should have to live with.
describe.skipIf(assets === null)('the adapter', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane({
      assets: assets ?? '',
      apiserverFlags: ['--etcd-compaction-interval=1s'],
    });
  });
  afterAll(async () => plane?.stop());

  clusterContract('a real API server', () => realGround(plane.api, systemClock));

  it('reads everything at once when a continue token expires between two pages', async () => {
    const ground = await realGround(plane.api, systemClock);
    try {
      const namespace = await ground.namespace();
      const all = Array.from({ length: 510 }, (_, index) => `c${String(index).padStart(3, '0')}`);
      for (let at = 0; at < all.length; at += 30) {
        await Promise.all(
          all.slice(at, at + 30).map((name) => ground.admin.create(configMapLock({ namespace, name }))),
        );
      }
      const asked: (string | null)[] = [];
      ground.cable.afterAnswer = async ({ query }) => {
        asked.push(query?.get('continue') ? 'next page' : (query?.get('limit') ?? null));
        if (asked.length > 1) return;
        await ground.admin.create(configMapLock({ namespace, name: 'late' }));
        await ground.forget();
      };
      const { items } = await ground.cluster.list(CONFIGMAPS, { ...FULL, namespace });
      expect(names(items)).toEqual([...all, 'late'].sort());
      expect(asked).toEqual(['500', 'next page', null]);
    } finally {
      await ground.end();
    }
  });
});
