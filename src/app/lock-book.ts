import { type OpenCase, openCases, type Sight } from '../core/assess.ts';
import type { ClusterObject } from '../core/cluster-object.ts';
import { decodeObject, FORMATS } from '../core/formats/index.ts';
import { type LockKind, type LockRef, lockId } from '../core/lock.ts';
import {
  beginObservation,
  connectedAt,
  disconnectedAt,
  foldSight,
  type Observation,
} from '../core/observation.ts';
import type { Resource } from '../core/resources.ts';
import { type ServerClock, serverNow, withReading } from '../core/server-clock.ts';
import type { Instant, Mono } from '../core/time.ts';
import { Absences } from './absences.ts';
import type { Clock, ServerTime } from './ports.ts';

/** A resource that carries locks, and how much of its objects has to be read. */
export interface LockSource {
  resource: Resource;
  kind: LockKind;
  projection: 'full' | 'metadata';
  /** What has none of these is no lock; null where a lock need not have any. */
  annotations: readonly string[] | null;
}

/** One source a resource, derived from the table of formats: a new format needs nothing here. */
export const LOCK_SOURCES: readonly LockSource[] = [
  ...Map.groupBy(
    FORMATS.flatMap((format) => format.resources.map((entry) => ({ ...entry, format }))),
    ({ kind }) => kind,
  ).values(),
].flatMap((entries) => {
  const [first] = entries;
  if (first === undefined) return [];
  const projection = entries.some(({ format }) => format.projection === 'full') ? 'full' : 'metadata';
  const annotations = entries.flatMap(({ format }) => format.annotation ?? []);
  return [
    {
      resource: first.resource,
      kind: first.kind,
      projection,
      annotations: annotations.length === entries.length ? annotations : null,
    },
  ];
});

/** Whether `a` was stored before `b`. Versions that are no numbers cannot be compared: then it is not known to be. */
export function isOlder(a: string, b: string): boolean {
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}

/** Whether the record changed between two sights. Two events of one chunk have the same time, so times do not tell. */
function isChange(before: Observation | null, after: Observation): boolean {
  return before?.heartbeat !== after.heartbeat || before?.holder !== after.holder;
}

/**
 * Every lock object as it was seen last, and what was seen of it before: the memory of one look, or of hours of
 * watching. Knows which source is connected, so that blind time is never counted as silence.
 */
export class LockBook {
  serverClock: ServerClock | null = null;
  readonly absences = new Absences();
  readonly #sights = new Map<string, Sight>();
  readonly #connected = new Set<LockKind>();
  /** By `lockId`: what the watches of its kind leave out. */
  readonly #unwatched = new Set<string>();
  #changed = new Map<string, LockRef>();
  readonly #heartbeats: boolean;

  constructor(options: { heartbeats: boolean }) {
    this.#heartbeats = options.heartbeats;
  }

