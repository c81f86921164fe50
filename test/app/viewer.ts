import { expect } from 'vitest';
import { type Glimpse, live } from '../../src/app/live.ts';
import type { LiveLock } from '../../src/app/live-judge.ts';
import { EVERYWHERE, type Stage } from './stage.ts';

/** Watches the list in the background, and remembers everything it told. */
export class Viewer {
  readonly stage: Stage;
  readonly glimpses: Glimpse[] = [];
  readonly locks = new Map<string, LiveLock>();
  /** Every verdict told, in order, by lock. */
  readonly told = new Map<string, string[]>();
  readonly ended: Promise<void>;

  constructor(stage: Stage) {
    this.stage = stage;
    const list = live(stage.cluster, stage.clock, EVERYWHERE, stage.signal.signal);
    this.ended = (async () => {
      for await (const glimpse of list) this.#take(glimpse);
    })();
    this.ended.catch(() => {});
  }

  get last(): Glimpse {
    const last = this.glimpses.at(-1);
    if (last === undefined) throw new Error('nothing was told yet');
    return last;
  }

  async end(): Promise<void> {
    this.stage.signal.abort();
    await this.stage.run(this.ended);
    expect(this.stage.cluster.openWatches).toBe(0);
  }

  #take(glimpse: Glimpse): void {
    this.glimpses.push(glimpse);
    for (const lock of glimpse.changed) {
      this.locks.set(lock.id, lock);
      const verdict = lock.pending ? 'pending' : `${lock.report.verdict} ${lock.report.grade}`;
      const told = this.told.get(lock.id) ?? [];
      if (told.at(-1) !== verdict) this.told.set(lock.id, [...told, verdict]);
    }
    for (const id of glimpse.gone) this.locks.delete(id);
  }
}
