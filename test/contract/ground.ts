import type { Clock, Cluster } from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import type { Resource } from '../../src/core/resources.ts';

/** Writes past the port, with all rights. */
export interface ContractAdmin {
  /** Stores a new object, its status included. */
  create(object: ClusterObject): Promise<ClusterObject>;
  /** Replaces an object; it brings the resourceVersion that it was read with. */
  update(object: ClusterObject): Promise<ClusterObject>;
  /** Deletes an object for good. */
  remove(resource: Resource, namespace: string | null, name: string): Promise<void>;
  /** Asks for the deletion of a Pod on a node, which no kubelet there ever completes. */
  terminate(pod: ClusterObject): Promise<void>;
}

/** An implementation of the port and a cluster under it. */
export interface ContractGround {
  cluster: Cluster;
  admin: ContractAdmin;
  clock: Clock;
  /** The same cluster as seen by somebody without any rights. */
  withoutRights: Cluster;
  /** A resource that the server does not know. */
  notServed: Resource;
  /** A namespace of its own for one test. */
  namespace(): Promise<string>;
  /** Breaks every connection, and keeps the server out of reach until `restore`. */
  interrupt(): void;
  restore(): void;
  /** Makes the server forget every version of Events before now. */
  forget(): Promise<void>;
  /** Lets time pass until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>;
  end(): Promise<void>;
}

export const FULL = { projection: 'full', consistency: 'quorum' } as const;
export const METADATA = { projection: 'metadata', consistency: 'quorum' } as const;

export function names(objects: readonly ClusterObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name ?? '').sort();
}

/** Reads again until the reading is as expected, within 10 s: a cached read may be a moment behind. */
export async function eventually<T>(
  ground: ContractGround,
  read: () => Promise<T>,
  isThere: (value: T) => boolean,
): Promise<T> {
  const until = ground.clock.mono() + 10_000;
  for (;;) {
    const value = await ground.settle(read());
    if (isThere(value) || ground.clock.mono() > until) return value;
    await ground.settle(ground.clock.sleep(50));
  }
}
