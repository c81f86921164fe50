import type { ObjectMeta, OwnerReference } from '../../core/cluster-object.ts';
import { formatSecondTime, type Instant } from '../../core/time.ts';

/** Times that nobody gives are those of one noon, so that objects are the same each time they are made. */
export const NOON: Instant = Date.UTC(2026, 0, 15, 12, 0, 0);

export const DAY_MS = 86_400_000;

export interface ObjectOptions {
  name?: string;
  namespace?: string;
  /** Wall-clock instant, milliseconds. */
  createdAt?: Instant;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  owner?: { kind: string; name: string; uid?: string; apiVersion?: string };
  /** Anything else of the metadata. */
  metadata?: ObjectMeta;
}

export function metadata(options: ObjectOptions, name: string, namespaced: boolean): ObjectMeta {
  return {
    name: options.name ?? name,
    ...(namespaced && { namespace: options.namespace ?? 'default' }),
    ...(options.createdAt !== undefined && { creationTimestamp: formatSecondTime(options.createdAt) }),
    ...(options.labels && { labels: options.labels }),
    ...(options.annotations && { annotations: options.annotations }),
    ...(options.owner && { ownerReferences: [controller(options.owner)] }),
    ...options.metadata,
  };
}

function controller(owner: NonNullable<ObjectOptions['owner']>): OwnerReference {
  return {
    apiVersion: owner.apiVersion ?? (owner.kind === 'Node' ? 'v1' : 'apps/v1'),
    kind: owner.kind,
    name: owner.name,
    uid: owner.uid ?? `uid-of-${owner.name}`,
    controller: true,
  };
}
