import type { ClusterObject } from '../core/cluster-object.ts';
import { resourceOf } from './kinds.ts';
import { mustBeValid, mustDecode, withoutEmptyMaps } from './object-rules.ts';
import type { Store, WriteOptions } from './store.ts';

/** Creates an object as an API server does: nothing is stored unless everything fits. */
export function createIn(store: Store, object: ClusterObject, options: WriteOptions): ClusterObject {
  const resource = resourceOf(object);
  const metadata = withoutEmptyMaps(object.metadata);
  const candidate = { ...object, metadata };
  mustDecode(resource, candidate);
  mustBeValid(resource, candidate);
  return store.create(candidate, options);
}

/** Replaces an object; that it is out of date is told before that it is invalid. */
export function replaceIn(store: Store, object: ClusterObject, options: WriteOptions): ClusterObject {
  const resource = resourceOf(object);
  const candidate = { ...object, metadata: withoutEmptyMaps(object.metadata) };
  mustDecode(resource, candidate);
  store.update(candidate, { ...options, dryRun: true });
  mustBeValid(resource, candidate);
  return store.update(candidate, options);
}
