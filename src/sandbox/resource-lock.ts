import type { ClusterObject } from '../core/cluster-object.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import { LEADER_ANNOTATION } from '../core/formats/annotation.ts';
import { CONFIGMAPS, ENDPOINTS, LEASES, type Resource } from '../core/resources.ts';
import { type Instant, parseRfc3339 } from '../core/time.ts';
import type { ObjectClient } from './object-client.ts';
import { configMapLock, endpointsLock, leaderAnnotation, lease } from './objects/locks.ts';

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

interface LockObject {
  resource: Resource;
  namespace: string;
  name: string;
  /** As far as it has been seen. */
  uid: string | null;
}

export interface ReadRecord {
  record: ElectionRecord;
  /** The text by whose change a renewal is noticed (whole seconds). */
  raw: string;
}

export interface ResourceLock {
  /** Rejects with `not-found`. */
  get(): Promise<ReadRecord>;
  create(record: ElectionRecord): Promise<void>;
  /** Writes under the version that `get`, `create` or the last `update` saw. */
  update(record: ElectionRecord): Promise<void>;
  /** The objects it lives in, primary first. */
  readonly objects: readonly LockObject[];
}

export interface LockPlace {
  client: ObjectClient;
  namespace: string;
  name: string;
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
  readonly #place: LockPlace;
  readonly #kind: (typeof KINDS)[keyof typeof KINDS];
  #cached: ClusterObject | null = null;

  constructor(kind: keyof typeof KINDS, place: LockPlace) {
    this.#kind = KINDS[kind];
    this.#place = place;
  }

  get objects(): readonly LockObject[] {
    const { namespace, name } = this.#place;
    return [{ resource: this.#kind.resource, namespace, name, uid: this.#cached?.metadata.uid ?? null }];
  }

  async get(): Promise<ReadRecord> {
    const { client, namespace, name } = this.#place;
    this.#cached = await client.get(this.#kind.resource, namespace, name);
    const record = this.#kind.decode(this.#cached);
    return { record, raw: rawOf(record) };
  }

  async create(record: ElectionRecord): Promise<void> {
    const { client, namespace, name } = this.#place;
    this.#cached = await client.create(this.#kind.build({ ...record, namespace, name }));
  }

  async update(record: ElectionRecord): Promise<void> {
    const cached = this.#cached;
    if (!cached) throw new LeaderError('server', 'lock not initialized, call get or create first');
    const fresh = this.#kind.build(record);
    const annotations = { ...cached.metadata.annotations, ...fresh.metadata.annotations };
    this.#cached = await this.#place.client.update(
      fresh.spec
        ? { ...cached, spec: fresh.spec }
        : { ...cached, metadata: { ...cached.metadata, annotations } },
    );
  }
}

/** Two locks that are written one after the other, and only count while they agree. */
class MultiLock implements ResourceLock {
  readonly #primary: ResourceLock;
  readonly #secondary: ResourceLock;
  readonly #identity: string;

  constructor(primary: ResourceLock, secondary: ResourceLock, identity: string) {
    this.#primary = primary;
    this.#secondary = secondary;
    this.#identity = identity;
  }

  get objects(): readonly LockObject[] {
    return [...this.#primary.objects, ...this.#secondary.objects];
  }

  async get(): Promise<ReadRecord> {
    const primary = await this.#primary.get();
    let secondary: ReadRecord;
    try {
      secondary = await this.#secondary.get();
    } catch (error) {
      if (isLeaderError(error, 'not-found') && primary.record.holder !== this.#identity) return primary;
      throw error;
    }
    const agreed = primary.record.holder === secondary.record.holder;
    const record = agreed ? primary.record : { ...primary.record, holder: UNKNOWN_LEADER };
    return { record, raw: `${rawOf(record)},${secondary.raw}` };
  }

  async create(record: ElectionRecord): Promise<void> {
    try {
      await this.#primary.create(record);
    } catch (error) {
      // The only conflict that a creation can meet is that the object exists.
      if (!isLeaderError(error, 'conflict')) throw error;
    }
    await this.#secondary.create(record);
  }

  async update(record: ElectionRecord): Promise<void> {
    await this.#primary.update(record);
    try {
      await this.#secondary.get();
    } catch (error) {
      if (!isLeaderError(error) || error.code === 'interrupted') throw error;
      if (error.code === 'not-found') return this.#secondary.create(record);
      // Any other failure to read it is no reason not to write it, under the version that was seen last.
    }
    await this.#secondary.update(record);
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
