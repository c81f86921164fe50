import type { ClusterObject, OwnerReference } from '../cluster-object.ts';
import type { LockContent, LockHalf, LockKind } from '../lock.ts';
import { parseRfc3339 } from '../time.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { lastWriteOf } from './managed-fields.ts';

/** What a format found in an object; the object's metadata supplies the rest of the half. */
interface Carried {
  format: string;
  content: LockContent;
  heartbeat: string | null;
  /** Where managedFields would show that the record was written. */
  recordPath: readonly string[];
}

/** The metadata as it came off the wire: nothing about its shape is taken for granted. */
export function metadataOf(object: ClusterObject): JsonObject {
  const metadata: unknown = object.metadata;
  return isJsonObject(metadata) ? metadata : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function labelsOf(metadata: JsonObject): Record<string, string> {
  const labels = metadata['labels'];
  if (!isJsonObject(labels)) return {};
  return Object.fromEntries(
    Object.entries(labels).filter((label): label is [string, string] => typeof label[1] === 'string'),
  );
}

function ownerOf(reference: JsonObject): OwnerReference {
  const owner: OwnerReference = {};
  for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
    const value = reference[field];
    if (typeof value === 'string') owner[field] = value;
  }
  if (typeof reference['controller'] === 'boolean') owner.controller = reference['controller'];
  return owner;
}

function ownersOf(metadata: JsonObject): OwnerReference[] {
  const owners = metadata['ownerReferences'];
  return Array.isArray(owners) ? owners.filter(isJsonObject).map(ownerOf) : [];
}

/** The lock half that an object is; null for an object without a name or namespace, which no API server sends. */
export function halfOf(object: ClusterObject, kind: LockKind, carried: Carried): LockHalf | null {
  const metadata = metadataOf(object);
  const namespace = text(metadata['namespace']);
  const name = text(metadata['name']);
  if (namespace === '' || name === '') return null;
  return {
    ref: { kind, namespace, name },
    format: carried.format,
    uid: text(metadata['uid']),
    resourceVersion: text(metadata['resourceVersion']),
    createdAt: parseRfc3339(metadata['creationTimestamp']),
    labels: labelsOf(metadata),
    ownerReferences: ownersOf(metadata),
    content: carried.content,
    heartbeat: carried.heartbeat,
    lastWrite: lastWriteOf(metadata, carried.recordPath),
  };
}
