import type { Clock, WatchEvent } from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import type { LeaderError } from '../../src/core/errors.ts';
import type { Change } from '../../src/sandbox/store.ts';
import { watchedChange } from '../../src/sandbox/watched-change.ts';

/** What one watch is about, and how it sees the cluster. */
export interface WatchView {
  clock: Clock;
  matches: (object: ClusterObject) => boolean;
  project: (object: ClusterObject) => ClusterObject;
  /** The changes of the watched resource after a revision that the watch cache already shows. */
  changesAfter: (revision: number) => readonly Change[];
  /** Milliseconds until the watch cache shows the next change; null when none is on its way. */
  nextChangeIn: () => number | null;
}

/** One watch as its consumer sees it: events wait here until they are fetched, and none is lost. */
export class FakeWatch {
  /** The revision up to which the consumer has been told. */
  cursor: number;
  readonly #view: WatchView;
  readonly #queue: WatchEvent[] = [];
  #ended = false;
  #failure: LeaderError | null = null;
  #wake = (): void => {};
  #broken: ((error: LeaderError | null) => void) | null = null;
  #timer: AbortController | null = null;

  constructor(cursor: number, view: WatchView) {
    this.cursor = cursor;
    this.#view = view;
  }

  push(event: WatchEvent): void {
    this.#queue.push(event);
    this.#wake();
  }

  end(failure: LeaderError | null = null): void {
    this.#failure = failure;
    this.#ended = true;
    this.#timer?.abort();
    this.#wake();
  }

  /** Tells `connected`, then every change as it shows, until the connection breaks or the signal aborts. */
  async connect(signal: AbortSignal): Promise<void> {
    const broken = new Promise<LeaderError | null>((resolve) => {
      this.#broken = resolve;
      signal.addEventListener('abort', () => resolve(null), { once: true });
      if (signal.aborted) resolve(null);
    });
    this.push({ type: 'connected', at: this.#view.clock.mono() });
    this.deliver();
    await broken;
    this.#timer?.abort();
  }

  /** The connection drops, at this very moment. */
  drop(error: LeaderError | null): void {
    if (!this.#broken) return;
    this.push({ type: 'disconnected', at: this.#view.clock.mono(), error });
    this.#broken(error);
    this.#broken = null;
  }

  /** Tells what the watch cache shows by now, and comes back when it shows more. */
  deliver(): void {
    if (!this.#broken) return;
    for (const change of this.#view.changesAfter(this.cursor)) {
      this.cursor = change.revision;
      const event = this.#eventOf(change);
      if (event) this.push(event);
    }
    this.#timer?.abort();
    const wait = this.#view.nextChangeIn();
    if (wait !== null) void this.#deliverLater(wait);
  }

  async #deliverLater(ms: number): Promise<void> {
    const timer = new AbortController();
    this.#timer = timer;
    await this.#view.clock.sleep(ms, timer.signal);
    if (!timer.signal.aborted) this.deliver();
  }

  #eventOf(change: Change): WatchEvent | null {
    const { matches, project, clock } = this.#view;
    const seen = watchedChange(change, matches);
    return seen && { type: seen.type, object: project(seen.object), at: clock.mono() };
  }

  /** Everything told, in order; what still waits when the signal aborts is dropped. */
  async *events(signal: AbortSignal): AsyncGenerator<WatchEvent, void, undefined> {
    while (!signal.aborted) {
      const next = this.#queue.shift();
      if (next) {
        yield next;
        continue;
      }
      if (this.#failure) throw this.#failure;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
