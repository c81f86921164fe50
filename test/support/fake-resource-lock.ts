import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { isLeaderError, LeaderError } from '../../src/core/errors.ts';
import { CONFIGMAPS, ENDPOINTS, LEASES, type Resource } from '../../src/core/resources.ts';
import { type Instant, parseRfc3339 } from '../../src/core/time.ts';
import type { FakeCluster } from './fake-cluster.ts';
import { configMapLock, endpointsLock, LEADER_ANNOTATION, leaderAnnotation, lease } from './objects.ts';

/** Where an election lives, in client-go's words. */
export type LockType = 'leases' | 'endpoints' | 'configmaps' | 'endpointsleases' | 'configmapsleases';

/** What candidates read and write, whatever it is kept in. Times are wall-clock instants, milliseconds. */
export interface ElectionRecord {
  holder: string;
  durationSeconds: number;
  acquireTime: Instant | null;
  renewTime: Instant | null;
  transitions: number;
}

/** In memory only: what a candidate takes for the holder when the halves of a multilock disagree. */
const UNKNOWN_LEADER = 'leaderelection.k8s.io/unknown';

export interface ResourceLock {
  /** The record, and the text by whose change a renewal is noticed (whole seconds). Rejects with `not-found`. */
  get(): { record: ElectionRecord; raw: string };
  create(record: ElectionRecord): void;
  /** Writes under the version that `get`, `create` or the last `update` saw. */
  update(record: ElectionRecord): void;
  /** The objects it lives in, primary first. */
  readonly objects: readonly { resource: Resource; namespace: string; name: string }[];
}

export interface LockPlace {
  cluster: FakeCluster;
  namespace: string;
  name: string;
  /** Recorded in managedFields when given. */
  manager?: string;
  /** Throws what every write of this candidate meets. */
  beforeWrite: () => void;
  beforeRead: () => void;
}

function recordOf(fields: Record<string, unknown>, transitions: unknown): ElectionRecord {
  return {
    holder: typeof fields['holderIdentity'] === 'string' ? fields['holderIdentity'] : '',
    durationSeconds: Number(fields['leaseDurationSeconds'] ?? 0),
    acquireTime: parseRfc3339(fields['acquireTime']),
    renewTime: parseRfc3339(fields['renewTime']),
    transitions: Number(transitions ?? 0),
  };
}

function leaseRecord(object: ClusterObject): ElectionRecord {
  const spec = (object.spec ?? {}) as Record<string, unknown>;
  return recordOf(spec, spec['leaseTransitions']);
}

function annotationRecord(object: ClusterObject): ElectionRecord {
  const text = object.metadata.annotations?.[LEADER_ANNOTATION];
  if (text === undefined) return recordOf({}, 0);
  try {
    const fields = JSON.parse(text) as Record<string, unknown>;
    return recordOf(fields, fields['leaderTransitions']);
  } catch (cause) {
    throw new LeaderError('bad-answer', 'the leader annotation is not JSON', { cause });
  }
}

/** client-go compares records as JSON with whole-second times. */
function rawOf(record: ElectionRecord): string {
  return leaderAnnotation(record)[LEADER_ANNOTATION] ?? '';
}

const KINDS = {
  leases: { resource: LEASES, decode: leaseRecord, build: lease },
  endpoints: { resource: ENDPOINTS, decode: annotationRecord, build: endpointsLock },
  configmaps: { resource: CONFIGMAPS, decode: annotationRecord, build: configMapLock },
} as const;

/** A lock in one object, as client-go's LeaseLock, EndpointsLock and ConfigMapLock keep it. */
class SingleLock implements ResourceLock {
  readonly objects: ResourceLock['objects'];
  readonly #place: LockPlace;
  readonly #kind: (typeof KINDS)[keyof typeof KINDS];
  #cached: ClusterObject | null = null;

  constructor(kind: keyof typeof KINDS, place: LockPlace) {
    this.#kind = KINDS[kind];
    this.#place = place;
    this.objects = [{ resource: this.#kind.resource, namespace: place.namespace, name: place.name }];
  }

  get(): { record: ElectionRecord; raw: string } {
    const { cluster, namespace, name, beforeRead } = this.#place;
    beforeRead();
    this.#cached = cluster.peek(this.#kind.resource, namespace, name);
    const record = this.#kind.decode(this.#cached);
    return { record, raw: rawOf(record) };
  }

  create(record: ElectionRecord): void {
    const { cluster, namespace, name, beforeWrite } = this.#place;
    beforeWrite();
    this.#cached = cluster.create(this.#kind.build({ ...record, namespace, name }), this.#options());
  }

  update(record: ElectionRecord): void {
    const cached = this.#cached;
    if (!cached) throw new LeaderError('server', 'lock not initialized, call get or create first');
    this.#place.beforeWrite();
    const fresh = this.#kind.build(record);
    const annotations = { ...cached.metadata.annotations, ...fresh.metadata.annotations };
    this.#cached = this.#place.cluster.update(
      fresh.spec
        ? { ...cached, spec: fresh.spec }
        : { ...cached, metadata: { ...cached.metadata, annotations } },
      this.#options(),
    );
  }

  #options(): { manager?: string } {
    return this.#place.manager === undefined ? {} : { manager: this.#place.manager };
  }
}

/** Two locks that are written one after the other, and only count while they agree. */
class MultiLock implements ResourceLock {
  readonly objects: ResourceLock['objects'];
  readonly #primary: ResourceLock;
  readonly #secondary: ResourceLock;
  readonly #identity: string;

  constructor(primary: ResourceLock, secondary: ResourceLock, identity: string) {
    this.#primary = primary;
    this.#secondary = secondary;
    this.#identity = identity;
    this.objects = [...primary.objects, ...secondary.objects];
  }

  get(): { record: ElectionRecord; raw: string } {
    const primary = this.#primary.get();
    let secondary: ReturnType<ResourceLock['get']>;
    try {
      secondary = this.#secondary.get();
    } catch (error) {
      if (isLeaderError(error, 'not-found') && primary.record.holder !== this.#identity) return primary;
      throw error;
    }
    const agreed = primary.record.holder === secondary.record.holder;
    const record = agreed ? primary.record : { ...primary.record, holder: UNKNOWN_LEADER };
    return { record, raw: `${rawOf(record)},${secondary.raw}` };
  }

  create(record: ElectionRecord): void {
    try {
      this.#primary.create(record);
    } catch (error) {
      // The only conflict that a creation can meet is that the object exists.
      if (!isLeaderError(error, 'conflict')) throw error;
    }
    this.#secondary.create(record);
  }

  update(record: ElectionRecord): void {
    this.#primary.update(record);
    try {
      this.#secondary.get();
    } catch (error) {
      if (!isLeaderError(error, 'not-found')) throw error;
      this.#secondary.create(record);
      return;
    }
    this.#secondary.update(record);
  }
}

export function resourceLock(type: LockType, place: LockPlace, identity: string): ResourceLock {
  switch (type) {
    case 'endpointsleases':
      return new MultiLock(new SingleLock('endpoints', place), new SingleLock('leases', place), identity);
    case 'configmapsleases':
      return new MultiLock(new SingleLock('configmaps', place), new SingleLock('leases', place), identity);
    default:
      return new SingleLock(type, place);
  }
}
