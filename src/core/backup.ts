import type { ClusterObject } from './cluster-object.ts';
import type { LockKind, LockRef } from './lock.ts';
import { LOCK_RESOURCES } from './lock-resources.ts';
import type { Instant } from './time.ts';

/** What the API server sets itself: with it, applying the object again would be refused or would mean another one. */
const SERVER_SET: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'selfLink',
]);

/** The object as `kubectl apply -f` takes it again: what it is and says, without what belongs to this one life of it. */
export function backupOf(object: ClusterObject, kind: LockKind): ClusterObject {
  const { group, version, kind: spelled } = LOCK_RESOURCES[kind];
  // Objects out of lists carry neither.
  const type = { apiVersion: group === '' ? version : `${group}/${version}`, kind: spelled };
  const metadata = Object.entries(object.metadata).filter(([field]) => !SERVER_SET.has(field));
  return { ...type, ...object, ...type, metadata: Object.fromEntries(metadata) };
}

/** Longest part of a file name taken from a name, characters: all parts together stay under the usual 255 bytes. */
const LONGEST_PART = 100;

/** One part of a file name: no separators, no leading dot or dash, no `..`, nothing that any file system refuses. */
function safePart(text: string): string {
  const safe = text
    .replace(/[^A-Za-z0-9.-]/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]/, '_');
  return safe.slice(0, LONGEST_PART);
}

/** `kube-system_lease_kube-scheduler_20260115T120000.000Z.yaml`, safe on every file system whatever the names are. */
export function backupFileName({ namespace, kind, name }: LockRef, at: Instant): string {
  const time = new Date(at).toISOString().replace(/[-:]/g, '');
  return `${safePart(namespace)}_${kind}_${safePart(name)}_${time}.yaml`;
}
