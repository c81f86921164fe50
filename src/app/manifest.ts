import type { ClusterObject } from '../core/cluster-object.ts';
import type { Lock, LockKind } from '../core/lock.ts';
import { mapBounded } from './bounded.ts';
import { LOCK_SOURCES } from './lock-book.ts';
import type { Cluster } from './ports.ts';

const SOURCES = new Map<LockKind, (typeof LOCK_SOURCES)[number]>(
  LOCK_SOURCES.map((source) => [source.kind, source]),
);

/**
 * The objects of a lock in full as they are stored now, the primary half first, without their managed fields as kubectl
 * shows them. Rejects like `Cluster.get`.
 */
export async function readManifests(
  cluster: Cluster,
  lock: Lock,
  signal: AbortSignal,
): Promise<ClusterObject[]> {
  const halves = lock.secondary === null ? [lock.primary] : [lock.primary, lock.secondary];
  return mapBounded(halves, async ({ ref: { kind, namespace, name } }) => {
    const source = SOURCES.get(kind);
    if (source === undefined) throw new Error(`no resource carries locks of kind ${kind}`);
    const options = { projection: 'full', consistency: 'quorum' } as const;
    const { object } = await cluster.get(source.resource, namespace, name, options, signal);
    const { managedFields: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  });
}
