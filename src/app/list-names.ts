import type { Lock } from '../core/lock.ts';
import { NAMESPACES } from '../core/resources.ts';
import { lookAt } from './first-look.ts';
import { LOCK_SOURCES, LockBook } from './lock-book.ts';
import type { Clock, Cluster } from './ports.ts';

/**
 * The locks there are, by one cheap look and without a verdict. What could not be read, or was not when the signal
 * aborted, is left out: this is for suggestions.
 */
export async function listLocks(
  cluster: Cluster,
  clock: Clock,
  namespace: string | null,
  signal: AbortSignal,
): Promise<Lock[]> {
  const book = new LockBook({ heartbeats: false });
  const scope = { namespace, labelSelector: null, heartbeats: false };
  await Promise.all(LOCK_SOURCES.map((source) => lookAt(cluster, clock, source, scope, book, signal)));
  return book.openCases(clock).map(({ lock }) => lock);
}

/** The names of the cluster's namespaces. Rejects with a LeaderError. */
export async function listNamespaces(cluster: Cluster, signal: AbortSignal): Promise<string[]> {
  const { items } = await cluster.list(NAMESPACES, { projection: 'metadata', consistency: 'cached' }, signal);
  return items.flatMap(({ metadata }) => metadata.name ?? []);
}
