import { claimFor } from '../core/depose-plan.ts';
import { type Parties, type Standing, standingOf } from '../core/depose-standing.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Claim } from '../core/formats/format.ts';
import { takeHalf } from '../core/formats/take.ts';
import { vacateHalf } from '../core/formats/vacate.ts';
import { holderOf, type LockHalf, type LockRef } from '../core/lock.ts';
import type { ReleaseStep } from '../core/release-steps.ts';
import type { Instant, Mono } from '../core/time.ts';
import type { LockSource } from './lock-book.ts';
import type { Clock, Cluster, ServerTime } from './ports.ts';
import { halfAfter, OutcomeWatch } from './watch-outcome.ts';
import { within } from './within.ts';
import { isLost, writeStep } from './write-step.ts';

/** A holder that renews underneath is raced so often. It writes every retry period, so one try more is nearly always enough. */
const TRIES = 8;

/** Between two tries, and between two readings after a lost answer, milliseconds. */
const PAUSE_MS = 200;
const READING_PAUSE_MS = 1_000;
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

export type Claimed =
  /** `at`: when the write was sent. */
  | { is: 'written'; at: Mono; tries: number }
  /** It is not ours to write to: nothing was written. */
  | { is: 'stopped'; standing: Standing }
  /** Refused, or no answer came. A lost write that is ours all the same shows at the next one. */
  | { is: 'failed'; error: LeaderError }
  /** No answer came, and what is stored could not be read either. */
  | { is: 'unknown'; error: LeaderError };

/** Takes one half of a lock, renews it and frees it, each under the preconditions of what was seen last. */
export class Claimant {
  readonly #desk: Desk;
  readonly #source: LockSource;
  readonly #parties: Parties;
  /** As it was seen last. */
  #half: LockHalf;
  #claim: Claim;

  constructor(desk: Desk, source: LockSource, parties: Parties) {
    this.#desk = desk;
    this.#source = source;
    this.#parties = parties;
    this.#half = parties.shown;
    this.#claim = claimFor(parties.shown, parties.identity, desk.serverNow());
  }

  get ref(): LockRef {
    return this.#parties.shown.ref;
  }

