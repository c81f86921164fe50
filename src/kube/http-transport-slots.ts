import { interruptedError } from './http-transport-errors.ts';

/**
 * Lets so many requests be under way at once; the others wait in the order in which they came. (An http.Agent does
 * not count connections that are still being opened, so its own limit would not hold.)
 */
export class Slots {
  #free: number;
  /** Ordered by arrival. */
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves to the function that gives the slot back (once); rejects with `interrupted` when the signal aborts. */
  take(signal: AbortSignal | undefined): Promise<() => void> {
    if (signal?.aborted) return Promise.reject(interruptedError());
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(this.#giveBack());
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
      const [next] = this.#waiting;
      if (next === undefined) this.#free += 1;
      else {
        this.#waiting.delete(next);
        next();
      }
    };
  }
}
