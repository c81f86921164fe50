import type { Clock } from '../../src/app/ports.ts';
import type { Instant, Mono } from '../../src/core/time.ts';

interface Sleeper {
  due: Mono;
  wake: () => void;
}

/** Turns of the event loop that code between two sleeps gets: each one drains every microtask that is ready. */
const TURNS = 4;

/** More sleeps than this without time moving on is a loop that would never end. */
const MAX_WAKES_AT_ONE_INSTANT = 10_000;

export interface FakeClockStart {
  /** Wall clock at the start, milliseconds since the epoch. */
  now?: Instant;
  /** Monotonic clock at the start, milliseconds. Deliberately unlike the wall clock. */
  mono?: Mono;
}

/**
 * Time that only tests move. Sleeps end in the order they are due, and whatever they set going runs until it waits
 * again before the next one ends, so a story about minutes runs in milliseconds and always the same way.
 */
export class FakeClock implements Clock {
  #mono: Mono;
  #wallAhead: number;
  #sleepers: Sleeper[] = [];

  constructor({ now = Date.UTC(2026, 0, 15, 12, 0, 0), mono = 5_000 }: FakeClockStart = {}) {
    this.#mono = mono;
    this.#wallAhead = now - mono;
  }

  now(): Instant {
    return this.#mono + this.#wallAhead;
  }

  mono(): Mono {
    return this.#mono;
  }

  /** How many sleeps have not ended. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { due: this.#mono + Math.max(0, ms), wake: () => wake() };
      const wake = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** The wall clock jumps by `ms` (somebody set it); the monotonic clock does not notice. */
  skewWall(ms: number): void {
    this.#wallAhead += ms;
  }

  /** Lets everything run that waits for nothing but its turn. No time passes. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Both clocks move on by `ms` milliseconds, stopping at every sleep that ends on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#mono + ms;
    let wakes = 0;
    await this.settle();
    for (let next = this.#earliest(); next !== null && next.due <= end; next = this.#earliest()) {
      wakes = next.due > this.#mono ? 0 : wakes + 1;
      if (wakes > MAX_WAKES_AT_ONE_INSTANT) throw new Error('a loop sleeps without letting any time pass');
      this.#mono = Math.max(this.#mono, next.due);
      next.wake();
      await this.settle();
    }
    this.#mono = end;
  }

  /**
   * Moves time in steps of `stepMs` until the promise settles, and gives its outcome; throws when it has not
   * settled after `limitMs` (both milliseconds of this clock).
   */
  async runUntil<T>(
    promise: Promise<T>,
    { stepMs = 100, limitMs = 120_000 }: { stepMs?: number; limitMs?: number } = {},
  ): Promise<T> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    const end = this.#mono + limitMs;
    await this.settle();
    while (!settled) {
      if (this.#mono >= end) {
        throw new Error(`not settled after ${limitMs} ms; ${this.sleeping} sleeps are still pending`);
      }
      await this.advance(Math.min(stepMs, end - this.#mono));
    }
    return promise;
  }

  #earliest(): Sleeper | null {
    let first: Sleeper | null = null;
    for (const sleeper of this.#sleepers) {
      if (first === null || sleeper.due < first.due) first = sleeper;
    }
    return first;
  }
}
