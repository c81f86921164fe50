/** The lock's own objects, read in full from the store and compared with the API server's cache. */
import type { Sight } from '../../core/assess.ts';
import type { ClusterObject } from '../../core/cluster-object.ts';
import type { ObjectFacts, ReadsAgreement, Writer } from '../../core/describe/case-file.ts';
import { skewSeen } from '../../core/judge-renewal.ts';
import { type LockHalf, lockId, recordOf } from '../../core/lock.ts';
import { objectFactsOf } from '../../core/lock-object.ts';
import { LOCK_RESOURCES } from '../../core/lock-resources.ts';
import { SERVICES } from '../../core/resources.ts';
import { parseRfc3339 } from '../../core/time.ts';
import { isOlder, type LockBook } from '../lock-book.ts';
import type { Clock } from '../ports.ts';
import type { Means } from '../traces.ts';

/** A cache is a moment behind its store by nature: it is asked so often, with a pause, before it is called stale. */
const CACHE_TRIES = 4;
const CACHE_PAUSE_MS = 250;

export interface InspectedObject {
  facts: ObjectFacts;
  /** In full, as it is stored; null when it could not be read. */
  object: ClusterObject | null;
}

function writersOf({ metadata }: ClusterObject): Writer[] {
  return (metadata.managedFields ?? [])
    .map(({ manager = 'unknown', operation = '', time }) => ({ manager, operation, at: parseRfc3339(time) }))
    .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
}

/** Asked after the store was read, the cache must show the same version or a later one. */
async function compareReads(
  stored: ClusterObject,
  { ref }: LockHalf,
  { cluster, reads, signal }: Means,
  clock: Clock,
): Promise<ReadsAgreement> {
  const { resourceVersion = '' } = stored.metadata;
  const resource = LOCK_RESOURCES[ref.kind];
  const options = { projection: 'metadata', consistency: 'cached' } as const;
  for (let tries = 0; tries < CACHE_TRIES; tries += 1) {
    if (tries > 0) await clock.sleep(CACHE_PAUSE_MS, signal);
    const ask = () => cluster.get(resource, ref.namespace, ref.name, options, signal);
    const { value, failure } = await reads.attempt('get', resource, ref.namespace, ask);
    if (failure !== null && failure !== 'absent') return 'unknown';
    const cached = value?.object.metadata.resourceVersion;
    if (cached !== undefined && !isOlder(cached, resourceVersion)) return 'agree';
  }
  return 'cache-behind';
}

async function hasService({ ref }: LockHalf, { cluster, reads, signal }: Means): Promise<boolean | null> {
  if (ref.kind !== 'endpoints') return false;
  const options = { projection: 'metadata', consistency: 'cached' } as const;
  const ask = () => cluster.get(SERVICES, ref.namespace, ref.name, options, signal);
  const { failure } = await reads.attempt('get', SERVICES, ref.namespace, ask);
  return failure === null ? true : failure === 'absent' ? false : null;
}

function skewOf({ half, observation }: Sight, { serverClock }: LockBook, clock: Clock): number | null {
  const record = recordOf(half);
  return record === null ? null : skewSeen({ half, observation, serverClock, now: clock.mono() }, record);
}

async function inspect(half: LockHalf, book: LockBook, means: Means, clock: Clock): Promise<InspectedObject> {
  const { cluster, reads, signal } = means;
  const { namespace, name, kind } = half.ref;
  const options = { projection: 'full', consistency: 'quorum' } as const;
  const ask = () => cluster.get(LOCK_RESOURCES[kind], namespace, name, options, signal);
  const [{ value }, service] = await Promise.all([
    reads.attempt('get', LOCK_RESOURCES[kind], namespace, ask),
    hasService(half, means),
  ]);
  const object = value?.object ?? null;
  const sight = book.sights().find((one) => lockId(one.half.ref) === lockId(half.ref));
  const facts: ObjectFacts = {
    half,
    gapsMs: sight?.observation?.gapsMs ?? [],
    seen: sight?.observation?.seen ?? 0,
    otherWrites: sight?.otherWrites ?? 0,
    writers: object === null ? null : writersOf(object),
    reads: object === null ? 'unknown' : await compareReads(object, half, means, clock),
    skewMs: sight === undefined ? null : skewOf(sight, book, clock),
    body: object === null ? null : objectFactsOf(object, service),
  };
  return { facts, object };
}

/** Each half of a lock, in the order given. Rejects only with `interrupted`. */
export function inspectObjects(
  halves: readonly LockHalf[],
  book: LockBook,
  means: Means,
  clock: Clock,
): Promise<InspectedObject[]> {
  return Promise.all(halves.map((half) => inspect(half, book, means, clock)));
}
