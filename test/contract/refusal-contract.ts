import { describe, expect, it } from 'vitest';
import type { Cluster, WatchEvent } from '../../src/app/ports.ts';
import { LEASES, PODS, type Resource } from '../../src/core/resources.ts';
import { type ContractGround, FULL, METADATA } from './ground.ts';

/** What is refused, and how that is said. */
export function refusalContract(ground: () => ContractGround): void {
  describe('what is refused', () => {
    async function watchOf(cluster: Cluster, resource: Resource): Promise<WatchEvent[]> {
      const stop = new AbortController();
      const seen: WatchEvent[] = [];
      for await (const event of cluster.watch(
        resource,
        { projection: 'full', resourceVersion: '1' },
        stop.signal,
      ))
        seen.push(event);
      return seen;
    }

    it('is forbidden for a user without rights, whatever is asked', async () => {
      const denied = ground().withoutRights;
      const namespace = await ground().namespace();
      for (const ask of [
        () => denied.list(LEASES, FULL),
        () => denied.list(LEASES, { ...METADATA, namespace }),
        () => denied.get(LEASES, namespace, 'a', FULL),
        () => denied.rows(PODS, { namespace }),
        () => watchOf(denied, LEASES),
      ]) {
        const refusal = ground().settle<unknown>(ask());
        await expect(refusal).rejects.toMatchObject({
          code: 'forbidden',
          message: expect.stringMatching(
            /^(leases.coordination.k8s.io|pods)\b.* is forbidden: User ".+" cannot \w+/,
          ),
          hint: expect.stringMatching(/leases.coordination.k8s.io|pods/),
        });
      }
    });

    it('is not-served for a resource that the server does not know', async () => {
      const unknown = ground().notServed;
      for (const ask of [
        () => ground().cluster.list(unknown, FULL),
        () => ground().cluster.get(unknown, unknown.namespaced ? 'default' : null, 'a', FULL),
        () => watchOf(ground().cluster, unknown),
      ]) {
        await expect(ground().settle<unknown>(ask())).rejects.toMatchObject({ code: 'not-served' });
      }
    });

    it('is interrupted when the signal aborted', async () => {
      const signal = AbortSignal.abort();
      for (const ask of [
        () => ground().cluster.list(LEASES, FULL, signal),
        () => ground().cluster.get(LEASES, 'default', 'a', FULL, signal),
        () => ground().cluster.rows(PODS, {}, signal),
      ]) {
        await expect(ground().settle<unknown>(ask())).rejects.toMatchObject({ code: 'interrupted' });
      }
    });
  });
}
