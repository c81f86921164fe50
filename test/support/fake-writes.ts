import type { Preconditions } from '../../src/app/ports.ts';
import type { ClusterObject, ObjectMeta } from '../../src/core/cluster-object.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASES, type Resource } from '../../src/core/resources.ts';
import { mergePatched } from '../core/formats/merge-patch.ts';
import { type FakeStore, resourceOf } from './fake-store.ts';

/** The field manager of every write through the port. */
const MANAGER = 'kubectl-leader';

const MICRO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

const isText = (value: unknown): boolean => typeof value === 'string';
const isInt32 = (value: unknown): boolean => Number.isInteger(value);
const isMicroTime = (value: unknown): boolean => typeof value === 'string' && MICRO_TIME.test(value);

/** The types of a Lease's spec; an object that breaks them cannot be decoded, whatever else is wrong with the write. */
const LEASE_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  holderIdentity: isText,
  leaseDurationSeconds: isInt32,
  acquireTime: isMicroTime,
  renewTime: isMicroTime,
  leaseTransitions: isInt32,
  strategy: isText,
  preferredHolder: isText,
};

function invalid(resource: Resource, name: string | undefined, why: string): LeaderError {
  return new LeaderError('invalid', `${resource.kind} "${name ?? ''}" is invalid: ${why}`);
}

function specOf(object: ClusterObject): Record<string, unknown> {
  return (object.spec ?? {}) as Record<string, unknown>;
}

/** Rejects what an API server cannot decode. */
function mustDecode(resource: Resource, object: ClusterObject): void {
  const { annotations = {}, labels = {}, name } = object.metadata;
  for (const [key, value] of Object.entries({ ...annotations, ...labels })) {
    if (!isText(value)) throw invalid(resource, name, `${key}: cannot be decoded into a string`);
  }
  if (resource !== LEASES) return;
  for (const [field, value] of Object.entries(specOf(object))) {
    if (LEASE_TYPES[field]?.(value) === false) {
      throw invalid(resource, name, `spec.${field}: cannot be decoded: ${JSON.stringify(value)}`);
    }
  }
}

/** Rejects what an API server's validation of Leases rejects. */
function mustBeValid(resource: Resource, object: ClusterObject): void {
  if (resource !== LEASES) return;
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = specOf(object);
  const { name } = object.metadata;
  if (typeof duration === 'number' && duration <= 0) {
    throw invalid(
      resource,
      name,
      `spec.leaseDurationSeconds: Invalid value: ${duration}: must be greater than 0`,
    );
  }
  if (typeof transitions === 'number' && transitions < 0) {
    throw invalid(resource, name, `spec.leaseTransitions: Invalid value: ${transitions}: must be at least 0`);
  }
}

function mustBeKnown(resource: Resource, name: string, { uid, resourceVersion }: Preconditions): void {
  if (uid === '' || resourceVersion === '' || resourceVersion === '0') {
    throw invalid(resource, name, 'its uid or resourceVersion is not known');
  }
}

/** Maps that are empty are not stored. */
function withoutEmptyMaps(metadata: ObjectMeta): ObjectMeta {
  const isEmpty = (field: string, value: unknown): boolean =>
    ['annotations', 'labels'].includes(field) && Object.keys(value ?? {}).length === 0;
  return Object.fromEntries(Object.entries(metadata).filter(([field, value]) => !isEmpty(field, value)));
}

export interface ObjectPlace {
  resource: Resource;
  namespace: string | null;
  name: string;
}

/** A merge patch as an API server applies it: nothing is stored unless everything fits. */
export function patchIn(
  store: FakeStore,
  { resource, namespace, name }: ObjectPlace,
  patch: object,
  preconditions: Preconditions,
  dryRun: boolean,
): ClusterObject {
  mustBeKnown(resource, name, preconditions);
  const merged = mergePatched(store.read(resource, namespace, name), patch) as ClusterObject;
  const { uid, resourceVersion } = preconditions;
  const metadata = withoutEmptyMaps({ ...merged.metadata, uid, resourceVersion });
  const candidate = { ...merged, metadata };
  mustDecode(resource, candidate);
  store.update(candidate, { dryRun: true });
  mustBeValid(resource, candidate);
  return store.update(candidate, { manager: MANAGER, dryRun });
}

export function deleteIn(
  store: FakeStore,
  { resource, namespace, name }: ObjectPlace,
  preconditions: Preconditions,
  dryRun: boolean,
): void {
  mustBeKnown(resource, name, preconditions);
  store.remove(resource, namespace, name, preconditions, dryRun);
}

export function createIn(store: FakeStore, object: ClusterObject, dryRun: boolean): ClusterObject {
  const resource = resourceOf(object);
  mustDecode(resource, object);
  mustBeValid(resource, object);
  return store.create(object, { manager: MANAGER, dryRun });
}
