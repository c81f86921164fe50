import type { Evidence } from './evidence.ts';
import { isOfCamel } from './formats/lease-classes.ts';
import {
  holderOf,
  isZoneless,
  type LockHalf,
  type LockRecord,
  lockLabel,
  recordOf,
  writtenAt,
} from './lock.ts';
import { confirmedSilenceMs, type Observation, watchedSilenceMs } from './observation.ts';
import type { Renewal } from './renewal.ts';
import { type ServerClock, serverNow, serverUncertaintyMs } from './server-clock.ts';
import { type Instant, type Mono, proseDuration } from './time.ts';

/** client-go's default, assumed where a record names no duration. */
const DEFAULT_DURATION_MS = 15_000;

/** Candidates retry every 2 s with a jitter factor of 1.2, so one comes by at least this often. */
export const RETRY_JITTER_MS = 4_400;

/**
 * client-go's leaders give up when they could not renew for two thirds of the duration (10 s of 15 s), so a gap of
 * that length means that leadership was nearly lost.
 */
const LATE_SHARE = 2 / 3;

/** Camel rewrites a Lease only when two thirds of its duration have passed: close to the end is normal for it. */
const LATE_SHARE_OF_CAMEL = 0.95;

/** Only the last gaps tell how it stands now. */
const RECENT_GAPS = 5;

/** A free lock is taken within one retry period; the slowest electors in the wild retry within 58 s. */
export const TAKEN_WITHIN_MS = 60_000;

/** Clocks less than this apart are called equal: NTP does no better over a bad network, and `Date` has whole seconds. */
const SKEW_WORTH_SAYING_MS = 3_000;

export interface RenewalFacts {
  half: LockHalf;
  observation: Observation | null;
  now: Mono;
  /** Null when no answer carried a `Date`. */
  serverClock: ServerClock | null;
}

/** How long the record's holder may claim the lock after each renewal, milliseconds. */
export function durationOf(record: LockRecord | null): number {
  // A zero is what very old clients left behind on release; nobody ever claims a lock for no time at all, or for less.
  return record !== null && record.durationMs !== null && record.durationMs > 0
    ? record.durationMs
    : DEFAULT_DURATION_MS;
}

/** How long a lock must be watched without a change before its silence is proven by watching alone, milliseconds. */
export function silenceProofMs(record: LockRecord | null): number {
  return durationOf(record) + RETRY_JITTER_MS;
}

interface ClockReading {
  state: 'renewing' | 'silent' | 'undecided';
  agoMs: number | null;
  skewMs: number | null;
  evidence: Evidence;
}

const SERVER_CLOCK = "the API server's clock";

function clockEvidence(text: string, from = SERVER_CLOCK): Evidence {
  return { text, grade: 'clock', from };
}

function undecidedByClock(text: string, skewMs: number | null = null): ClockReading {
  return { state: 'undecided', agoMs: null, skewMs, evidence: clockEvidence(text) };
}

/**
 * The holder's clock against the server's stamp of the same write; null when not known. A renewTime after the stamp
 * but not in the future says nothing: the stamp may be that of the first write.
 */
function skewByStamp(half: LockHalf, stamp: Instant, renewTime: Instant | null, now: Instant): number | null {
  if (renewTime === null || isZoneless(half)) return null;
  return renewTime < stamp || renewTime > now ? renewTime - stamp : null;
}

