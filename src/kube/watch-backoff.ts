import type { Mono } from '../core/time.ts';

const FIRST_MS = 800;
const LONGEST_MS = 30_000;
const QUIET_MS = 120_000;

/** How long to wait before the next try: 0.8 s doubling to 30 s, spread by a fifth; from the start after 2 quiet minutes. */
export class WatchBackoff {
  readonly #random: () => number;
  #next = FIRST_MS;
  #lastAt: Mono | null = null;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds, for a failure at `now`. */
  after(now: Mono): number {
    if (this.#lastAt !== null && now - this.#lastAt > QUIET_MS) this.#next = FIRST_MS;
    this.#lastAt = now;
    const wait = Math.min(LONGEST_MS, this.#next * (0.8 + 0.4 * this.#random()));
    this.#next = Math.min(LONGEST_MS, this.#next * 2);
    return wait;
  }
}
