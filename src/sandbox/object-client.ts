import type { ClusterObject } from '../core/cluster-object.ts';
import type { Resource } from '../core/resources.ts';

/** What a process in a cluster needs of the API server. All methods reject with a LeaderError. */
export interface ObjectClient {
  /** From the store, never a cache. Rejects with `not-found`. */
  get(
    resource: Resource,
    namespace: string | null,
    name: string,
    signal?: AbortSignal,
  ): Promise<ClusterObject>;
  /** Rejects with `conflict` if it exists. */
  create(object: ClusterObject, signal?: AbortSignal): Promise<ClusterObject>;
  /** Replaces the object under the resourceVersion that it brings. Rejects with `conflict`. */
  update(object: ClusterObject, signal?: AbortSignal): Promise<ClusterObject>;
}
