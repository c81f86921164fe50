import type { DeposePlan } from '../core/depose-plan.ts';
import type {
  DeposeEnding,
  DeposeEvent,
  DeposeHappening,
  DeposeResult,
  StillOurs,
} from '../core/depose-result.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import { type LockRef, lockId } from '../core/lock.ts';
import type { Mono } from '../core/time.ts';
import { backUp, type SaveBackup } from './back-up.ts';
import { Claimant } from './claimant.ts';
import { watchAftermath } from './depose-aftermath.ts';
import { followElectionEvents } from './election-events.ts';
import { type ExaminedLock, sourceOf } from './examine-lock.ts';
import { hold } from './hold.ts';
import type { Clock, Cluster } from './ports.ts';
import type { Desk } from './stored-half.ts';
import type { OutcomeWatch } from './watch-outcome.ts';

/** What goes on just now; nothing of it is part of the report. */
export interface DeposeProgress {
  doing: 'holding' | 'takeover' | 'confirmation';
  elapsedMs: number;
  forMs: number;
}

export interface DeposeOrder {
  examined: ExaminedLock;
  plan: DeposePlan;
  save: SaveBackup;
  /** The API server checks the first writes and makes none; no backup is needed then. */
  dryRun: boolean;
  /** How long to wait for somebody to take the freed lock, milliseconds. */
  waitMs: number;
}

export interface DeposeListener {
  happened(event: DeposeEvent): void;
  progress(progress: DeposeProgress): void;
}

interface Taking {
  taken: LockRef[];
  at: Mono;
  /** Why not all of it was taken; null when it was. */
  ending: DeposeEnding | null;
}

/** One deposition from beginning to end. */
class Deposition {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #order: DeposeOrder;
  readonly #signal: AbortSignal;
  readonly #listener: DeposeListener;
  readonly #events: DeposeEvent[] = [];
  readonly #claimants: readonly Claimant[];

