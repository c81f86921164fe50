import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import type { Gap } from '../core/gap.ts';
import type { LockKind } from '../core/lock.ts';
import { resourceName } from '../core/resources.ts';
import { type Mono, proseDuration } from '../core/time.ts';
import type { FirstLook, ReadSource } from './first-look.ts';
import type { LockBook } from './lock-book.ts';
import type { Clock, Cluster, WatchEvent } from './ports.ts';

/** What an error says before its cause, and a note says by itself. */
const TOLD_ALREADY = /^cannot watch [^:]*: /;

function unwatchedNote({ source, scope }: ReadSource, error: LeaderError): Note {
  const resource = resourceName(source.resource);
  const gap: Gap = {
    ...{ about: 'locks', verb: 'watch', resource, code: error.code, why: error.message },
    where: scope.namespace === undefined ? ' in all namespaces' : ` in ${scope.namespace}`,
    clusterWide: scope.namespace === undefined,
    consequence: 'their renewals cannot be seen',
  };
  const text = `${resource} cannot be watched${gap.where}: ${error.message.replace(TOLD_ALREADY, '')}`;
  return { code: 'unreadable', text, hint: error.hint, gap };
}

/** Keeps a book up to date from one watch a source, and knows how well it can see. */
export class Watching {
  readonly notes: Note[] = [];
  readonly #clock: Clock;
  readonly #book: LockBook;
  readonly #blind = new Set<LockKind>();
  /** When something was last heard on each watch that stands. */
  readonly #heardAt = new Map<LockKind, Mono>();
  /** Watches that stand, and on which nothing can be heard. */
  readonly #deaf = new Set<LockKind>();
  #blindSince: Mono | null = null;
  #blindWhy: LeaderError | null = null;
  #blindMs = 0;
  #running: Promise<unknown> = Promise.resolve();
  #awaited: number;
  #followed: number;
  #refusal: LeaderError | null = null;

  constructor(cluster: Cluster, clock: Clock, { book, sources }: FirstLook, signal: AbortSignal) {
    this.#clock = clock;
    this.#book = book;
    this.#awaited = sources.length;
    this.#followed = sources.length;
    this.#running = Promise.all(sources.map((read) => this.#follow(cluster, read, signal)));
  }

  /** True once every watch has been established, or has failed for good. */
  get settled(): boolean {
    return this.#awaited <= 0;
  }

  /** Why nothing can be watched at all, for good; null as long as something is or may be. */
  get failure(): LeaderError | null {
    return this.#followed === 0 ? this.#refusal : null;
  }

  /** Since when a watch that had been established is down, and why as far as is known; null while all stand. */
  get blind(): { since: Mono; why: LeaderError | null } | null {
    return this.#blindSince === null ? null : { since: this.#blindSince, why: this.#blindWhy };
  }

  /** When something was heard last on any watch that stands; null while there is none. */
  get heardAt(): Mono | null {
    return this.#heardAt.size === 0 ? null : Math.max(...this.#heardAt.values());
  }

  /** Milliseconds during which at least one watch was down after it had been established. */
  blindMs(): number {
    return this.#blindMs + (this.#blindSince === null ? 0 : this.#clock.mono() - this.#blindSince);
  }

  /** What hindered the view while it was watched. */
  blindNotes(): Note[] {
    const blindMs = this.blindMs();
    if (blindMs === 0) return [];
    const text = `blind for ${proseDuration(blindMs)} while watching: that time counts against nobody`;
    return [{ code: 'blind', text, hint: null }];
  }

  /** Resolves when all watches have ended, after their signal was aborted. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #follow(cluster: Cluster, read: ReadSource, signal: AbortSignal): Promise<void> {
    const { source, scope, resourceVersion } = read;
    const request = { ...scope, projection: source.projection, resourceVersion };
    let established = false;
    const settle = (): void => {
      if (!established) this.#awaited -= 1;
      established = true;
    };
    try {
      for await (const event of cluster.watch(source.resource, request, signal)) {
        if (event.type === 'connected') settle();
        this.#apply(read, event);
      }
    } catch (error) {
      if (isLeaderError(error, 'interrupted') || !(error instanceof LeaderError)) throw error;
      this.#book.disconnected(source.kind, this.#clock.mono());
      this.#refusal ??= error;
      this.#followed -= 1;
      this.notes.push(unwatchedNote(read, error));
    } finally {
      settle();
    }
  }

  /**
   * The API server does not answer any more, though the watches stand: one that is being stopped leaves them open and
   * brings nothing. It lived when something was heard last; a watch that was quiet by then proves nothing since its own
   * last word.
   */
  lostTouch(error: LeaderError): void {
    if (this.#heardAt.size === 0) return;
    const since = this.#blindSince ?? Math.max(...this.#heardAt.values());
    for (const [kind, at] of [...this.#heardAt]) {
      this.#lost(kind, at, error);
      this.#deaf.add(kind);
    }
    this.#blindSince = since;
  }

  /** The API server answers again: what happens from now on is heard on the watches that still stand. */
  regainedTouch(): void {
    for (const kind of [...this.#deaf]) this.#sees(kind, this.#clock.mono());
  }

  #sees(kind: LockKind, at: Mono): void {
    this.#deaf.delete(kind);
    this.#heardAt.set(kind, at);
    this.#blind.delete(kind);
    if (this.#blind.size === 0 && this.#blindSince !== null) {
      this.#blindMs += at - this.#blindSince;
      this.#blindSince = null;
    }
    this.#book.connected(kind, at);
  }

  #lost(kind: LockKind, at: Mono, error: LeaderError | null): void {
    this.#heardAt.delete(kind);
    this.#blind.add(kind);
    this.#blindWhy = error;
    this.#blindSince = Math.min(this.#blindSince ?? at, at);
    this.#book.disconnected(kind, at);
  }

  #apply({ source }: ReadSource, event: WatchEvent): void {
    const key = source.kind;
    if (event.type === 'disconnected') this.#deaf.delete(key);
    else if (event.type === 'connected' || this.#deaf.has(key)) this.#sees(key, event.at);
    else this.#heardAt.set(key, event.at);
    switch (event.type) {
      case 'added':
      case 'modified':
        this.#book.see(source, event.object, event.at);
        break;
      case 'deleted':
        this.#book.remove(source, event.object);
        break;
      case 'relisted':
        this.#book.seeAll(source, event.items, event.at);
        break;
      case 'connected':
        break;
      case 'disconnected':
        this.#lost(key, event.at, event.error);
        break;
    }
  }
}
