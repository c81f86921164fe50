import { claimFor } from '../core/depose-plan.ts';
import { type Parties, type Standing, standingOf } from '../core/depose-standing.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Claim } from '../core/formats/format.ts';
import { vacateHalf } from '../core/formats/vacate.ts';
import { durationOf } from '../core/judge-renewal.ts';
import { holderOf, type LockHalf, type LockRef, recordOf } from '../core/lock.ts';
import type { ReleaseStep } from '../core/release-steps.ts';
import type { Instant, Mono } from '../core/time.ts';
import { type Claimed, isTransient, type Lost, leftInTime, lostFor, tookTooLong } from './claimed.ts';
import type { LockSource } from './lock-book.ts';

import { type Desk, READING_PAUSE_MS, StoredHalf } from './stored-half.ts';
import { OutcomeWatch } from './watch-outcome.ts';
import { isLost, writeStep } from './write-step.ts';

/** A holder that renews underneath is raced so often. It writes every retry period, so one try more is nearly always enough. */
const TRIES = 8;

/** A freeing that fails is tried so often. */
const FREEING_TRIES = 4;

/** However long the server asks to wait: a lock that is half taken runs out meanwhile. Milliseconds. */
const LONGEST_PAUSE_MS = 5_000;

/** Before a write that was answered 409 is tried again, milliseconds. */
const PAUSE_MS = 200;

/** Takes one half of a lock, renews it and frees it, each under the preconditions of what was seen last. */
export class Claimant {
  readonly #desk: Desk;
  readonly #source: LockSource;
  readonly #parties: Parties;
  readonly #stored: StoredHalf;
  #claim: Claim;
  /** When the last write was sent that made or kept it ours, or may have; null while it is not. */
  #oursSince: Mono | null = null;

  constructor(desk: Desk, source: LockSource, parties: Parties) {
    this.#desk = desk;
    this.#source = source;
    this.#parties = parties;
    this.#stored = new StoredHalf(desk, source, parties);
    this.#claim = claimFor(parties.shown, parties.identity, desk.serverNow());
  }

  get ref(): LockRef {
    return this.#parties.shown.ref;
  }

