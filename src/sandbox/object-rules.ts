import type { ClusterObject, ObjectMeta } from '../core/cluster-object.ts';
import { LeaderError } from '../core/errors.ts';
import { LEASES, type Resource } from '../core/resources.ts';

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

export function invalid(resource: Resource, name: string | undefined, why: string): LeaderError {
  return new LeaderError('invalid', `${resource.kind} "${name ?? ''}" is invalid: ${why}`);
}

function specOf(object: ClusterObject): Record<string, unknown> {
  return (object.spec ?? {}) as Record<string, unknown>;
}

/** Rejects what an API server cannot decode. */
export function mustDecode(resource: Resource, object: ClusterObject): void {
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
export function mustBeValid(resource: Resource, object: ClusterObject): void {
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

/** Maps that are empty are not stored. */
export function withoutEmptyMaps(metadata: ObjectMeta): ObjectMeta {
  const isEmpty = (field: string, value: unknown): boolean =>
    ['annotations', 'labels'].includes(field) && Object.keys(value ?? {}).length === 0;
  return Object.fromEntries(Object.entries(metadata).filter(([field, value]) => !isEmpty(field, value)));
}
