import type { ClusterObject, ObjectMeta } from '../core/cluster-object.ts';
import { LeaderError } from '../core/errors.ts';
import {
  DAEMONSETS,
  DEPLOYMENTS,
  LEASES,
  NODES,
  PODS,
  REPLICASETS,
  type Resource,
  STATEFULSETS,
} from '../core/resources.ts';

const MICRO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

const WORKLOADS: readonly Resource[] = [DEPLOYMENTS, REPLICASETS, DAEMONSETS, STATEFULSETS];

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

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const areObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

type Shapes = Readonly<Record<string, (value: unknown) => boolean>>;

const ANY_SHAPES: Shapes = {
  'metadata.labels': isObject,
  'metadata.annotations': isObject,
  'metadata.ownerReferences': areObjects,
  spec: isObject,
  status: isObject,
};

const WORKLOAD_SHAPES: Shapes = {
  'spec.replicas': isInt32,
  'spec.selector': isObject,
  'spec.template': isObject,
  'spec.template.spec': isObject,
};

/** The forms of what the rest of the cluster works with. */
const SHAPES: ReadonlyMap<Resource, Shapes> = new Map([
  [
    PODS,
    {
      'spec.containers': areObjects,
      'status.conditions': areObjects,
      'status.containerStatuses': areObjects,
    },
  ],
  [NODES, { 'spec.taints': areObjects, 'status.conditions': areObjects, 'status.addresses': areObjects }],
  ...WORKLOADS.map((resource) => [resource, WORKLOAD_SHAPES] as const),
]);

function at(object: unknown, path: string): unknown {
  return path.split('.').reduce((value, field) => (value as Record<string, unknown> | null)?.[field], object);
}

export function invalid(resource: Resource, name: string | undefined, why: string): LeaderError {
  return new LeaderError('invalid', `${resource.kind} "${name ?? ''}" is invalid: ${why}`);
}

function undecodable(resource: Resource, path: string, value: unknown): LeaderError {
  const why = `${path}: cannot be decoded: ${JSON.stringify(value)}`;
  return new LeaderError(
    'invalid',
    `${resource.kind} in version "${resource.version}" cannot be handled: ${why}`,
  );
}

function specOf(object: ClusterObject): Record<string, unknown> {
  return (object.spec ?? {}) as Record<string, unknown>;
}

/** Rejects what an API server cannot decode. */
export function mustDecode(resource: Resource, object: ClusterObject): void {
  for (const [path, fits] of Object.entries({ ...ANY_SHAPES, ...SHAPES.get(resource) })) {
    const value = at(object, path) ?? null;
    if (value !== null && !fits(value)) throw undecodable(resource, path, value);
  }
  const { annotations, labels } = object.metadata;
  for (const [key, value] of Object.entries({ ...annotations, ...labels })) {
    if (!isText(value)) throw undecodable(resource, key, value);
  }
  if (resource !== LEASES) return;
  for (const [field, value] of Object.entries(specOf(object))) {
    if (LEASE_TYPES[field]?.(value) === false) {
      throw undecodable(resource, `spec.${field}`, value);
    }
  }
}

/** A workload has to know its Pods, and how to make them. */
function mustSelectItsPods(resource: Resource, object: ClusterObject): void {
  const { selector, template } = specOf(object) as {
    selector?: { matchLabels?: Record<string, string> } | null;
    template?: { metadata?: { labels?: Record<string, string> } | null } | null;
  };
  const wanted = Object.entries(selector?.matchLabels ?? {});
  const labels = template?.metadata?.labels ?? {};
  if (wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)) return;
  const why =
    wanted.length === 0
      ? 'spec.selector: Required value'
      : `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
  throw invalid(resource, object.metadata.name, why);
}

/** Rejects what an API server's validation of Leases and workloads rejects. */
export function mustBeValid(resource: Resource, object: ClusterObject): void {
  if (WORKLOADS.includes(resource)) mustSelectItsPods(resource, object);
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
