import type { Resource } from '../core/resources.ts';
import type { Cluster, ListAnswer, ListScope } from './ports.ts';

/** A name that cannot exist. */
const NO_NAME = 'metadata.name=-';

/** A list that is always empty: cheap, and it says from where a watch can start, and what time it is there. */
export function listNothing(
  cluster: Cluster,
  resource: Resource,
  scope: ListScope,
  signal: AbortSignal,
): Promise<ListAnswer> {
  const request = {
    ...scope,
    projection: 'metadata',
    consistency: 'quorum',
    fieldSelector: NO_NAME,
  } as const;
  return cluster.list(resource, request, signal);
}
