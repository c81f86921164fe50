import type { OpenCase } from '../core/assess.ts';
import type { ClusterObject } from '../core/cluster-object.ts';
import { isLeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import { halvesOf, type LockKind, type LockRef, lockId } from '../core/lock.ts';
import { otherHalfKinds } from '../core/other-half.ts';
import type { Mono } from '../core/time.ts';
import { mapBounded } from './bounded.ts';
import type { FirstLook, ReadSource } from './first-look.ts';
import { LOCK_SOURCES, type LockSource } from './lock-book.ts';
import type { Clock, Cluster } from './ports.ts';

/** Up to this many objects of a kind are read one by one; more of them by listing their kind. */
export const SINGLE_READS = 16;

/** So many objects of a kind that may not be listed are read one by one. */
const MOST_SINGLE_READS = 64;

/** Whoever was refused may have been granted the right since, after so long. Milliseconds. */
export const ASK_AGAIN_AFTER_REFUSAL_MS = 300_000;

function hasNamespace({ scope }: ReadSource, { namespace }: LockRef): boolean {
  return scope.namespace === undefined || scope.namespace === namespace;
}

/**
 * The halves of locks that the first look left out, because they do not match its label selector or because their kind
 * may not be listed. They are read by name before their other half is accused, and go into the book beside it.
 */
export class OtherHalves {
  /** By `lockId` of a lock: the kinds in which its other half may be, and could not be read. */
  readonly unread = new Map<string, readonly LockKind[]>();
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #look: FirstLook;
  /** By `lockId`: what is in the book only because it was read by name. */
  readonly #byName = new Map<string, LockRef>();
  readonly #failed = new Set<string>();
  /** By kind and namespace: when reading there was refused. */
  readonly #refused = new Map<string, Mono>();
  #passedOver = 0;

  constructor(cluster: Cluster, clock: Clock, look: FirstLook) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#look = look;
  }

  get notes(): Note[] {
    if (this.#passedOver === 0) return [];
    const text = `${this.#passedOver} possible other halves of locks were not looked for, so many of them could only be read one by one`;
    return [{ code: 'narrowed', text, hint: 'narrow the list with -n' }];
  }

  /** Reads through etcd what is missing beside these locks. Rejects only with `interrupted`. */
  async read(cases: readonly OpenCase[], see: 'see' | 'seeStored', signal: AbortSignal): Promise<void> {
    this.#failed.clear();
    this.#passedOver = 0;
    // Its kind took long to be listed, and is watched now.
    for (const [id, ref] of this.#byName) if (!this.#look.book.isUnwatched(ref)) this.#byName.delete(id);
    const wanted = new Map(cases.map((open) => [lockId(open.lock.primary.ref), this.#missingBeside(open)]));
    const refs = [...new Map([...wanted.values()].flat().map((ref) => [lockId(ref), ref])).values()];
    const byKind = Map.groupBy(refs, ({ kind }) => kind);
    await mapBounded(LOCK_SOURCES, (source) =>
      this.#readKind(source, byKind.get(source.kind) ?? [], see, signal),
    );
    for (const [id, own] of wanted) {
      const kinds = own.filter((ref) => this.#failed.has(lockId(ref))).map(({ kind }) => kind);
      if (kinds.length > 0) this.unread.set(id, kinds);
      else this.unread.delete(id);
    }
    this.#forgetStrays();
  }

  /** This lock is no more. */
  forget(id: string): void {
    this.unread.delete(id);
  }

  /** Halves that may exist and were left out, and those that were left out and had to be read by name. */
  #missingBeside(open: OpenCase): LockRef[] {
    const { lock } = open;
    const again = halvesOf(lock)
      .map(({ ref }) => ref)
      .filter((ref) => this.#byName.has(lockId(ref)));
    const possible = otherHalfKinds(open).map((kind) => ({ ...lock.primary.ref, kind }));
    return [...again, ...possible.filter((ref) => !this.#wasRead(ref))];
  }

  #sourceOf({ kind }: Pick<LockRef, 'kind'>): ReadSource | undefined {
    return this.#look.sources.find(({ source }) => source.kind === kind);
  }

  #wasRead(ref: LockRef): boolean {
    const read = this.#sourceOf(ref);
    return read !== undefined && read.scope.labelSelector === undefined && hasNamespace(read, ref);
  }

  async #readKind(
    source: LockSource,
    refs: readonly LockRef[],
    see: 'see' | 'seeStored',
    signal: AbortSignal,
  ): Promise<void> {
    const read = this.#sourceOf(source);
    const listed = read === undefined ? [] : refs.filter((ref) => hasNamespace(read, ref));
    if (read !== undefined && listed.length > SINGLE_READS) {
      await this.#list(read, listed, see, signal);
      const rest = refs.filter((ref) => !listed.includes(ref));
      return this.#getEach(source, rest, see, signal);
    }
    return this.#getEach(source, refs, see, signal);
  }

  async #list(
    { source, scope }: ReadSource,
    refs: readonly LockRef[],
    see: 'see' | 'seeStored',
    signal: AbortSignal,
  ): Promise<void> {
    const { labelSelector: _, ...all } = scope;
    const { book } = this.#look;
    const wanted = new Map(refs.map((ref) => [lockId(ref), ref]));
    try {
      const request = { ...all, projection: source.projection, consistency: 'quorum' } as const;
      const { items, serverTime } = await this.#cluster.list(source.resource, request, signal);
      book.noteServerTime(serverTime);
      for (const object of items) {
        const { namespace = '', name = '' } = object.metadata;
        const ref = wanted.get(lockId({ kind: source.kind, namespace, name }));
        if (ref === undefined) continue;
        wanted.delete(lockId(ref));
        this.#keep(source, ref, object, see);
      }
      for (const ref of wanted.values()) this.#isAbsent(ref);
    } catch (error) {
      if (!isLeaderError(error) || error.code === 'interrupted') throw error;
      for (const ref of refs) this.#failed.add(lockId(ref));
    }
  }

  async #getEach(
    source: LockSource,
    refs: readonly LockRef[],
    see: 'see' | 'seeStored',
    signal: AbortSignal,
  ): Promise<void> {
    const mayAsk = refs.filter((ref) => !this.#isRefused(ref));
    const asked = new Set(mayAsk.slice(0, MOST_SINGLE_READS));
    this.#passedOver += mayAsk.length - asked.size;
    for (const ref of refs) if (!asked.has(ref)) this.#failed.add(lockId(ref));
    await mapBounded([...asked], (ref) => this.#get(source, ref, see, signal));
  }

  #isRefused({ kind, namespace }: LockRef): boolean {
    const at = this.#refused.get(`${kind} ${namespace}`);
    return at !== undefined && this.#clock.mono() - at < ASK_AGAIN_AFTER_REFUSAL_MS;
  }

  async #get(source: LockSource, ref: LockRef, see: 'see' | 'seeStored', signal: AbortSignal): Promise<void> {
    const { resource, kind, projection } = source;
    const { book } = this.#look;
    try {
      const options = { projection, consistency: 'quorum' } as const;
      const answer = await this.#cluster.get(resource, ref.namespace, ref.name, options, signal);
      book.noteServerTime(answer.serverTime);
      this.#keep(source, ref, answer.object, see);
    } catch (error) {
      if (!isLeaderError(error) || error.code === 'interrupted') throw error;
      if (error.code === 'not-found' || error.code === 'not-served') return this.#isAbsent(ref);
      if (error.code === 'forbidden') this.#refused.set(`${kind} ${ref.namespace}`, this.#clock.mono());
      this.#failed.add(lockId(ref));
    }
  }

  #keep(source: LockSource, ref: LockRef, object: ClusterObject, see: 'see' | 'seeStored'): void {
    const { book } = this.#look;
    book.leaveUnwatched(ref);
    book[see](source, object, this.#clock.mono());
    this.#byName.set(lockId(ref), ref);
  }

  #isAbsent(ref: LockRef): void {
    if (this.#byName.delete(lockId(ref))) this.#look.book.removeRef(ref);
  }

  /** What was read by name and turned out to be no half of a lock that was asked for is not to be listed. */
  #forgetStrays(): void {
    const { book } = this.#look;
    for (const { lock } of book.openCases(this.#clock)) {
      const halves = halvesOf(lock);
      if (!halves.every(({ ref }) => this.#byName.has(lockId(ref)))) continue;
      for (const { ref } of halves) this.#isAbsent(ref);
    }
  }
}
