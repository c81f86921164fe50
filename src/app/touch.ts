import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Mono } from '../core/time.ts';
import type { Clock } from './ports.ts';
import { within } from './within.ts';

/** When nothing was heard for so long, the API server is asked whether it is there. Milliseconds. */
const QUIET_MS = 10_000;

/** So long it may take to answer, milliseconds; afterwards it is asked again. */
const ANSWER_WITHIN_MS = 5_000;

/**
 * Notices that the API server has fallen silent while the watches stand: one that hangs leaves them open and brings
 * nothing. Costs one small request every 10 s, and none while anything is heard.
 */
export class Touch {
  readonly #clock: Clock;
  readonly #ask: (signal: AbortSignal) => Promise<void>;
  #asking: Promise<void> | null = null;
  #askedAt: Mono = Number.NEGATIVE_INFINITY;
  #answeredAt: Mono = Number.NEGATIVE_INFINITY;
  #lost: LeaderError | null = null;

  /** `ask` rejects with what the API server answers, or with `unreachable` or `timeout` where it does not. */
  constructor(clock: Clock, ask: (signal: AbortSignal) => Promise<void>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Why the API server is thought to be silent; null while it is not. */
  get lost(): LeaderError | null {
    return this.#lost;
  }

  /**
   * Asks if it is time to. `heardAt`: when something was heard last on any watch that stands. One who brings something
   * meanwhile is there, however long the answer takes.
   */
  tick(heardAt: () => Mono, stop: AbortSignal, onChange: () => void): void {
    if (this.#asking !== null) return;
    const now = this.#clock.mono();
    const isDue =
      this.#lost === null
        ? now - Math.max(heardAt(), this.#answeredAt) >= QUIET_MS
        : now - this.#askedAt >= ANSWER_WITHIN_MS;
    if (!isDue) return;
    this.#askedAt = now;
    this.#asking = this.#find(stop)
      .then((silence) => {
        const lost = heardAt() >= now ? null : silence;
        if (stop.aborted || (lost === null) === (this.#lost === null)) return;
        this.#lost = lost;
        onChange();
      })
      .finally(() => {
        this.#asking = null;
      });
  }

  async #find(stop: AbortSignal): Promise<LeaderError | null> {
    try {
      await within(this.#clock, ANSWER_WITHIN_MS, (late) => this.#ask(AbortSignal.any([late, stop])));
    } catch (error) {
      if (!(error instanceof LeaderError)) throw error;
      if (isLeaderError(error, 'unreachable', 'timeout')) return error;
    }
    this.#answeredAt = this.#clock.mono();
    return null;
  }
}
