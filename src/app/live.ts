import { isLeaderError, type LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import { lockId } from '../core/lock.ts';
import type { Instant, Mono } from '../core/time.ts';
import type { LsScope } from './first-look.ts';
import { HolderMemory } from './holder-memory.ts';
import { HolderWatch } from './holder-watch.ts';
import { LiveJudge, type LiveLock } from './live-judge.ts';
import { LiveSources, type Sightline } from './live-sources.ts';
import type { Clock, Cluster } from './ports.ts';

/** Events are gathered for this long before they are told, milliseconds. */
const TICK_MS = 250;

/** A tick that comes this much too late means that the process, or the machine, stood still. Milliseconds. */
const STOOD_STILL_MS = 5_000;

/** When the API server's clock could not be read anew it is tried again after so long, milliseconds. */
const READ_TIME_AGAIN_MS = 5_000;

/** A kind of lock that takes longer than this to be read is no longer waited for. Milliseconds. */
const PATIENCE_MS = 2_000;

/** What became of the locks since the glimpse before. */
export interface Glimpse {
  /** New ones, and those about which there is something new to say; a renewal is something new. */
  changed: readonly LiveLock[];
  /** Ids of locks that are no more. */
  gone: readonly string[];
  /** True when every kind was read or refused, and every holder looked for. */
  complete: boolean;
  notes: readonly Note[];
  sightline: Sightline;
  /** Set while no kind of lock may be watched: what was listed stays as it is. */
  refused?: LeaderError | null;
  at: Mono;
  /** The API server's clock at `at`, or this machine's when the server sent none. */
  takenAt: Instant;
}

export interface Live extends AsyncIterable<Glimpse> {
  /** The process is about to be stopped: what happens until `resume` is seen by nobody. */
  pause(): void;
  resume(): void;
}

class LiveList implements Live {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #sources: LiveSources;
  readonly #holderWatch: HolderWatch;
  readonly #memory: HolderMemory;
  readonly #judge: LiveJudge;
  #nap = new AbortController();
  #working: Promise<void> | null = null;
  #mishap: unknown = null;
  readonly #begun: Mono;
  #lastTick: Mono;
  /** The Nodes of holders that were written, and are to be compared with what they were. */
  readonly #written = new Set<string>();
  /** How far the wall clock is ahead of the monotonic one, which stands still on some machines while they sleep. */
  #wallAhead: number;
  /** From when on the API server's clock is to be read anew. */
  #timeDueAt: Mono = Number.POSITIVE_INFINITY;

  constructor(cluster: Cluster, clock: Clock, scope: LsScope, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#signal = signal;
    this.#begun = clock.mono();
    this.#lastTick = this.#begun;
    this.#wallAhead = clock.now() - this.#begun;
    this.#sources = new LiveSources(cluster, clock, scope, this.#stop.signal, () => this.#nap.abort());
    this.#holderWatch = new HolderWatch(cluster, this.#stop.signal);
    this.#memory = new HolderMemory(this.#sources.book.absences);
    this.#judge = new LiveJudge(this.#sources.book, this.#memory, this.#sources.others.unread);
  }

  pause(): void {
    this.#lastTick = this.#clock.mono();
  }

  resume(): void {
    this.#sources.stoodStill(this.#lastTick, this.#clock.mono());
    this.#lastTick = this.#clock.mono();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Glimpse> {
    const wake = (): void => this.#nap.abort();
    this.#signal.addEventListener('abort', wake);
    let told = '';
    try {
      while (!this.#signal.aborted) {
        const glimpse = this.#look();
        const { changed, gone, complete, notes, sightline, refused } = glimpse;
        const rest = JSON.stringify([complete, notes, sightline, refused?.message]);
        if (changed.length > 0 || gone.length > 0 || rest !== told) yield glimpse;
        told = rest;
        this.#nap = new AbortController();
        await this.#clock.sleep(TICK_MS, this.#nap.signal);
      }
    } finally {
      this.#signal.removeEventListener('abort', wake);
      this.#stop.abort();
      await Promise.all([this.#sources.ended(), this.#holderWatch.ended(), this.#working]);
    }
  }

  #look(): Glimpse {
    const now = this.#clock.mono();
    if (now - this.#lastTick > TICK_MS + STOOD_STILL_MS) this.resume();
    this.#lastTick = now;
    this.#noteSleep(now);
    if (this.#mishap !== null) throw this.#mishap;
    const { failure, book } = this.#sources;
    if (failure !== null) throw failure;
    this.#sources.keepInTouch();
    if (this.#working === null) this.#noteTouched();
    const { changed, gone } = this.#judge.tick(now, this.#holderWatch.uncertain);
    for (const id of gone) this.#sources.forget(id);
    this.#work(now);
    return {
      changed,
      gone,
      complete: this.#sources.opened && this.#judge.pending === 0,
      notes: [...this.#sources.notes, ...this.#memory.notes(now), ...this.#judge.notes],
      sightline: this.#sources.sightline,
      refused: this.#sources.refusal,
      at: now,
      takenAt: book.serverTime(this.#clock),
    };
  }

  /** Not while holders are being looked for: what changes then may have been read before, and is not in memory yet. */
  #noteTouched(): void {
    for (const name of this.#memory.nodesAmong(this.#holderWatch.takeWritten())) this.#written.add(name);
    if (this.#holderWatch.quiet) return;
    this.#judge.lookAgainFor(this.#memory.touched(this.#holderWatch));
    this.#memory.stir(this.#holderWatch);
    this.#holderWatch.clear();
  }

  /** Where the two clocks moved apart, the machine slept or somebody set one: what was read before may hold no more. */
  #noteSleep(now: Mono): void {
    const wallAhead = this.#clock.now() - now;
    if (Math.abs(wallAhead - this.#wallAhead) < STOOD_STILL_MS) return;
    this.#wallAhead = wallAhead;
    this.#timeDueAt = now;
  }

  /** Reads again what looks bad and looks for holders, one round after the other, while the list goes on. */
  #work(now: Mono): void {
    const { doubtful, unsought } = this.#judge;
    const isDue = now >= this.#timeDueAt || this.#written.size > 0 || unsought.size > 0;
    // Nothing can be found out then, and what is known is not to be forgotten for that.
    if (this.#sources.outOfTouch) return;
    if (this.#working !== null || (!isDue && (!this.#mayConfirm || doubtful.size === 0))) return;
    this.#working = this.#round()
      .catch((error: unknown) => {
        if (!isLeaderError(error, 'interrupted')) this.#mishap = error;
      })
      .finally(() => {
        this.#working = null;
        this.#nap.abort();
      });
  }

  /** A lock is not accused while its other half may still be on its way, unless that takes long. */
  get #mayConfirm(): boolean {
    return this.#sources.opened || this.#clock.mono() - this.#begun >= PATIENCE_MS;
  }

  async #round(): Promise<void> {
    if (this.#clock.mono() >= this.#timeDueAt) await this.#readTime();
    if (this.#written.size > 0) await this.#compareNodes();
    const { doubtful, unsought } = this.#judge;
    const doubts = this.#mayConfirm ? this.#judge.casesOf(doubtful, this.#clock.mono()) : [];
    if (doubts.length > 0) await this.#sources.confirm(doubts);
    const confirmed = doubts.map(({ lock }) => lockId(lock.primary.ref));
    this.#judge.confirm(confirmed, this.#clock.mono());
    const sought = [...unsought];
    const cases = this.#judge.casesOf(sought, this.#clock.mono());
    if (cases.length > 0) {
      const isWorthIt = (): boolean => !this.#sources.outOfTouch;
      await this.#memory.search(this.#cluster, this.#clock, cases, this.#stop.signal, isWorthIt);
      if (!isWorthIt()) return;
    }
    this.#judge.settle(sought);
  }

  async #readTime(): Promise<void> {
    // Before the answer comes: the machine may sleep once more meanwhile.
    this.#timeDueAt = Number.POSITIVE_INFINITY;
    if (await this.#sources.readServerTime()) return;
    this.#timeDueAt = this.#clock.mono() + READ_TIME_AGAIN_MS;
  }

  async #compareNodes(): Promise<void> {
    const names = [...this.#written];
    this.#written.clear();
    this.#judge.lookAgainFor(await this.#memory.onChangedNodes(this.#cluster, names, this.#stop.signal));
  }
}

/**
 * Every lock of the cluster from now until the signal aborts, told in glimpses: the first rows as soon as one kind of
 * object is read, holders as they are found, then every renewal, a few times a second at most. The first iteration
 * rejects if nothing at all can be read; later failures are notes and blindness. To be iterated once.
 */
export function live(cluster: Cluster, clock: Clock, scope: LsScope, signal: AbortSignal): Live {
  return new LiveList(cluster, clock, scope, signal);
}