  /** The eyes on what happens once it is freed. */
  watch(): OutcomeWatch {
    return new OutcomeWatch(this.#desk.cluster, this.#desk.clock, this.#source, this.half);
  }

  /** As it was seen last. */
  get half(): LockHalf {
    return this.#stored.half;
  }

  get oursSince(): Mono | null {
    return this.#oursSince;
  }

  /**
   * Reads the half anew and takes it if it still is its old holder's, again and again while that one renews underneath.
   * With `dryRun` the API server checks the write and makes none. `until`: when to give up, because what is ours of the
   * lock is not renewed meanwhile; null while nothing is, so that leaving costs nothing.
   */
  async take({ dryRun, until }: { dryRun: boolean; until: Mono | null }): Promise<Claimed> {
    const { clock, leaving } = this.#desk;
    let sentAt: Mono | null = null;
    let lost: Lost | null = null;
    let refusal: LeaderError | null = null;
    for (let tries = 1; ; tries += 1) {
      const leaves = until === null ? leaving.aborted : clock.mono() >= until;
      const left = { is: 'failed', error: until === null ? leftInTime() : tookTooLong() } as const;
      if (leaves && sentAt === null) return left;
      const seen = await (lost === null ? this.#stored.look() : this.#stored.lookAgain());
      if ('error' in seen) {
        if (lost !== null) return { is: 'unknown', error: lost.error, now: null };
        if (!isTransient(seen.error) || tries >= TRIES || leaving.aborted) {
          // The second one of two that were made of it, perhaps.
          return refusal?.code === 'conflict'
            ? { is: 'unknown', error: refusal, now: null }
            : { is: 'failed', error: seen.error };
        }
        await this.#pause(seen.error);
        continue;
      }
      // Something on the way sent our write twice: the second one was answered 409, and the first one counts.
      if (seen.standing.is === 'ours' && sentAt !== null) return this.#ours(sentAt, tries);
      if (seen.standing.is !== 'theirs') {
        // The lost write may have come first: then it was ours for a while.
        return lost === null ? this.#stopped(seen.standing) : lostFor(lost.error, seen.standing);
      }
      if (lost !== null && this.half.resourceVersion !== lost.version) lost = null;
      if (leaves && lost === null) return left;
      if (refusal !== null && lost === null && tries > TRIES) return { is: 'failed', error: refusal };
      if (lost !== null && (leaves || tries > TRIES)) {
        return { is: 'unknown', error: lost.error, now: { holder: holderOf(this.half) } };
      }
      this.#claim = claimFor(this.half, this.#parties.identity, this.#desk.serverNow());
      sentAt = clock.mono();
      const result = await this.#stored.write(this.#claim, { dryRun });
      if ('standing' in result) return this.#stopped(result.standing);
      const { error } = result;
      if (error === null) return dryRun ? { is: 'written', at: sentAt, tries } : this.#ours(sentAt, tries);
      // Sent again for the same version of the object, at most one of the two writes succeeds.
      if (isLost(error) && !dryRun) lost = { error, version: this.half.resourceVersion };
      else if (error.code !== 'not-found' && !isTransient(error)) {
        return lost === null ? { is: 'failed', error } : { is: 'unknown', error: lost.error, now: null };
      }
      refusal = error;
      await this.#pause(error);
    }
  }

  #ours(at: Mono, tries: number): Claimed {
    this.#oursSince = at;
    return { is: 'written', at, tries };
  }

  #stopped(standing: Standing): Claimed {
    const carriesOurs = 'by' in standing && standing.by === this.#parties.identity;
    if (standing.is !== 'ours' && !carriesOurs) this.#oursSince = null;
    return { is: 'stopped', standing };
  }

