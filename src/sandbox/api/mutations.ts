import { randomBytes } from 'node:crypto';
import type { ClusterObject, ObjectMeta } from '../../core/cluster-object.ts';
import { LeaderError } from '../../core/errors.ts';
import { LEASE_CANDIDATES, NAMESPACES, NODES, PODS, type Resource } from '../../core/resources.ts';
import { apiVersionOf } from '../kinds.ts';
import { mergePatched } from '../merge-patch.ts';
import { invalid } from '../object-rules.ts';
import type { Store, WriteOptions } from '../store.ts';
import { createIn, replaceIn } from '../writes.ts';
import type { Call } from './call.ts';
import { jsonPatched } from './json-patch.ts';
import { scaled, scaleOf } from './scale.ts';

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** What candidates are called: names with the identity's underscore. */
const CANDIDATE_NAME = /^[-._a-zA-Z0-9]+$/;

function badRequest(why: string): LeaderError {
  return new LeaderError('usage', why);
}

function isDryRun({ query, body }: Call): boolean {
  const sent = (body as { dryRun?: unknown } | null)?.dryRun;
  return query.getAll('dryRun').includes('All') || (Array.isArray(sent) && sent.includes('All'));
}

/** Who writes: the field manager that was named, or the program. */
function writeOptions(call: Call): WriteOptions {
  const manager = call.query.get('fieldManager') || call.agent.split('/')[0] || 'unknown';
  return {
    manager,
    dryRun: isDryRun(call),
    ...(call.subresource !== null && { subresource: call.subresource }),
  };
}

/** The object that was sent, as one of the kind and the place that the path names. */
function sentObject({ body, served: { resource }, namespace }: Call): ClusterObject {
  const sent = body as Partial<ClusterObject> | null;
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    throw badRequest('the body is no object');
  if (sent.kind !== undefined && sent.kind !== resource.kind) {
    throw badRequest(`the object provided is unrecognized: it must be of kind ${resource.kind}`);
  }
  const metadata: ObjectMeta = { ...sent.metadata };
  if (namespace !== null && (metadata.namespace ?? namespace) !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return {
    ...sent,
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: { ...metadata, ...(namespace !== null && { namespace }) },
  };
}

function nameOf(metadata: ObjectMeta & { generateName?: string }, resource: Resource): string {
  const prefix = metadata.generateName ?? '';
  const name =
    metadata.name || (prefix === '' ? '' : `${prefix}${randomBytes(4).toString('hex').slice(0, 5)}`);
  const shape = resource === LEASE_CANDIDATES ? CANDIDATE_NAME : NAME;
  if (shape.test(name) && name.length <= 253) return name;
  const why = name === '' ? 'Required value: name or generateName is required' : `Invalid value: "${name}"`;
  throw invalid(resource, name, `metadata.name: ${why}`);
}

function statusAtFirst({ served: { resource, hasStatus } }: Call, sent: ClusterObject): { status?: unknown } {
  if (resource === PODS) return { status: { phase: 'Pending' } };
  if (resource === NAMESPACES) return { status: { phase: 'Active' } };
  // Nodes bring theirs along.
  return (!hasStatus || resource === NODES) && sent.status !== undefined ? { status: sent.status } : {};
}

/** Creates the object that was sent. */
export function created(call: Call, store: Store): ClusterObject {
  const sent = sentObject(call);
  const { resource, hasScale } = call.served;
  const { uid: _uid, creationTimestamp: _time, managedFields: _fields, ...metadata } = sent.metadata;
  if (metadata.resourceVersion)
    throw badRequest('resourceVersion should not be set on objects to be created');
  const name = nameOf(metadata, resource);
  if (call.namespace !== null && store.find(NAMESPACES, null, call.namespace) === null) {
    throw new LeaderError('not-found', `namespaces "${call.namespace}" not found`);
  }
  const { status: _status, ...fields } = sent;
  // Whoever does not say how many wants one.
  if (hasScale) fields.spec = { replicas: 1, ...(fields.spec as object | undefined) };
  const object = { ...fields, ...statusAtFirst(call, sent), metadata: { ...metadata, name } };
  return createIn(store, object, writeOptions(call));
}

/** What is stored when this is written over that: each subresource writes its own part only. */
function written(call: Call, current: ClusterObject, sent: ClusterObject): ClusterObject {
  const { served, subresource, name } = call;
  if (sent.metadata.name !== name) {
    throw badRequest(
      `the name of the object (${sent.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (subresource === 'scale') return scaled(current, sent);
  const { resourceVersion = '', uid = current.metadata.uid ?? '' } = sent.metadata;
  if (subresource === 'status') {
    return { ...current, status: sent.status, metadata: { ...current.metadata, resourceVersion, uid } };
  }
  const { deletionTimestamp: _asked, ...metadata } = sent.metadata;
  const { deletionTimestamp } = current.metadata;
  return {
    ...sent,
    ...(served.hasStatus && { status: current.status }),
    metadata: { ...metadata, uid, ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
  };
}

/** Replaces an object, or one part of it. */
export function replaced(call: Call, store: Store): ClusterObject {
  const { served, namespace, name } = call;
  const current = store.read(served.resource, namespace, name ?? '');
  const sent = call.subresource === 'scale' ? (call.body as ClusterObject) : sentObject(call);
  return replaceIn(store, written(call, current, sent), writeOptions(call));
}

/** Without lists and directives a strategic merge patch means the same as a merge patch. */
function isPlain(patch: unknown): boolean {
  if (Array.isArray(patch)) return false;
  if (typeof patch !== 'object' || patch === null) return true;
  return Object.entries(patch).every(([key, value]) => !key.startsWith('$') && isPlain(value));
}

function patchedBy(call: Call, object: ClusterObject): ClusterObject {
  switch (call.contentType.split(';')[0]?.trim()) {
    case 'application/merge-patch+json':
      return mergePatched(object, call.body) as ClusterObject;
    case 'application/strategic-merge-patch+json':
      if (isPlain(call.body)) return mergePatched(object, call.body) as ClusterObject;
      throw new LeaderError('refused', 'a strategic merge patch of lists is not understood by this server');
    case 'application/json-patch+json':
      return jsonPatched(object, call.body) as ClusterObject;
    default:
      throw new LeaderError(
        'refused',
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json',
      );
  }
}

/** Applies a patch to an object, or to one part of it. */
export function patched(call: Call, store: Store): ClusterObject {
  const { served, namespace, name, subresource } = call;
  const current = store.read(served.resource, namespace, name ?? '');
  const sent = patchedBy(call, subresource === 'scale' ? scaleOf(current) : current);
  const { uid } = sent.metadata;
  if (uid !== undefined && uid !== current.metadata.uid) {
    const why = `metadata.uid: Invalid value: "${uid}": field is immutable`;
    throw invalid(served.resource, name ?? '', why);
  }
  return replaceIn(store, written(call, current, sent), writeOptions(call));
}