  constructor(
    cluster: Cluster,
    clock: Clock,
    order: DeposeOrder,
    signal: AbortSignal,
    listener: DeposeListener,
  ) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#order = order;
    this.#signal = signal;
    this.#listener = listener;
    const { plan, examined } = order;
    const { book } = examined.look;
    const desk: Desk = {
      cluster,
      clock,
      serverNow: () => examined.look.book.serverTime(clock),
      noteServerTime: (time) => book.noteServerTime(time),
      leaving: signal,
    };
    this.#claimants = plan.halves.map((shown) => {
      const read = sourceOf(examined.look, shown.ref);
      if (read === undefined) throw notRead(shown.ref);
      const parties = { shown, deposed: plan.holder, identity: plan.identity };
      return new Claimant(desk, read.source, parties);
    });
  }

  async run(): Promise<DeposeResult> {
    const { dryRun } = this.#order;
    if (!dryRun) await this.#backUpAll();
    if (dryRun) return this.#result((await this.#takeAll(true)).ending ?? { is: 'checked' }, null);
    const forbidden = this.#claimants.length > 1 ? await this.#forbidden() : null;
    if (forbidden !== null) return this.#result(forbidden, null);
    const done = new AbortController();
    const [primary] = this.#claimants;
    const following =
      primary === undefined
        ? Promise.resolve()
        : followElectionEvents(this.#cluster, this.#clock, primary.ref, done.signal, (identity, what) =>
            this.#happened({ is: 'told', identity, what }),
          );
    try {
      return await this.#takeHoldAndFree();
    } finally {
      done.abort();
      await following;
    }
  }

  async #backUpAll(): Promise<void> {
    const { examined, save } = this.#order;
    for (const { ref } of this.#claimants) {
      const object = examined.objects.get(lockId(ref));
      if (object === undefined) throw notRead(ref);
      const path = await backUp(ref, object, save, this.#clock);
      this.#happened({ is: 'backed-up', ref, path });
    }
  }

  /** Whether one of several halves may not be written to: then none is, so that nothing is left half taken. */
  async #forbidden(): Promise<DeposeEnding | null> {
    const { ending } = await this.#takeAll(true);
    return ending?.is === 'not-taken' && ending.error.code === 'forbidden' ? ending : null;
  }

  async #takeAll(dryRun: boolean): Promise<Taking> {
    const taking: Taking = { taken: [], at: this.#clock.mono(), ending: null };
    for (const claimant of this.#claimants) {
      const { ref } = claimant;
      const { taken } = taking;
      const begun = this.#claimants[0]?.oursSince ?? null;
      const until = begun === null ? null : begun + this.#order.plan.term.deadlineMs;
      const result = await claimant.take({ dryRun, until });
      switch (result.is) {
        case 'written':
          taking.at = this.#clock.mono();
          if (dryRun) break;
          taken.push(ref);
          this.#happened({ is: 'taken', ref, tries: result.tries });
          break;
        case 'stopped':
          return { ...taking, ending: { is: 'changed', ref, standing: result.standing, taken } };
        case 'failed':
          if (isLeaderError(result.error, 'interrupted') && taken.length === 0) throw result.error;
          return { ...taking, ending: { is: 'not-taken', ref, error: result.error, taken } };
        case 'unknown':
          return { ...taking, ending: { is: 'unknown', ref, error: result.error, now: result.now, taken } };
      }
    }
    return taking;
  }

  async #takeHoldAndFree(): Promise<DeposeResult> {
    const taking = await this.#takeAll(false);
    if (taking.ending !== null) {
      await this.#giveBack(taking.ending);
      return this.#result(taking.ending, null);
    }
    const [primary] = this.#claimants;
    if (primary === undefined) throw new Error('a lock without halves');
    const eyes = primary.watch();
    // It may take its time, in which the lock has to be renewed: nothing waits for it.
    const opened = eyes.open();
    try {
      return await this.#holdAndFree(taking, eyes);
    } finally {
      await opened;
      await eyes.close();
    }
  }

  /** Half a lock is no use: what is ours is freed, unless somebody else has begun to take it, or may have. */
  async #giveBack(ending: DeposeEnding): Promise<void> {
    const changed = ending.is === 'changed' && ending.standing.is !== 'taken';
    if (!changed && ending.is !== 'not-taken') return;
    for (const claimant of this.#claimants) {
      if (claimant.oursSince !== null) await this.#freeOther(claimant);
    }
  }

  async #holdAndFree(taking: Taking, eyes: OutcomeWatch): Promise<DeposeResult> {
    const { term } = this.#order.plan;
    const serverNow = this.#order.examined.look.book.serverTime(this.#clock);
    const until = serverNow + term.holdMs - (this.#clock.mono() - taking.at);
    this.#happened({ is: 'holding', until });
    const held = await hold(this.#claimants, taking.at, term, this.#clock, this.#signal, {
      renewed: (ref) => this.#happened({ is: 'renewed', ref }),
      notRenewed: (ref, error) => this.#happened({ is: 'not-renewed', ref, error }),
      waiting: (elapsedMs, forMs) => this.#listener.progress({ doing: 'holding', elapsedMs, forMs }),
    });
    const heldMs = this.#clock.mono() - taking.at;
    switch (held.is) {
      case 'lost':
        return this.#result(held, heldMs);
      case 'cut-off': {
        const { ref, error, renewedAt } = held;
        return this.#result({ is: 'cut-off', ref, error, runsOutInMs: this.#runsOutIn(renewedAt) }, heldMs);
      }
      case 'done':
        return this.#freeAndWatch(eyes, heldMs);
    }
  }

  /** How long a record that was renewed then still keeps candidates out, milliseconds. */
  #runsOutIn(renewedAt: Mono): number {
    return Math.max(0, renewedAt + this.#order.plan.term.durationMs - this.#clock.mono());
  }

  async #freeAndWatch(eyes: OutcomeWatch, heldMs: number): Promise<DeposeResult> {
    const [primary, ...others] = this.#claimants;
    if (primary === undefined) throw new Error('a lock without halves');
    const { ref } = primary;
    const begun = this.#clock.mono();
    eyes.startFrom(primary.half);
    const freed = await primary.free(eyes);
    switch (freed.is) {
      case 'stopped':
        return this.#result({ is: 'lost', ref, standing: freed.standing }, heldMs);
      case 'failed': {
        const runsOutInMs = this.#runsOutIn(primary.oursSince ?? begun);
        return this.#result({ is: 'not-freed', ref, error: freed.error, runsOutInMs }, heldMs);
      }
      case 'unknown':
        return this.#result({ is: 'freeing-unknown', ref, error: freed.error, now: freed.now }, heldMs);
    }
    this.#happened({ is: 'freed', ref });
    for (const other of others) await this.#freeOther(other);
    const { holder: deposed, term } = this.#order.plan;
    const { waitMs, examined } = this.#order;
    const outcome = await watchAftermath(
      this.#cluster,
      this.#clock,
      {
        ...{ eyes, before: primary.half, freedAt: freed.at, deposed, waitMs, examined },
        confirmMs: term.durationMs,
      },
      this.#signal,
      {
        holderChanged: (by, afterMs) => this.#happened({ is: 'holder-changed', by, afterMs }),
        waiting: (elapsedMs, forMs, doing) => this.#listener.progress({ doing, elapsedMs, forMs }),
      },
    );
    return this.#result({ is: 'freed', outcome }, heldMs, this.#clock.mono() - begun);
  }

  /** The half that candidates obey is free already: one that takes it at once writes this half as well. */
  async #freeOther(other: Claimant): Promise<void> {
    const { ref } = other;
    const freed = await other.free(other.watch());
    if (freed.is === 'written') this.#happened({ is: 'freed', ref });
    else if (freed.is !== 'stopped') this.#happened({ is: 'not-freed', ref, error: freed.error });
  }

  #happened(happening: DeposeHappening): void {
    const event = { ...happening, at: this.#order.examined.look.book.serverTime(this.#clock) };
    this.#events.push(event);
    this.#listener.happened(event);
  }

  #result(ending: DeposeEnding, heldMs: number | null, waitedMs = 0): DeposeResult {
    const stillOurs = this.#claimants.flatMap(({ ref, oursSince }): StillOurs[] => {
      const runsOutInMs = oursSince === null ? 0 : this.#runsOutIn(oursSince);
      return runsOutInMs > 0 ? [{ ref, runsOutInMs }] : [];
    });
    return { events: this.#events, ending, stillOurs, heldMs, waitedMs, interrupted: this.#signal.aborted };
  }
}

function notRead(ref: LockRef): LeaderError {
  return new LeaderError('refused', `${lockId(ref)} was not read in full, so it is not written to`);
}

/**
 * Does what was planned: keeps the objects, takes the lock, renews it until no elector believes any more that it leads,
 * frees it, and watches who takes it. An abort before the first write rejects with `interrupted`; from then on the lock
 * is freed before this resolves. Rejects with `refused` if the objects could not be kept.
 */
export function carryOutDepose(
  cluster: Cluster,
  clock: Clock,
  order: DeposeOrder,
  signal: AbortSignal,
  listener: DeposeListener,
): Promise<DeposeResult> {
  return new Deposition(cluster, clock, order, signal, listener).run();
}
