import type { ClusterObject } from '../core/cluster-object.ts';
import { halvesOf, type Lock } from '../core/lock.ts';
import { LOCK_RESOURCES } from '../core/lock-resources.ts';
import { mapBounded } from './bounded.ts';
import type { Cluster } from './ports.ts';

/**
 * The objects of a lock in full as they are stored now, the primary half first, without their managed fields as kubectl
 * shows them. Rejects like `Cluster.get`.
 */
export async function readManifests(
  cluster: Cluster,
  lock: Lock,
  signal: AbortSignal,
): Promise<ClusterObject[]> {
  return mapBounded(halvesOf(lock), async ({ ref: { kind, namespace, name } }) => {
    const options = { projection: 'full', consistency: 'quorum' } as const;
    const { object } = await cluster.get(LOCK_RESOURCES[kind], namespace, name, options, signal);
    const { managedFields: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  });
}
