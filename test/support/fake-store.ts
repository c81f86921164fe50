import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../src/app/ports.ts';
import type { ClusterObject, ManagedFieldsEntry } from '../../src/core/cluster-object.ts';
import { LeaderError } from '../../src/core/errors.ts';
import * as RESOURCES from '../../src/core/resources.ts';
import { LEASES, type Resource, resourceName } from '../../src/core/resources.ts';
import { formatSecondTime, type Instant, type Mono } from '../../src/core/time.ts';

export const KNOWN_RESOURCES: readonly Resource[] = Object.values(RESOURCES).filter(
  (value) => typeof value === 'object',
);

/** One change, in the order of the revisions. */
export interface Change {
  revision: number;
  at: Mono;
  type: 'added' | 'modified' | 'deleted';
  resource: Resource;
  /** The new state; of a deleted object the last one, under the revision of its deletion. */
  object: ClusterObject;
  previous: ClusterObject | null;
}

export interface WriteOptions {
  /** Records a managedFields entry for this field manager, as the API server does for every write. */
  manager?: string;
  /** Checks everything, and stores nothing. */
  dryRun?: boolean;
}

export interface Preconditions {
  uid?: string;
  resourceVersion?: string;
}

export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The resource an object belongs to; an object of no known kind is a mistake in the test. */
export function resourceOf(object: ClusterObject): Resource {
  const found = KNOWN_RESOURCES.find(
    (one) => apiVersionOf(one) === object.apiVersion && one.kind === object.kind,
  );
  if (!found) throw new Error(`no such kind in the fake cluster: ${object.apiVersion} ${object.kind}`);
  return found;
}

function keyOf(resource: Resource, namespace: string | null, name: string): string {
  if (resource.namespaced !== (namespace !== null)) {
    throw new Error(
      `a ${resource.kind} ${resource.namespaced ? 'needs a namespace' : 'has no namespace'}: ${name}`,
    );
  }
  return `${resourceName(resource)}/${namespace ?? ''}/${name}`;
}

function fieldSet(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(value).map((field) => [`f:${field}`, {}]));
}

function conflict(resource: Resource, name: string, why: string): LeaderError {
  const what = `Operation cannot be fulfilled on ${resourceName(resource)} "${name}": ${why}`;
  return new LeaderError('conflict', what);
}

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/**
 * What an API server and its etcd keep: objects under one growing revision, with their history. Everything that goes
 * in or comes out is a copy. Objects may bring a uid and a creationTimestamp of their own, so that they can be old.
 */
