import type { Clock } from '../../app/ports.ts';
import type { Store } from '../store.ts';

/** How far the API server's watch cache is behind the store: what reads with `resourceVersion=0` show. */
export class WatchCache {
  readonly #store: Store;
  readonly #clock: Clock;
  #lagMs = 0;
  /** What it has shown once it never takes back. */
  #floor = 0;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** From now on it shows what was `ms` milliseconds ago, but nothing older than now; `Infinity` for a stuck one. */
  lag(ms: number): void {
    this.#floor = this.revision;
    this.#lagMs = ms;
  }

  get revision(): number {
    if (this.#lagMs === 0) return this.#store.revision;
    const until = this.#clock.mono() - this.#lagMs;
    const shown = this.#store.changes.findLast((change) => change.at <= until);
    return Math.max(this.#floor, this.#store.compactedRevision, shown?.revision ?? 0);
  }
}
