import { type OpenCase, openCases } from '../core/assess.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import { type LockKind, lockId } from '../core/lock.ts';
import type { Mono } from '../core/time.ts';
import { type LsScope, lookAt, type ReadSource, type SourceLook, totalFailure } from './first-look.ts';
import { listNothing } from './list-nothing.ts';
import { LOCK_SOURCES, LockBook, type LockSource } from './lock-book.ts';
import { OtherHalves } from './other-halves.ts';
import type { Clock, Cluster } from './ports.ts';
import { readStored } from './survey.ts';
import { Touch } from './touch.ts';
import { Watching } from './watching.ts';

/** A kind that could not be read, or whose watch was refused, is tried again after so long, milliseconds. */
const TRY_AGAIN_MS = 15_000;

/** How well the cluster can be seen at the moment. */
export type Sightline =
  | { state: 'opening' | 'live' }
  /** Watches are down: on one of them something was heard then for the last time. `kinds`: which, and since when each. */
  | { state: 'blind'; since: Mono; why: string | null; kinds: Readonly<Partial<Record<LockKind, Mono>>> };

interface SourceState {
  look: SourceLook;
  /** Null while it is not watched. */
  watching: Watching | null;
  /** When its watch was lost for good, and what was said then; null while it has not been. */
  lost: { since: Mono; notes: readonly Note[]; error: LeaderError | null } | null;
}

/**
 * Keeps a book up to date from all kinds of lock, each on its own: one is read, checked and watched without waiting for
 * the others, and tried again when it is refused.
 */
export class LiveSources {
  readonly book: LockBook;
  /** Halves of locks that these sources leave out. */
  readonly others: OtherHalves;
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #scope: LsScope;
  readonly #signal: AbortSignal;
  readonly #states = new Map<LockSource, SourceState>();
  /** Locks that looked bad when their kind was first read, and were read through etcd then. */
  readonly #stored = new Set<string>();
  readonly #touch: Touch;
  readonly #onRead: () => void;
  readonly #running: Promise<unknown>;