/** What clocks alone say. Provisional: a `renewTime` is the holder's word, and only a recent server-side write proves. */
function readClocks(half: LockHalf, record: LockRecord, now: Instant, uncertaintyMs: number): ClockReading {
  const durationMs = durationOf(record);
  const renewTime = record.renewTime;
  // The write that created the object stamps a record that may be old: one restored from a backup, say.
  const created = half.createdAt !== null && half.lastWrite !== null && half.lastWrite.at <= half.createdAt;
  const write = created ? null : half.lastWrite;
  const writtenAgo = write === null ? null : now - write.at;
  // managedFields carries the server's own clock, so a recent one proves a write whatever the holder's clock shows.
  // An old one proves nothing: old servers keep the time of the first write.
  if (write !== null && writtenAgo !== null && writtenAgo <= durationMs + uncertaintyMs) {
    const renewedAgo =
      renewTime === null || isZoneless(half) || renewTime > now ? writtenAgo : now - renewTime;
    const agoMs = Math.max(0, Math.min(writtenAgo, renewedAgo));
    const text = `the API server stamped a write of the record ${proseDuration(Math.max(0, writtenAgo))} ago`;
    return {
      state: 'renewing',
      agoMs,
      skewMs: skewByStamp(half, write.at, renewTime, now),
      evidence: clockEvidence(text, `managedFields of ${lockLabel(half.ref)}`),
    };
  }
  if (renewTime === null) return undecidedByClock('the record names a holder but no renewTime');
  if (isZoneless(half)) {
    return undecidedByClock('renewTime names no time zone, so its age cannot be told before watching');
  }
  const agoMs = now - renewTime;
  if (agoMs < -(uncertaintyMs + SKEW_WORTH_SAYING_MS)) {
    return undecidedByClock(
      `renewTime lies ${proseDuration(-agoMs)} in the future: the holder's clock is ahead, clocks cannot tell`,
      -agoMs,
    );
  }
  if (agoMs <= durationMs + uncertaintyMs) {
    const text = `renewTime is ${proseDuration(Math.max(0, agoMs))} old, within its ${proseDuration(durationMs)}`;
    return { state: 'renewing', agoMs: Math.max(0, agoMs), skewMs: null, evidence: clockEvidence(text) };
  }
  const text = `renewTime is ${proseDuration(agoMs)} old, and its duration is ${proseDuration(durationMs)}`;
  return { state: 'silent', agoMs, skewMs: null, evidence: clockEvidence(text) };
}

function readOrUndecided(facts: RenewalFacts, record: LockRecord): ClockReading {
  const clock = facts.serverClock;
  if (clock === null)
    return undecidedByClock('the API server sent no Date, so nothing can be said before watching');
  return readClocks(facts.half, record, serverNow(clock, facts.now), serverUncertaintyMs(clock));
}

