import type { Preconditions } from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import type { Resource } from '../../src/core/resources.ts';
import { mergePatched } from '../../src/sandbox/merge-patch.ts';
import { invalid } from '../../src/sandbox/object-rules.ts';
import type { Store } from '../../src/sandbox/store.ts';
import { createIn as createdIn, replaceIn } from '../../src/sandbox/writes.ts';

/** The field manager of every write through the port. */
const MANAGER = 'kubectl-leader';

function mustBeKnown(resource: Resource, name: string, { uid, resourceVersion }: Preconditions): void {
  if (uid === '' || resourceVersion === '' || resourceVersion === '0') {
    throw invalid(resource, name, 'its uid or resourceVersion is not known');
  }
}

export interface ObjectPlace {
  resource: Resource;
  namespace: string | null;
  name: string;
}

/** A merge patch as an API server applies it: nothing is stored unless everything fits. */
export function patchIn(
  store: Store,
  { resource, namespace, name }: ObjectPlace,
  patch: object,
  preconditions: Preconditions,
  dryRun: boolean,
): ClusterObject {
  mustBeKnown(resource, name, preconditions);
  const merged = mergePatched(store.read(resource, namespace, name), patch) as ClusterObject;
  const { uid, resourceVersion } = preconditions;
  const candidate = { ...merged, metadata: { ...merged.metadata, uid, resourceVersion } };
  return replaceIn(store, candidate, { manager: MANAGER, dryRun });
}

export function deleteIn(
  store: Store,
  { resource, namespace, name }: ObjectPlace,
  preconditions: Preconditions,
  dryRun: boolean,
): void {
  mustBeKnown(resource, name, preconditions);
  store.remove(resource, namespace, name, preconditions, dryRun);
}

export function createIn(store: Store, object: ClusterObject, dryRun: boolean): ClusterObject {
  return createdIn(store, object, { manager: MANAGER, dryRun });
}