  /** The eyes on what happens once it is freed. */
  watch(): OutcomeWatch {
    return new OutcomeWatch(this.#desk.cluster, this.#desk.clock, this.#source, this.#half);
  }

  get half(): LockHalf {
    return this.#half;
  }

  /**
   * Reads the half anew and takes it if it still is its old holder's, again and again while that one renews underneath.
   * With `dryRun` the API server checks the write and makes none. `mayLeave`: nothing is ours yet, so that leaving costs
   * nothing.
   */
  async take({ dryRun, mayLeave }: { dryRun: boolean; mayLeave: boolean }): Promise<Claimed> {
    let sentAt: Mono | null = null;
    for (let tries = 1; ; tries += 1) {
      if (mayLeave && this.#desk.leaving.aborted) {
        const error = new LeaderError('interrupted', 'interrupted before anything was written');
        return { is: 'failed', error };
      }
      const seen = await this.#look();
      if ('error' in seen) return { is: 'failed', error: seen.error };
      // Something on the way sent our write twice: the second one was answered 409, and the first one counts.
      if (seen.standing.is === 'ours' && sentAt !== null) return { is: 'written', at: sentAt, tries };
      if (seen.standing.is !== 'theirs') return { is: 'stopped', standing: seen.standing };
      this.#claim = claimFor(this.#half, this.#parties.identity, this.#desk.serverNow());
      sentAt = this.#desk.clock.mono();
      const error = await this.#write(dryRun, ANSWER_WITHIN_MS);
      if (error === null) return { is: 'written', at: sentAt, tries };
      if (!isLeaderError(error, 'conflict', 'not-found')) {
        return isLost(error) && !dryRun
          ? this.#afterLostAnswer(error, sentAt, tries)
          : { is: 'failed', error };
      }
      if (tries >= TRIES) return { is: 'failed', error };
      await this.#desk.clock.sleep(PAUSE_MS, this.#desk.leaving);
    }
  }

  /** Renews a half that is ours. A conflict stops it, unless the record still is ours and only the object was edited. */
  async renew(answerWithinMs: number): Promise<Claimed> {
    for (let tries = 1; ; tries += 1) {
      const at = this.#desk.clock.mono();
      const error = await this.#write(false, answerWithinMs);
      if (error === null) return { is: 'written', at, tries };
      if (!isLeaderError(error, 'conflict', 'not-found')) return { is: 'failed', error };
      const seen = await this.#look(answerWithinMs);
      if ('error' in seen) return { is: 'failed', error: seen.error };
      if (seen.standing.is !== 'ours') return { is: 'stopped', standing: seen.standing };
      if (tries >= TRIES) return { is: 'failed', error };
    }
  }

  /** Frees a half that is ours. */
  async free(eyes: OutcomeWatch): Promise<Claimed> {
    const { cluster, clock, leaving } = this.#desk;
    const pen = { cluster, clock, resource: this.#source.resource, dryRun: false, leaving };
    for (let tries = 1; ; tries += 1) {
      const step = this.#freeing();
      const sent = await writeStep(step, this.#half, eyes, pen);
      if (sent.is === 'written') return { is: 'written', at: sent.at, tries };
      if (sent.is !== 'conflict') return { is: sent.is, error: sent.error };
      const standing = standingOf(this.#parties, sent.now);
      if (standing.is !== 'ours' || sent.now === null || tries >= TRIES) return { is: 'stopped', standing };
      this.#half = sent.now;
    }
  }

  #freeing(): ReleaseStep {
    const { ref, uid, resourceVersion, heartbeat } = this.#half;
    const patch = vacateHalf(this.#half, this.#desk.serverNow());
    if (patch === null) throw new Error(`what was taken in ${ref.kind}/${ref.name} cannot be vacated`);
    const expects = { holder: holderOf(this.#half), heartbeat };
    return { ref, uid, resourceVersion, expects, action: 'vacate', patch };
  }

  /** Puts our claim into the half as it was seen last. Null when that was answered. */
  async #write(dryRun: boolean, answerWithinMs: number): Promise<LeaderError | null> {
    const { cluster, clock, leaving } = this.#desk;
    const { ref, uid, resourceVersion } = this.#half;
    const patch = takeHalf(this.#half, this.#desk.serverNow(), this.#claim);
    if (patch === null) throw new Error(`${ref.kind}/${ref.name} carries nothing that could be claimed`);
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
      if (!dryRun) this.#half = halfAfter(object, this.#half);
      return null;
    } catch (error) {
      if (!isLeaderError(error)) throw error;
      return error;
    }
  }

  /** How the half stands in the store. */
  async #look(answerWithinMs = ANSWER_WITHIN_MS): Promise<{ standing: Standing } | { error: LeaderError }> {
    const { cluster, clock, leaving } = this.#desk;
    const { namespace, name } = this.ref;
    const { resource, projection } = this.#source;
    const get = (late: AbortSignal) =>
      cluster.get(resource, namespace, name, { projection, consistency: 'quorum' }, late);
    try {
      const { object, serverTime } = await within(clock, answerWithinMs, get, leaving);
      this.#desk.noteServerTime(serverTime);
      const half = halfAfter(object, this.#half);
      const standing = standingOf(this.#parties, half);
      if (standing.is === 'theirs' || standing.is === 'ours') this.#half = half;
      return { standing };
    } catch (error) {
      if (isLeaderError(error, 'not-found')) return { standing: standingOf(this.#parties, null) };
      if (!isLeaderError(error)) throw error;
      return { error };
    }
  }

  /** The write may have happened: only reading tells, and it is never sent again. */
  async #afterLostAnswer(error: LeaderError, at: Mono, tries: number): Promise<Claimed> {
    for (let reading = 1; reading <= READINGS; reading += 1) {
      const seen = await this.#look();
      if (!('error' in seen)) {
        if (seen.standing.is === 'ours') return { is: 'written', at, tries };
        if (seen.standing.is === 'theirs') return { is: 'failed', error };
        return { is: 'stopped', standing: seen.standing };
      }
      if (this.#desk.leaving.aborted) break;
      await this.#desk.clock.sleep(READING_PAUSE_MS, this.#desk.leaving);
    }
    return { is: 'unknown', error };
  }
}
