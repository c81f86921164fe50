/**
 * Holds what arrived until the consumer asks for it: arrival is timed when it happens, however slow the consumer is,
 * and nothing is lost.
 */
export class EventQueue<T> {
  #waiting: T[] = [];
  #closed = false;
  #error: unknown = null;
  #wake: () => void = () => {};

  put(item: T): void {
    this.#waiting.push(item);
    this.#wake();
  }

  /** Nothing follows; with an error the consumer gets it after what is still waiting. */
  close(error: unknown = null): void {
    this.#closed = true;
    this.#error = error;
    this.#wake();
  }

  /** Everything in order, until the queue is closed or the signal aborts (then what is still waiting is dropped). */
  async *drain(signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
    while (!signal?.aborted) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const item of batch) {
        yield item;
        if (signal?.aborted) return;
      }
      if (this.#waiting.length > 0) continue;
      if (this.#closed) {
        if (this.#error !== null) throw this.#error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