function watchedEvidence(text: string): Evidence {
  return { text, grade: 'watched', from: 'the watch' };
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** The holder's clock against the server's (ms, positive: ahead), from a renewal that we saw arrive; null when there was none. */
export function skewSeen(facts: RenewalFacts, record: LockRecord): number | null {
  const arrived = facts.observation?.lastChange ?? null;
  if (arrived === null || facts.serverClock === null || record.renewTime === null) return null;
  if (isZoneless(facts.half)) return null;
  return record.renewTime - serverNow(facts.serverClock, arrived);
}

function lateShare(half: LockHalf): number {
  return isOfCamel(half) ? LATE_SHARE_OF_CAMEL : LATE_SHARE;
}

function judgeHeld(facts: RenewalFacts, record: LockRecord): Renewal {
  const { half, observation, now } = facts;
  const durationMs = durationOf(record);
  const reading = readOrUndecided(facts, record);
  const silence = observation === null ? 0 : watchedSilenceMs(observation, now);
  const seen = observation?.seen ?? 0;
  const lastChange = observation?.lastChange ?? null;
  const skewMs = skewSeen(facts, record) ?? reading.skewMs;
  const agoMs = lastChange === null ? reading.agoMs : now - lastChange;
  const skewed =
    skewMs !== null && Math.abs(skewMs) > SKEW_WORTH_SAYING_MS + (facts.serverClock?.roundTripMs ?? 0);
  const skewEvidence = skewed
    ? [
        clockEvidence(
          `the holder's clock is ${proseDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}`,
        ),
      ]
    : [];
  // Two witnesses (the watch and the clock) need no margin for a candidate's jitter; the watch alone does.
  const provenAfter = reading.state === 'silent' && lastChange === null ? durationMs : silenceProofMs(record);
  const confirmed = observation === null ? 0 : confirmedSilenceMs(observation, now);
  const base = {
    lastRenewedAgoMs: agoMs,
    seen,
    gapsMs: observation?.gapsMs ?? [],
    watchedSilenceMs: silence,
    unconfirmed: silence >= provenAfter && confirmed < provenAfter,
    holderSkewMs: skewed ? skewMs : null,
  };
  if (confirmed >= provenAfter) {
    const text = `no renewal seen in ${proseDuration(confirmed)} of watching, its duration is ${proseDuration(durationMs)}`;
    const evidence = [watchedEvidence(text), ...(lastChange === null ? [reading.evidence] : [])];
    return { ...base, state: 'silent', grade: 'watched', evidence };
  }
  if (seen > 0) {
    const longest = Math.max(silence, 0, ...base.gapsMs.slice(-RECENT_GAPS));
    const late = longest >= durationMs * lateShare(half);
    const text = `${counted(seen, 'renewal')} seen while watching, the last ${proseDuration(agoMs ?? 0)} ago`;
    const lateText = `${proseDuration(longest)} without a renewal, close to the duration of ${proseDuration(durationMs)}`;
    const evidence = [...(late ? [watchedEvidence(lateText)] : []), watchedEvidence(text), ...skewEvidence];
    return { ...base, state: late ? 'late' : 'renewing', grade: 'watched', evidence };
  }
  // A renewal in the future is told by the reading itself.
  const evidence = reading.state === 'undecided' ? [reading.evidence] : [reading.evidence, ...skewEvidence];
  return { ...base, state: reading.state, grade: 'clock', evidence };
}

/** A lock that nobody holds: `silent` once it has been free for longer than candidates need, `undecided` before. */
function judgeVacant({ half, observation, now, serverClock }: RenewalFacts): Renewal {
  const silence = observation === null ? 0 : watchedSilenceMs(observation, now);
  const confirmed = observation === null ? 0 : confirmedSilenceMs(observation, now);
  const since = writtenAt(half);
  const byClock = since === null || serverClock === null ? null : serverNow(serverClock, now) - since;
  const base = {
    lastRenewedAgoMs: byClock !== null && byClock >= 0 ? byClock : null,
    seen: observation?.seen ?? 0,
    gapsMs: observation?.gapsMs ?? [],
    watchedSilenceMs: silence,
    unconfirmed: silence >= TAKEN_WITHIN_MS && confirmed < TAKEN_WITHIN_MS,
    holderSkewMs: null,
  };
  if (confirmed >= TAKEN_WITHIN_MS) {
    const evidence = [
      watchedEvidence(`free for ${proseDuration(confirmed)} of watching, and nobody took it`),
    ];
    return { ...base, state: 'silent', grade: 'watched', evidence };
  }
  if (byClock !== null && byClock > TAKEN_WITHIN_MS) {
    const evidence = [
      clockEvidence(
        `free for ${proseDuration(byClock)}, and candidates take a free lock within a minute at most`,
      ),
    ];
    return { ...base, state: 'silent', grade: 'clock', evidence };
  }
  return { ...base, state: 'undecided', grade: 'clock', evidence: [] };
}

/** Is this lock being renewed? Judged as client-go's candidates judge it, by changes seen, and by clocks until then. */
export function judgeRenewal(facts: RenewalFacts): Renewal {
  const record = recordOf(facts.half);
  const nothing = {
    lastRenewedAgoMs: null,
    seen: facts.observation?.seen ?? 0,
    gapsMs: facts.observation?.gapsMs ?? [],
    watchedSilenceMs: 0,
    unconfirmed: false,
    holderSkewMs: null,
  };
  if (record === null) return { ...nothing, state: 'undecided', grade: 'clock', evidence: [] };
  if (holderOf(facts.half) === null) return judgeVacant(facts);
  if (facts.half.heartbeat === null) {
    const text = 'this format is never renewed by design';
    const evidence: Evidence[] = [{ text, grade: 'read', from: lockLabel(facts.half.ref) }];
    return { ...nothing, state: 'perpetual', grade: 'clock', evidence };
  }
  return judgeHeld(facts, record);
}