  sights(): readonly Sight[] {
    return [...this.#sights.values()];
  }

  sight(ref: LockRef): Sight | undefined {
    return this.#sights.get(lockId(ref));
  }

  /** All locks as they stand now, their holders not yet looked for. */
  openCases(clock: Clock): OpenCase[] {
    return openCases(this.sights(), { now: clock.mono(), serverClock: this.serverClock });
  }

  /** The API server's time, or this machine's where the server sent none. */
  serverTime(clock: Clock): Instant {
    return this.serverClock === null ? clock.now() : serverNow(this.serverClock, clock.mono());
  }

  /** The objects that came, changed or went since this was asked last. */
  takeChanged(): LockRef[] {
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }

  noteServerTime(time: ServerTime | null): void {
    if (time !== null) this.serverClock = withReading(this.serverClock, time);
  }

  /** An object was read or reported by a watch. */
  see(source: LockSource, object: ClusterObject, at: Mono): void {
    const news = this.#newsOf(source, object, at);
    if (news === null) return;
    const { known, decoded, begun } = news;
    const folded = known?.observation == null ? begun : foldSight(known.observation, decoded.half, at);
    const changed = isChange(known?.observation ?? null, folded);
    // Without a watch no silence is counted: renewals that were seen before are no answer for ever.
    const observation = changed || !this.isUnwatched(decoded.half.ref) ? folded : begun;
    const readsDisagree = changed ? false : (known?.readsDisagree ?? false);
    const touched = known !== undefined && known.half.resourceVersion !== decoded.half.resourceVersion;
    const otherWrites = (known?.otherWrites ?? 0) + (touched && !changed ? 1 : 0);
    this.#note({ ...decoded, observation, readsDisagree, otherWrites });
  }

  /** What the store itself says, after the cache was read: a difference is not a renewal that we saw. */
  seeStored(source: LockSource, object: ClusterObject, at: Mono): void {
    const news = this.#newsOf(source, object, at);
    if (news === null) return;
    const { known, decoded, begun } = news;
    const readsDisagree = known !== undefined && known.half.heartbeat !== decoded.half.heartbeat;
    const observation = readsDisagree ? begun : (known?.observation ?? begun);
    this.#note({ ...decoded, observation, readsDisagree, otherWrites: known?.otherWrites ?? 0 });
  }

  /** The lock in an object beside what is known of it; null for what is no lock (then it is forgotten), or is old. */
  #newsOf(source: LockSource, object: ClusterObject, at: Mono) {
    const decoded = this.#decode(source, object);
    if (decoded === null) {
      this.#forget(source, object);
      return null;
    }
    const { half } = decoded;
    const known = this.#sights.get(lockId(half.ref));
    // A watch that starts from a stale cache replays what a quorum read has already overtaken.
    if (known !== undefined && isOlder(half.resourceVersion, known.half.resourceVersion)) return null;
    return { decoded, known, begun: this.#begin(half.ref, beginObservation(half, at), at) };
  }

  /** All objects of a source were read anew: what is not among them is gone, but for what it leaves out. */
  seeAll(source: LockSource, objects: readonly ClusterObject[], at: Mono): void {
    const present = new Set(
      objects.map(({ metadata }) => lockId(this.#ref(source, metadata.namespace, metadata.name))),
    );
    for (const [id, { half }] of this.#sights) {
      if (half.ref.kind !== source.kind) continue;
      if (present.has(id)) this.#unwatched.delete(id);
      else if (!this.#unwatched.has(id)) this.removeRef(half.ref);
    }
    for (const object of objects) this.see(source, object, at);
  }

  remove(source: LockSource, object: ClusterObject): void {
    this.#forget(source, object);
  }

  /** This object is only read by name: its kind's watches say nothing of it, so that their silence is not its own. */
  leaveUnwatched(ref: LockRef): void {
    this.#unwatched.add(lockId(ref));
  }

  /** Whether nothing but reading it by its name tells of this object. */
  isUnwatched(ref: LockRef): boolean {
    return this.#unwatched.has(lockId(ref));
  }

  removeRef(ref: LockRef): void {
    this.#unwatched.delete(lockId(ref));
    this.absences.forget(lockId(ref));
    if (this.#sights.delete(lockId(ref))) this.#changed.set(lockId(ref), ref);
  }

  connected(kind: LockKind, at: Mono): void {
    this.#connected.add(kind);
    this.#updateObservations(kind, (observation) => connectedAt(observation, at));
  }

  disconnected(kind: LockKind, at: Mono): void {
    this.#connected.delete(kind);
    this.#updateObservations(kind, (observation) => disconnectedAt(observation, at));
  }

  #note(sight: Sight): void {
    const { ref } = sight.half;
    this.#sights.set(lockId(ref), sight);
    this.#changed.set(lockId(ref), ref);
  }

  #begin(ref: LockRef, observation: ReturnType<typeof beginObservation>, at: Mono): typeof observation {
    const isWatched = this.#connected.has(ref.kind) && !this.isUnwatched(ref);
    return isWatched ? connectedAt(observation, at) : observation;
  }

  #updateObservations(kind: LockKind, update: (o: ReturnType<typeof beginObservation>) => typeof o): void {
    for (const [id, sight] of this.#sights) {
      if (sight.half.ref.kind !== kind || sight.observation === null || this.#unwatched.has(id)) continue;
      this.#sights.set(id, { ...sight, observation: update(sight.observation) });
    }
  }

  #ref(source: LockSource, namespace = '', name = ''): LockRef {
    return { kind: source.kind, namespace, name };
  }

  #forget(source: LockSource, { metadata }: ClusterObject): void {
    this.removeRef(this.#ref(source, metadata.namespace, metadata.name));
  }

  #decode(source: LockSource, object: ClusterObject): Pick<Sight, 'half' | 'heartbeat'> | null {
    const decoded = decodeObject(object, source.kind);
    if (decoded.is === 'lock') return { half: decoded.half, heartbeat: null };
    if (decoded.is === 'heartbeat' && this.#heartbeats)
      return { half: decoded.half, heartbeat: decoded.class };
    return null;
  }
}
