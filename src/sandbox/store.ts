import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../app/ports.ts';
import type { ClusterObject } from '../core/cluster-object.ts';
import { LeaderError } from '../core/errors.ts';
import { LEASES, NAMESPACES, type Resource, resourceName } from '../core/resources.ts';
import { formatSecondTime, type Instant, type Mono } from '../core/time.ts';
import { copied } from './copied.ts';
import { type ManagedFieldsTime, ownersAfter } from './field-owners.ts';
import { keyOf, resourceOf } from './kinds.ts';

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
  /** Which part of the object is written, for managedFields; absent for the object itself. */
  subresource?: string;
}

export interface Preconditions {
  uid?: string;
  resourceVersion?: string;
}

function conflict(resource: Resource, name: string, why: string): LeaderError {
  const what = `Operation cannot be fulfilled on ${resourceName(resource)} "${name}": ${why}`;
  return new LeaderError('conflict', what);
}

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** Uids that are the same each time. */
function countedUids(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  };
}

/**
 * What an API server and its etcd keep: objects under one growing revision, with their history. Everything that goes
 * in or comes out is a copy. Objects may bring a uid and a creationTimestamp of their own, so that they can be old.
 */
export class Store {
  /** The API server's wall clock against this machine's, milliseconds. */
  serverSkewMs = 0;
  /** Kubernetes up to 1.20 leaves a managedFields entry's time at the manager's first write. */
  managedFieldsTime: ManagedFieldsTime = 'moves';
  readonly #clock: Clock;
  readonly #objects = new Map<string, ClusterObject>();
  #changes: Change[] = [];
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #newUid: () => string;
  #revision = 1;
  #compacted = 0;
  /** The uids of objects whose every update meets a conflict. */
  readonly #frozen = new Set<string>();

  constructor(clock: Clock, newUid: () => string = countedUids()) {
    this.#clock = clock;
    this.#newUid = newUid;
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

  /** Tells every change as it happens, until the function that this gives is called. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the history, as etcd does every five minutes: watches from before are answered 410. */
  compact(): void {
    this.#compacted = this.#revision;
  }

  /** Forgets for good what changed earlier than this moment. */
  trim(before: Mono): void {
    const first = this.#changes.findIndex((change) => change.at >= before);
    const dropped = first === -1 ? this.#changes.length : first;
    this.#compacted = Math.max(this.#compacted, this.#changes[dropped - 1]?.revision ?? 0);
    this.#changes = this.#changes.slice(dropped);
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
    const stored = copied(object);
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
    const stored = copied(object);
    stored.metadata = {
      ...stored.metadata,
      uid: current.metadata.uid ?? '',
      resourceVersion: current.metadata.resourceVersion ?? '',
      creationTimestamp: current.metadata.creationTimestamp ?? '',
    };
    if (current.metadata.managedFields) stored.metadata.managedFields = current.metadata.managedFields;
    if (isDeepStrictEqual(stored, current)) return copied(current);
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
    this.#commit(key, 'deleted', resource, copied(current), current);
  }

  /** The object as it is now; null if there is none. */
  find(resource: Resource, namespace: string | null, name: string): ClusterObject | null {
    const found = this.#objects.get(keyOf(resource, namespace, name));
    return found === undefined ? null : copied(found);
  }

  /** One object as it was at a revision, by default now. Rejects with `not-found`. */
  read(resource: Resource, namespace: string | null, name: string, revision = this.#revision): ClusterObject {
    if (revision === this.#revision) return copied(this.#current(resource, namespace, name));
    const key = keyOf(resource, namespace, name);
    const found = this.#asOf(resource, revision).get(key);
    if (!found) throw new LeaderError('not-found', `${resourceName(resource)} "${name}" not found`);
    return copied(found);
  }

  /** Every object of a resource as it was at a revision, in the order of their keys. */
  list(resource: Resource, revision = this.#revision): ClusterObject[] {
    const prefix = `${resourceName(resource)}/`;
    const objects = revision === this.#revision ? this.#objects : this.#asOf(resource, revision);
    return [...objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => copied(object));
  }

  /** The objects of a resource as they were at a revision: what came later is undone. */
  #asOf(resource: Resource, revision: number): Map<string, ClusterObject> {
    const objects = new Map(this.#objects);
    for (const change of this.#changes.toReversed()) {
      if (change.revision <= revision) break;
      if (change.resource !== resource) continue;
      const { name = '', namespace = null } = change.object.metadata;
      const key = keyOf(resource, namespace, name);
      if (change.previous === null) objects.delete(key);
      else objects.set(key, change.previous);
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
    const revision = this.#revision;
    const change: Change = { revision, at: this.#clock.mono(), type, resource, object, previous };
    this.#changes.push(change);
    for (const listener of this.#listeners) listener(change);
    return copied(object);
  }

  #ensureNamespace(name: string): void {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    if (!this.#objects.has(keyOf(NAMESPACES, null, name))) {
      this.create({ ...namespace, status: { phase: 'Active' } });
    }
  }

  #manage(object: ClusterObject, previous: ClusterObject | null, options: WriteOptions): void {
    const { manager, subresource } = options;
    if (manager === undefined) return;
    const writer = {
      manager,
      apiVersion: object.apiVersion ?? '',
      time: formatSecondTime(this.serverNow()),
      ...(subresource !== undefined && { subresource }),
    };
    object.metadata.managedFields = ownersAfter(previous, object, writer, this.managedFieldsTime);
  }
}