  async #pause({ code, retryAfterMs }: LeaderError): Promise<void> {
    const { clock, leaving } = this.#desk;
    const ms = retryAfterMs ?? (code === 'conflict' ? PAUSE_MS : READING_PAUSE_MS);
    if (leaving.aborted) await clock.sleep(Math.min(ms, READING_PAUSE_MS));
    else await clock.sleep(Math.min(ms, LONGEST_PAUSE_MS), leaving);
  }

  /** Renews a half that is ours. A conflict stops it, unless the record still is ours and only the object was edited. */
  async renew(answerWithinMs: number): Promise<Claimed> {
    for (let tries = 1; ; tries += 1) {
      const at = this.#desk.clock.mono();
      const result = await this.#stored.write(this.#claim, { answerWithinMs });
      if ('standing' in result) return this.#stopped(result.standing);
      const { error } = result;
      if (error === null) return this.#ours(at, tries);
      if (!isLeaderError(error, 'conflict', 'not-found')) {
        if (isLost(error)) this.#oursSince = at;
        return { is: 'failed', error };
      }
      const seen = await this.#stored.look(answerWithinMs);
      if ('error' in seen) return { is: 'failed', error: seen.error };
      if (seen.standing.is !== 'ours') return this.#stopped(seen.standing);
      if (tries >= TRIES) return { is: 'failed', error };
    }
  }

  /**
   * Frees a half that is ours. What may succeed a moment later is tried again, and the half is renewed in between unless
   * the user wants to leave.
   */
  async free(eyes: OutcomeWatch): Promise<Claimed> {
    const { cluster, clock, leaving } = this.#desk;
    const pen = { cluster, clock, resource: this.#source.resource, dryRun: false, leaving };
    const freedTimes: Instant[] = [];
    let failures = 0;
    let lost: { at: Mono; error: LeaderError } | null = null;
    for (let tries = 1; ; tries += 1) {
      const freedAt = this.#desk.serverNow();
      freedTimes.push(freedAt);
      const step = this.#freeing(freedAt);
      if (step === null) return this.#stopped({ is: 'not-claimable', by: holderOf(this.half) });
      const at = clock.mono();
      const sent = await writeStep(step, this.half, eyes, pen);
      if (sent.is === 'written') {
        this.#oursSince = null;
        return { is: 'written', at: sent.at, tries };
      }
      if (sent.is === 'conflict') {
        const standing = standingOf(this.#parties, sent.now);
        // Something on the way sent our write twice: the second one was answered 409, and the first one counts.
        if (eyes.sights.some(({ half }) => this.#isFreedByUs(half, freedTimes))) {
          this.#oursSince = null;
          return { is: 'written', at, tries };
        }
        // A write whose answer was lost may have arrived after it was looked for.
        if (lost !== null && standing.is === 'freed') {
          this.#oursSince = null;
          return { is: 'written', at: lost.at, tries };
        }
        if (lost !== null && standing.is === 'taken') {
          this.#oursSince = null;
          return { is: 'unknown', error: lost.error, now: { holder: standing.by } };
        }
        if (standing.is !== 'ours' || sent.now === null) return this.#stopped(standing);
        if (tries >= TRIES || sent.now.resourceVersion === this.half.resourceVersion) {
          const error = new LeaderError('conflict', 'every write is answered 409 Conflict');
          return { is: 'failed', error };
        }
        this.#stored.half = sent.now;
        eyes.startFrom(sent.now);
        continue;
      }
      const { error } = sent;
      const now = sent.is === 'unknown' ? sent.now : null;
      // Sent again for the same version of the object, at most one of the two writes succeeds.
      const stillOurs = sent.is === 'failed' || now?.holder === this.#parties.identity;
      failures += 1;
      if (isLost(error)) lost = { at, error };
      if (!stillOurs || !isTransient(error) || failures >= FREEING_TRIES || this.#hasRunOut()) {
        // A 409 without a look at what is stored may be the answer to the second one of two.
        const doubted = lost !== null || error.code === 'conflict';
        if (sent.is === 'failed' && !doubted) return { is: 'failed', error };
        if (now !== null && !stillOurs) this.#oursSince = null;
        const seen =
          now ?? (stillOurs && error.code !== 'conflict' ? { holder: this.#parties.identity } : null);
        return { is: 'unknown', error: lost?.error ?? error, now: seen };
      }
      await this.#pause(error);
      if (leaving.aborted) continue;
      const renewed = await this.renew(READING_PAUSE_MS);
      // What was lost on the way fits no version any more.
      if (renewed.is === 'written') lost = null;
      // Freed all the same, perhaps: the next try tells.
      if (renewed.is === 'stopped' && lost === null) return renewed;
      eyes.startFrom(this.half);
    }
  }

  #hasRunOut(): boolean {
    const durationMs = durationOf(recordOf(this.half));
    return this.#oursSince !== null && this.#desk.clock.mono() - this.#oursSince >= durationMs;
  }

  /** Whether this is the record that our own freeing at one of these times leaves behind. Some formats have whole seconds. */
  #isFreedByUs(half: LockHalf | null, freedTimes: readonly Instant[]): boolean {
    if (half === null || half.uid !== this.half.uid || holderOf(half) !== null) return false;
    const renewTime = recordOf(half)?.renewTime ?? null;
    if (renewTime === null) return false;
    return freedTimes.some((at) => Math.floor(renewTime / 1000) === Math.floor(at / 1000));
  }

  #freeing(freedAt: Instant): ReleaseStep | null {
    const { ref, uid, resourceVersion, heartbeat } = this.half;
    const patch = vacateHalf(this.half, freedAt);
    if (patch === null) return null;
    const expects = { holder: holderOf(this.half), heartbeat };
    return { ref, uid, resourceVersion, expects, action: 'vacate', patch };
  }
}
