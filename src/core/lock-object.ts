import type { ClusterObject } from './cluster-object.ts';
import { arrayAt, objectAt } from './fields.ts';
import { LEADER_ANNOTATION } from './formats/annotation.ts';
import type { LockRef } from './lock.ts';
import { printable } from './text.ts';

/** What an object is besides a lock. It decides whether the object may be deleted to free the lock. */
export interface LockObjectFacts {
  /** An Endpoints object that routes traffic. */
  hasSubsets: boolean;
  /** Whether a Service of its name exists, to which an Endpoints object then belongs; null when not known. */
  service: boolean | null;
  /** A ConfigMap that carries `data` or `binaryData`. */
  hasData: boolean;
  /** Annotations and labels that no elector writes: somebody else keeps something here. */
  foreign: readonly string[];
  finalizers: readonly string[];
}

/** Annotations that a lock object may have and still be nothing but a lock. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  LEADER_ANNOTATION,
  'leader.istio.io/holder-key',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

/** Labels by which controllers mark what is theirs. Others (a team, a provider) are on many locks and say nothing. */
const OWNER_LABELS: ReadonlySet<string> = new Set([
  'app.kubernetes.io/managed-by',
  'endpoints.kubernetes.io/managed-by',
  'service.kubernetes.io/headless',
]);

function isFilled(value: unknown): boolean {
  if (typeof value !== 'object') return value !== undefined;
  return value !== null && Object.keys(value).length > 0;
}

function foreignIn(object: ClusterObject): string[] {
  const annotations = Object.keys(objectAt(object.metadata, 'annotations') ?? {});
  const labels = Object.keys(objectAt(object.metadata, 'labels') ?? {});
  return [
    ...annotations.filter((key) => !OWN_ANNOTATIONS.has(key)).map((key) => `annotation ${key}`),
    ...labels.filter((key) => OWNER_LABELS.has(key)).map((key) => `label ${key}`),
  ];
}

/**
 * What an object is besides a lock; null for one of which only the metadata was read, since that tells nothing of its
 * contents. `service`: whether a Service of its name exists, null when that is not known.
 */
export function objectFactsOf(object: ClusterObject, service: boolean | null): LockObjectFacts | null {
  if (object.kind === 'PartialObjectMetadata') return null;
  return {
    hasSubsets: isFilled(object['subsets']),
    service,
    hasData: isFilled(object['data']) || isFilled(object['binaryData']),
    foreign: foreignIn(object),
    finalizers: arrayAt(object.metadata, 'finalizers').map(String),
  };
}

/** Why an object should not be deleted. */
export interface DeletionObstacle {
  /** Completes "it cannot be deleted: ...". */
  why: string;
  /** True where deleting would destroy what is not ours to destroy, so that nothing may override it. */
  final: boolean;
}

type Check = (facts: LockObjectFacts, ref: LockRef) => DeletionObstacle | null;

function obstacle(applies: boolean, final: boolean, why: string): DeletionObstacle | null {
  return applies ? { why, final } : null;
}

const CHECKS: readonly Check[] = [
  ({ hasSubsets }) => obstacle(hasSubsets, true, 'it has subsets, so traffic is routed by it'),
  ({ service }, { kind }) =>
    obstacle(kind === 'endpoints' && service === true, true, 'it belongs to the Service of the same name'),
  ({ hasData }) => obstacle(hasData, true, 'it holds data besides the lock'),
  ({ foreign }) =>
    obstacle(
      foreign.length > 0,
      true,
      `it is more than a lock, it carries ${foreign.map(printable).join(', ')}`,
    ),
  ({ service }, { kind }) =>
    obstacle(
      kind === 'endpoints' && service === null,
      false,
      'whether a Service of the same name owns it could not be read',
    ),
  ({ finalizers }) =>
    obstacle(
      finalizers.length > 0,
      false,
      `its finalizers keep it in place after a deletion: ${finalizers.map(printable).join(', ')}`,
    ),
];

/** The strongest reason not to delete a lock's object; null if there is none. What is not known counts against it. */
export function deletionObstacle(ref: LockRef, facts: LockObjectFacts | null): DeletionObstacle | null {
  if (facts === null) return { why: 'what it carries besides the lock could not be read', final: true };
  for (const check of CHECKS) {
    const found = check(facts, ref);
    if (found !== null) return found;
  }
  return null;
}

/** Whether two versions of a lock's object hold the same but for its election record. */
export function isSameBesidesRecord(a: ClusterObject, b: ClusterObject): boolean {
  const rest = ({ metadata, spec, ...more }: ClusterObject): string => {
    const { resourceVersion: _version, managedFields: _fields, annotations = {}, ...kept } = metadata;
    const { [LEADER_ANNOTATION]: _record, ...others } = annotations;
    const isLease = more.kind === 'Lease';
    return JSON.stringify({
      ...more,
      metadata: { ...kept, annotations: others },
      spec: isLease ? null : (spec ?? null),
    });
  };
  return rest(a) === rest(b);
}
