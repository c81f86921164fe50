import { interruptedError } from './http-transport-errors.ts';

/** So many that wait are worth another connection when one more comes. */
const QUEUE = 2;

/**
 * Lets so many requests be under way at once; the others wait in the order in which they came. (An http.Agent does
 * not count connections that are still being opened, so its own limit would not hold.) To open a connection takes
 * longer than most requests: only when there is a queue are there more slots, up to `most`.
 */
export class Slots {
  #free: number;
  #count: number;
  readonly #most: number;
  /** Ordered by arrival. */
  readonly #waiting = new Set<() => void>();

  constructor(count: number, most: number) {
    this.#free = count;
    this.#count = count;
    this.#most = most;
  }

  /** Resolves to the function that gives the slot back (once); rejects with `interrupted` when the signal aborts. */
  take(signal: AbortSignal | undefined): Promise<() => void> {
    if (signal?.aborted) return Promise.reject(interruptedError());
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(this.#giveBack());
    }
    if (this.#waiting.size >= QUEUE && this.#count < this.#most) {
      this.#count += 1;
      this.#next();
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve(this.#giveBack());
      };
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(interruptedError());
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.add(enter);
    });
  }

  #giveBack(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#next();
    };
  }

  /** Gives a slot to whoever waits for it longest. */
  #next(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