export class FakeStore {
  /** The API server's wall clock against this machine's, milliseconds. */
  serverSkewMs = 0;
  /** Kubernetes up to 1.20 leaves a managedFields entry's time at the manager's first write. */
  managedFieldsTime: 'moves' | 'stays' = 'moves';
  readonly #clock: Clock;
  readonly #objects = new Map<string, ClusterObject>();
  readonly #changes: Change[] = [];
  readonly #listeners = new Set<() => void>();
  #revision = 1;
  #compacted = 0;
  #uids = 0;
  /** The uids of objects whose every update meets a conflict. */
  readonly #frozen = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Watches cannot start from before this revision. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  get changes(): readonly Change[] {
    return this.#changes;
  }

  serverNow(): Instant {
    return this.#clock.now() + this.serverSkewMs;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Forgets the history, as etcd does every five minutes: watches from before are answered 410. */
  compact(): void {
    this.#compacted = this.#revision;
  }

  /** From now on every update of this object meets a conflict, as if it had just been modified. Deleting it ends that. */
  freeze(resource: Resource, namespace: string | null, name: string): void {
    this.#frozen.add(this.#current(resource, namespace, name).metadata.uid ?? '');
  }

  /** Stores a new object, and its namespace where that is missing. Rejects one that exists with `conflict`. */
  create(object: ClusterObject, options: WriteOptions = {}): ClusterObject {
    const resource = resourceOf(object);
    const { name, namespace } = object.metadata;
    if (!name) throw new Error(`a ${resource.kind} needs a name`);
    const key = keyOf(resource, namespace ?? null, name);
    if (this.#objects.has(key)) {
      throw new LeaderError('conflict', `${resourceName(resource)} "${name}" already exists`);
    }
    if (namespace !== undefined && !options.dryRun) this.#ensureNamespace(namespace);
    const stored = structuredClone(object);
    stored.metadata.uid ??= this.#newUid();
    stored.metadata.creationTimestamp ??= formatSecondTime(this.serverNow());
    this.#manage(stored, null, options);
    if (options.dryRun) return stored;
    return this.#commit(key, 'added', resource, stored, null);
  }

  /**
   * Replaces an object as a PUT does. A resourceVersion or uid that it brings must be the stored one, else `conflict`;
   * a Lease must bring its resourceVersion. A write that changes nothing keeps the resourceVersion.
   */
  update(object: ClusterObject, options: WriteOptions = {}): ClusterObject {
    const resource = resourceOf(object);
    const { name = '', namespace, uid, resourceVersion } = object.metadata;
    const key = keyOf(resource, namespace ?? null, name);
    const current = this.#objects.get(key);
    if (!current) {
      if (uid) {
        const met = `Precondition failed: UID in precondition: ${uid}, UID in object meta: `;
        throw conflict(resource, name, `StorageError: invalid object, Code: 4, ${met}`);
      }
      throw new LeaderError('not-found', `${resourceName(resource)} "${name}" not found`);
    }
    if (resource === LEASES && !resourceVersion) {
      const why = 'metadata.resourceVersion: Invalid value: 0x0: must be specified for an update';
      throw new LeaderError('invalid', `Lease.coordination.k8s.io "${name}" is invalid: ${why}`);
    }
    this.#expect(resource, current, object.metadata);
    if (this.#frozen.has(current.metadata.uid ?? '')) throw conflict(resource, name, MODIFIED);
    const stored = structuredClone(object);
    stored.metadata = {
      ...stored.metadata,
      uid: current.metadata.uid ?? '',
      resourceVersion: current.metadata.resourceVersion ?? '',
      creationTimestamp: current.metadata.creationTimestamp ?? '',
    };
    if (current.metadata.managedFields) stored.metadata.managedFields = current.metadata.managedFields;
    if (isDeepStrictEqual(stored, current)) return structuredClone(current);
    this.#manage(stored, current, options);
    if (options.dryRun) return stored;
    return this.#commit(key, 'modified', resource, stored, current);
  }

  /** Creates or replaces, whatever is there. */
  apply(object: ClusterObject, options: WriteOptions = {}): ClusterObject {
    const resource = resourceOf(object);
    const { name = '', namespace = null } = object.metadata;
    const current = this.#objects.get(keyOf(resource, namespace, name));
    if (!current) return this.create(object, options);
    const { uid, resourceVersion } = current.metadata;
    return this.update(
      { ...object, metadata: { ...object.metadata, uid: uid ?? '', resourceVersion: resourceVersion ?? '' } },
      options,
    );
  }

  /** Deletes one object for good. Rejects with `not-found`, or `conflict` when a precondition does not hold. */
  remove(
    resource: Resource,
    namespace: string | null,
    name: string,
    preconditions: Preconditions = {},
    dryRun = false,
  ): void {
    const current = this.#current(resource, namespace, name);
    this.#expect(resource, current, preconditions);
    if (dryRun) return;
    const key = keyOf(resource, namespace, name);
    this.#commit(key, 'deleted', resource, structuredClone(current), current);
  }

  /** One object as it was at a revision, by default now. Rejects with `not-found`. */
  read(resource: Resource, namespace: string | null, name: string, revision = this.#revision): ClusterObject {
    if (revision === this.#revision) return structuredClone(this.#current(resource, namespace, name));
    const key = keyOf(resource, namespace, name);
    const found = this.#replay(resource, revision).get(key);
    if (!found) throw new LeaderError('not-found', `${resourceName(resource)} "${name}" not found`);
    return structuredClone(found);
  }

  /** Every object of a resource as it was at a revision, in the order of their keys. */
  list(resource: Resource, revision = this.#revision): ClusterObject[] {
    const prefix = `${resourceName(resource)}/`;
    const objects = revision === this.#revision ? this.#objects : this.#replay(resource, revision);
    return [...objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => structuredClone(object));
  }

  #replay(resource: Resource, revision: number): Map<string, ClusterObject> {
    const objects = new Map<string, ClusterObject>();
    for (const change of this.#changes) {
      if (change.revision > revision) break;
      if (change.resource !== resource) continue;
      const { name = '', namespace = null } = change.object.metadata;
      const key = keyOf(resource, namespace, name);
      if (change.type === 'deleted') objects.delete(key);
      else objects.set(key, change.object);
    }
    return objects;
  }

  #current(resource: Resource, namespace: string | null, name: string): ClusterObject {
    const found = this.#objects.get(keyOf(resource, namespace, name));
    if (!found) throw new LeaderError('not-found', `${resourceName(resource)} "${name}" not found`);
    return found;
  }

  #expect(resource: Resource, current: ClusterObject, wanted: Preconditions): void {
    const name = current.metadata.name ?? '';
    if (wanted.uid && wanted.uid !== current.metadata.uid) {
      const met = `UID in precondition: ${wanted.uid}, UID in object meta: ${current.metadata.uid}`;
      throw conflict(resource, name, `Precondition failed: ${met}`);
    }
    if (wanted.resourceVersion && wanted.resourceVersion !== current.metadata.resourceVersion) {
      throw conflict(resource, name, MODIFIED);
    }
  }

  #commit(
    key: string,
    type: Change['type'],
    resource: Resource,
    object: ClusterObject,
    previous: ClusterObject | null,
  ): ClusterObject {
    this.#revision += 1;
    object.metadata.resourceVersion = String(this.#revision);
    if (type === 'deleted') this.#objects.delete(key);
    else this.#objects.set(key, object);
    this.#changes.push({
      revision: this.#revision,
      at: this.#clock.mono(),
      type,
      resource,
      object,
      previous,
    });
    for (const listener of this.#listeners) listener();
    return structuredClone(object);
  }

  #ensureNamespace(name: string): void {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    if (!this.#objects.has(keyOf(RESOURCES.NAMESPACES, null, name))) {
      this.create({ ...namespace, status: { phase: 'Active' } });
    }
  }

  /** The manager's entry covers the spec and the annotations it wrote; whoever owned them before loses them. */
  #manage(object: ClusterObject, previous: ClusterObject | null, { manager }: WriteOptions): void {
    if (manager === undefined) return;
    const before = previous?.metadata.managedFields?.find((entry) => entry.manager === manager);
    const entry: ManagedFieldsEntry & Record<string, unknown> = {
      manager,
      operation: 'Update',
      apiVersion: object.apiVersion ?? '',
      time:
        this.managedFieldsTime === 'stays' && before?.time ? before.time : formatSecondTime(this.serverNow()),
      fieldsType: 'FieldsV1',
      fieldsV1: {
        ...(object.metadata.annotations && {
          'f:metadata': { 'f:annotations': { '.': {}, ...fieldSet(object.metadata.annotations) } },
        }),
        ...(typeof object.spec === 'object' &&
          object.spec !== null && { 'f:spec': fieldSet({ ...object.spec }) }),
      },
    };
    object.metadata.managedFields = [entry];
  }

  #newUid(): string {
    this.#uids += 1;
    return `00000000-0000-4000-8000-${String(this.#uids).padStart(12, '0')}`;
  }
}