  constructor(cluster: Cluster, clock: Clock, scope: LsScope, signal: AbortSignal, onRead: () => void) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#scope = scope;
    this.#signal = signal;
    this.#onRead = onRead;
    this.book = new LockBook({ heartbeats: scope.heartbeats });
    const reads = (): ReadSource[] => this.#reads;
    this.others = new OtherHalves(cluster, clock, {
      book: this.book,
      notes: [],
      get sources() {
        return reads();
      },
    });
    this.#touch = new Touch(clock, (late) => this.#askTime(late));
    this.#running = Promise.all(LOCK_SOURCES.map((source) => this.#follow(source)));
  }

  /** True once every kind has been read, or refused. */
  get opened(): boolean {
    return this.#states.size === LOCK_SOURCES.length;
  }

  /** Why there is nothing to see at all; null as long as something may be. */
  get failure(): LeaderError | null {
    const states = [...this.#states.values()];
    if (states.some(({ look, lost }) => look.read !== null || lost !== null)) return null;
    return this.opened ? totalFailure(states.map(({ look }) => look)) : null;
  }

  /** What forbids to watch, where none of the kinds that can be read may be watched; null otherwise. */
  get refusal(): LeaderError | null {
    const readable = [...this.#states.values()].filter(({ look }) => look.read !== null);
    const errors = readable.flatMap(({ watching, lost }) => (watching === null ? (lost?.error ?? []) : []));
    const allRefused = errors.length === readable.length && errors.every(({ code }) => code === 'forbidden');
    return this.opened && allRefused ? (errors[0] ?? null) : null;
  }

  get #reads(): ReadSource[] {
    return [...this.#states.values()].flatMap(({ look }) => look.read ?? []);
  }

  get #watchings(): Watching[] {
    return [...this.#states.values()].flatMap(({ watching }) => watching ?? []);
  }

  get notes(): Note[] {
    const notes = [...this.#states.values()].flatMap(({ look, watching, lost }) => [
      ...look.notes,
      ...(watching === null ? (lost?.notes ?? []) : watching.notes),
    ]);
    return [...notes, ...this.others.notes];
  }

  get sightline(): Sightline {
    const blind = [...this.#states].flatMap(([{ kind }, { watching, lost }]) => {
      if (lost !== null) return [{ kind, since: lost.since, why: lost.notes[0]?.text ?? null }];
      const down = watching?.blind ?? null;
      return down === null ? [] : [{ kind, since: down.since, why: down.why?.message ?? null }];
    });
    // The one that was heard last: the others may have had nothing to say.
    const [first] = blind.toSorted((a, b) => b.since - a.since);
    if (first !== undefined) {
      const kinds = Object.fromEntries(blind.map(({ kind, since }) => [kind, since]));
      return { state: 'blind', since: first.since, why: first.why, kinds };
    }
    const settled = [...this.#states.values()].every(
      ({ look, watching }) => look.read === null || watching?.settled === true,
    );
    return { state: this.opened && settled ? 'live' : 'opening' };
  }

  /** Reads locks again through etcd, and the halves of them that were left out, before they are accused. */
  async confirm(cases: readonly OpenCase[]): Promise<void> {
    const unread = cases.filter(({ lock }) => !this.#stored.delete(lockId(lock.primary.ref)));
    await this.#readAgain(this.#reads, unread, 'see');
    await this.others.read(cases, 'see', this.#signal);
  }

  /** True while the API server does not answer, although watches stand. */
  get outOfTouch(): boolean {
    return this.#touch.lost !== null;
  }

  /** To be called now and then: asks the API server whether it is there, where the watches have been silent for long. */
  keepInTouch(): void {
    // Less than any moment where no watch stands: then there is nothing to lose touch with.
    const heardAt = (): Mono => Math.max(...this.#watchings.flatMap((watching) => watching.heardAt ?? []));
    if (!Number.isFinite(heardAt()) && !this.outOfTouch) return;
    this.#touch.tick(heardAt, this.#signal, () => {
      const { lost } = this.#touch;
      for (const watching of this.#watchings) {
        if (lost === null) watching.regainedTouch();
        else watching.lostTouch(lost);
      }
      this.#onRead();
    });
  }

  async #askTime(signal: AbortSignal): Promise<void> {
    const [read] = this.#reads;
    if (read === undefined) return;
    const answer = await listNothing(this.#cluster, read.source.resource, read.scope, signal);
    this.book.noteServerTime(answer.serverTime);
  }

  /** Reads the API server's clock anew; false where no answer came. Rejects only with `interrupted`. */
  async readServerTime(): Promise<boolean> {
    try {
      await this.#askTime(this.#signal);
      return true;
    } catch (error) {
      if (!(error instanceof LeaderError) || error.code === 'interrupted') throw error;
      return false;
    }
  }

  /** This lock is no more. */
  forget(id: string): void {
    this.#stored.delete(id);
    this.others.forget(id);
  }

  /** Nothing could be seen between these two moments, whatever the watches say: this process stood still. */
  stoodStill(from: Mono, to: Mono): void {
    for (const [{ kind }, { watching }] of this.#states) {
      if (watching === null || !watching.settled || watching.blind !== null) continue;
      this.book.disconnected(kind, from);
      this.book.connected(kind, to);
    }
  }

  async ended(): Promise<void> {
    await this.#running;
  }

  async #readAgain(
    sources: ReadSource[],
    cases: readonly OpenCase[],
    see: 'see' | 'seeStored',
  ): Promise<void> {
    const look = { book: this.book, sources, notes: [] };
    await readStored(this.#cluster, this.#clock, look, cases, see, this.#signal);
  }

  async #follow(source: LockSource): Promise<void> {
    while (!this.#signal.aborted) {
      const look = await lookAt(this.#cluster, this.#clock, source, this.#scope, this.book, this.#signal);
      if (this.#signal.aborted || look.error?.code === 'interrupted') return;
      const state: SourceState = { look, watching: null, lost: this.#states.get(source)?.lost ?? null };
      this.#states.set(source, state);
      this.#onRead();
      if (look.read !== null) await this.#watch(state, look.read);
      if (look.error?.code === 'not-served') return;
      await this.#clock.sleep(TRY_AGAIN_MS, this.#signal);
    }
  }

  async #watch(state: SourceState, read: ReadSource): Promise<void> {
    const moment = { now: this.#clock.mono(), serverClock: this.book.serverClock };
    const own = this.book.sights().filter(({ half }) => half.ref.kind === read.source.kind);
    const accused = openCases(own, moment).filter(({ suspicious }) => suspicious);
    try {
      await this.#readAgain([read], accused, 'seeStored');
      for (const { lock } of accused) this.#stored.add(lockId(lock.primary.ref));
    } catch (error) {
      if (isLeaderError(error, 'interrupted')) return;
      throw error;
    }
    const look = { book: this.book, sources: [read], notes: [] };
    state.watching = new Watching(this.#cluster, this.#clock, look, this.#signal);
    state.lost = null;
    await state.watching.ended();
    const { notes, failure } = state.watching;
    state.lost = { since: this.#clock.mono(), notes, error: failure };
    state.watching = null;
  }
}
