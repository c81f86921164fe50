import { type Parties, type Standing, standingOf } from '../core/depose-standing.ts';
import { isLeaderError, type LeaderError } from '../core/errors.ts';
import type { Claim } from '../core/formats/format.ts';
import { takeHalf } from '../core/formats/take.ts';
import { holderOf, type LockHalf } from '../core/lock.ts';
import type { Instant } from '../core/time.ts';
import { notStored } from './claimed.ts';
import type { LockSource } from './lock-book.ts';
import type { Clock, Cluster, ServerTime } from './ports.ts';
import { halfAfter } from './watch-outcome.ts';
import { within } from './within.ts';

/** Between two readings after a lost answer, milliseconds, and how often it is read until it can be. */
export const READING_PAUSE_MS = 1_000;
const READINGS = 10;

/** How long an answer is waited for where nothing else limits it, milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

/** What a claimant works with. */
export interface Desk {
  cluster: Cluster;
  clock: Clock;
  /** The API server's time, which is written into records. */
  serverNow(): Instant;
  noteServerTime(time: ServerTime | null): void;
  /** Aborts when the user wants to leave: what is under way is still brought to its end. */
  leaving: AbortSignal;
}

/** One half of a lock as it is stored: reads it, and puts a claim into the version that was seen last. */
export class StoredHalf {
  /** As it was seen last. */
  half: LockHalf;
  readonly #desk: Desk;
  readonly #source: LockSource;
  readonly #parties: Parties;

  constructor(desk: Desk, source: LockSource, parties: Parties) {
    this.#desk = desk;
    this.#source = source;
    this.#parties = parties;
    this.half = parties.shown;
  }

  /** Puts our claim into the half as it was seen last. The error is null when that was answered. */
  async write(
    claim: Claim,
    { dryRun = false, answerWithinMs = ANSWER_WITHIN_MS }: { dryRun?: boolean; answerWithinMs?: number },
  ): Promise<{ error: LeaderError | null } | { standing: Standing }> {
    const { cluster, clock, leaving } = this.#desk;
    const { ref, uid, resourceVersion } = this.half;
    const patch = takeHalf(this.half, this.#desk.serverNow(), claim);
    if (patch === null) return { standing: { is: 'not-claimable', by: holderOf(this.half) } };
    const send = (late: AbortSignal) =>
      cluster.patch(
        this.#source.resource,
        ref.namespace,
        ref.name,
        patch,
        { uid, resourceVersion },
        { dryRun },
        late,
      );
    try {
      const { object, serverTime } = await within(clock, answerWithinMs, send, leaving);
      this.#desk.noteServerTime(serverTime);
      const half = halfAfter(object, this.half);
      if (standingOf(this.#parties, half).is !== 'ours') return { error: notStored() };
      if (!dryRun) this.half = half;
      return { error: null };
    } catch (error) {
      if (!isLeaderError(error)) throw error;
      return { error };
    }
  }

  /** How the half stands in the store. */
  async look(answerWithinMs = ANSWER_WITHIN_MS): Promise<{ standing: Standing } | { error: LeaderError }> {
    const { cluster, clock, leaving } = this.#desk;
    const { namespace, name } = this.half.ref;
    const { resource, projection } = this.#source;
    const get = (late: AbortSignal) =>
      cluster.get(resource, namespace, name, { projection, consistency: 'quorum' }, late);
    try {
      const { object, serverTime } = await within(clock, answerWithinMs, get, leaving);
      this.#desk.noteServerTime(serverTime);
      const half = halfAfter(object, this.half);
      const standing = standingOf(this.#parties, half);
      if (standing.is === 'theirs' || standing.is === 'ours') this.half = half;
      return { standing };
    } catch (error) {
      if (isLeaderError(error, 'not-found')) return { standing: standingOf(this.#parties, null) };
      if (!isLeaderError(error)) throw error;
      return { error };
    }
  }

  /** The write may have happened: only reading tells, so that is not given up at once. */
  async lookAgain(): Promise<{ standing: Standing } | { error: LeaderError }> {
    for (let reading = 1; ; reading += 1) {
      const seen = await this.look();
      if (!('error' in seen) || reading >= READINGS || this.#desk.leaving.aborted) return seen;
      await this.#desk.clock.sleep(READING_PAUSE_MS, this.#desk.leaving);
    }
  }
}
