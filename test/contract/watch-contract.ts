import { describe, expect, it } from 'vitest';
import type { WatchRequest } from '../../src/app/ports.ts';
import { CONFIGMAPS, EVENTS, LEASES } from '../../src/core/resources.ts';
import { configMapLock, event, lease } from '../support/objects.ts';
import { Follower, withFollower } from './follower.ts';
import { type ContractGround, FULL, METADATA, names } from './ground.ts';

/** Following: order, selection, interruptions, versions that are forgotten. */
export function watchContract(ground: () => ContractGround): void {
  describe('watch', () => {
    it('goes on where a list ended, and tells changes in their order', async () => {
      const namespace = await ground().namespace();
      const first = await ground().admin.create(lease({ namespace, name: 'a', holder: 'x' }));
      const { resourceVersion } = await ground().settle(
        ground().cluster.list(LEASES, { ...FULL, namespace }),
      );
      const second = await ground().admin.update({ ...first, spec: { holderIdentity: 'y' } });
      await withFollower(
        ground(),
        LEASES,
        { projection: 'full', namespace, resourceVersion },
        async (follower) => {
          await ground().admin.create(lease({ namespace, name: 'b' }));
          await ground().admin.update({ ...second, spec: { holderIdentity: 'z' } });
          await ground().admin.remove(LEASES, namespace, 'a');
          await follower.sees(({ type }) => type === 'deleted');
          expect(follower.told).toEqual(['connected', 'modified a', 'added b', 'modified a', 'deleted a']);
          const [, changed] = follower.events;
          expect(changed).toMatchObject({
            object: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { holderIdentity: 'y' } },
          });
        },
      );
    });

    it('tells metadata alone when only that was asked for', async () => {
      const namespace = await ground().namespace();
      const { resourceVersion } = await ground().settle(
        ground().cluster.list(CONFIGMAPS, { ...METADATA, namespace }),
      );
      await withFollower(
        ground(),
        CONFIGMAPS,
        { projection: 'metadata', namespace, resourceVersion },
        async (follower) => {
          await ground().admin.create(configMapLock({ namespace, name: 'a' }));
          const seen = await follower.sees(
            (event) => 'object' in event && event.object.metadata.name === 'a',
          );
          const object = 'object' in seen ? seen.object : {};
          expect(object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
          expect(Object.keys(object).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
        },
      );
    });

    it('tells only what is selected: what stops to fit is deleted', async () => {
      const namespace = await ground().namespace();
      const { resourceVersion } = await ground().settle(
        ground().cluster.list(LEASES, { ...FULL, namespace }),
      );
      const request: WatchRequest = {
        projection: 'full',
        namespace,
        resourceVersion,
        labelSelector: 'in=yes',
      };
      await withFollower(ground(), LEASES, request, async (follower) => {
        await ground().admin.create(lease({ namespace, name: 'other' }));
        const stored = await ground().admin.create(lease({ namespace, name: 'a', labels: { in: 'yes' } }));
        await ground().admin.update({ ...stored, metadata: { ...stored.metadata, labels: { in: 'no' } } });
        await follower.sees(({ type }) => type === 'deleted');
        expect(follower.told).toEqual(['connected', 'added a', 'deleted a']);
      });
    });

    it('tells after an interruption what happened meanwhile, nothing twice', async () => {
      const namespace = await ground().namespace();
      const { resourceVersion } = await ground().settle(
        ground().cluster.list(LEASES, { ...FULL, namespace }),
      );
      await withFollower(
        ground(),
        LEASES,
        { projection: 'full', namespace, resourceVersion },
        async (follower) => {
          const stored = await ground().admin.create(lease({ namespace, name: 'a', holder: 'x' }));
          await follower.sees(({ type }) => type === 'added');
          ground().interrupt();
          await follower.sees(({ type }) => type === 'disconnected');
          await ground().admin.update({ ...stored, spec: { holderIdentity: 'y' } });
          await ground().admin.create(lease({ namespace, name: 'b' }));
          ground().restore();
          await follower.sees((event) => 'object' in event && event.object.metadata.name === 'b');
          expect(follower.told).toEqual([
            'connected',
            'added a',
            'disconnected',
            'connected',
            'modified a',
            'added b',
          ]);
        },
      );
    });

    it('gives the whole state anew when the server forgot where to go on, then goes on', async () => {
      const namespace = await ground().namespace();
      await ground().admin.create(event({ namespace, name: 'old' }));
      const { resourceVersion } = await ground().settle(
        ground().cluster.list(EVENTS, { ...FULL, namespace }),
      );
      await withFollower(
        ground(),
        EVENTS,
        { projection: 'full', namespace, resourceVersion },
        async (follower) => {
          ground().interrupt();
          await follower.sees(({ type }) => type === 'disconnected');
          await ground().admin.remove(EVENTS, namespace, 'old');
          await ground().admin.create(event({ namespace, name: 'new' }));
          await ground().forget();
          ground().restore();
          const seen = await follower.sees(({ type }) => type === 'relisted');
          expect(seen.type === 'relisted' ? names(seen.items) : null).toEqual(['new']);
          await follower.sees(({ type }) => type === 'connected');
          await ground().admin.create(event({ namespace, name: 'newer' }));
          await follower.sees((event) => event.type === 'added' && event.object.metadata.name === 'newer');
          expect(follower.told.filter((word) => /old|new/.test(word))).toEqual(['added newer']);
        },
      );
    });

    it('ends without an error when it is aborted', async () => {
      const { resourceVersion } = await ground().settle(ground().cluster.list(LEASES, FULL));
      const follower = new Follower(ground(), LEASES, { projection: 'full', resourceVersion });
      await follower.sees(({ type }) => type === 'connected');
      await follower.stop();
      expect(follower.error).toBeNull();
    });
  });
}
