import { type Absence, type Haunting, hauntingOf, isHaunted } from './absence.ts';
import { stepsFor } from './advice.ts';
import { deposerIn, isDeposer } from './depose-identity.ts';
import type { Evidence } from './evidence.ts';
import type { Holder } from './holder.ts';
import { durationOf } from './judge-renewal.ts';
import { type Lock, lockLabel, recordOf } from './lock.ts';
import { stepText } from './next-step.ts';
import type { Observation } from './observation.ts';
import { isRenewed, type Renewal } from './renewal.ts';
import type { LockReport } from './report.ts';
import { type Instant, type Mono, proseDuration } from './time.ts';
import { MATRIX, VERDICTS, type VerdictCode } from './verdict.ts';

/** Everything a verdict is made of. */
export interface Case {
  lock: Lock;
  holder: Holder;
  renewal: Renewal;
  observation: Observation | null;
  /** Since when the holder is known to be nowhere; null where it is not, or was not looked for. */
  absence: Absence | null;
  /** Running processes that could take the lock; null when not known. */
  candidates: number | null;
  now: Mono;
  /** The API server's time, or null. */
  serverTime: Instant | null;
  /** Set when this lock's trouble is shared by many: it is not the holder's fault. */
  commonCause: boolean;
}

/** Holders that change this often while watched are passing the lock to and fro. */
const FLAPPING_CHANGES = 2;
const FLAPPING_WINDOW_MS = 600_000;

/** By the record alone: so many transitions in the object's life, and so many an hour on average. */
const FLAPPING_TRANSITIONS = 10;
const FLAPPING_PER_HOUR = 6;

const HOUR_MS = 3_600_000;

interface Finding {
  verdict: VerdictCode;
  grade: 'watched' | 'clock';
  evidence: readonly Evidence[];
}

const WRITTEN_NEVERTHELESS: Evidence = {
  text: 'the record changes while watched: whoever writes it can read it',
  grade: 'watched',
  from: 'the watch',
};

/** An object that cannot be decoded, or two halves that disagree, comes before any question about the holder. */
function judgeObject({ lock, renewal, observation }: Case): Finding | null {
  const { content, ref } = lock.primary;
  if (content.state === 'invalid') {
    const evidence: Evidence = { text: content.why, grade: 'read', from: lockLabel(ref) };
    const written = observation?.lastChange == null ? [] : [WRITTEN_NEVERTHELESS];
    return { verdict: 'Invalid', grade: 'watched', evidence: [evidence, ...written] };
  }
  if (lock.pairing === 'split' && lock.secondary !== null) {
    const says = (half: typeof lock.primary): Evidence => ({
      text: `${lockLabel(half.ref)} names ${recordOf(half)?.holderIdentity || 'nobody'}`,
      grade: 'read',
      from: lockLabel(half.ref),
    });
    return { verdict: 'Split', grade: renewal.grade, evidence: [says(lock.primary), says(lock.secondary)] };
  }
  return null;
}

/** How often somebody new came to hold it of late. Who only deposes is on the way from one holder to the next. */
function recentTakeovers({ observation, now }: Case): Observation['holderChanges'] {
  return (observation?.holderChanges ?? []).filter(
    ({ at, to }) => to !== null && !isDeposer(to) && now - at <= FLAPPING_WINDOW_MS,
  );
}

function judgeFlapping(facts: Case): Finding | null {
  const { lock, serverTime } = facts;
  const changes = recentTakeovers(facts);
  if (changes.length >= FLAPPING_CHANGES) {
    const text = `the holder changed ${changes.length} times while watching, last from ${changes.at(-1)?.from || 'nobody'} to ${changes.at(-1)?.to}`;
    return {
      verdict: 'Flapping',
      grade: 'watched',
      evidence: [{ text, grade: 'watched', from: 'the watch' }],
    };
  }
  const transitions = recordOf(lock.primary)?.transitions ?? 0;
  const createdAt = lock.primary.createdAt;
  if (serverTime === null || createdAt === null || transitions < FLAPPING_TRANSITIONS) return null;
  // A record older than its object was restored or moved here: its count is from another life.
  const acquireTime = recordOf(lock.primary)?.acquireTime ?? null;
  if (acquireTime !== null && acquireTime < createdAt) return null;
  const lifeMs = Math.max(serverTime - createdAt, 1);
  const perHour = transitions / (lifeMs / HOUR_MS);
  if (perHour < FLAPPING_PER_HOUR) return null;
  const text = `${transitions} transitions in ${proseDuration(lifeMs)}, ${Math.round(perHour)} an hour`;
  return {
    verdict: 'Flapping',
    grade: 'clock',
    evidence: [{ text, grade: 'clock', from: lockLabel(lock.primary.ref) }],
  };
}

/** The matrix of renewal and presence, with the cells decided that need one more fact. */
function judgeMatrix({ holder, renewal, candidates }: Case, haunting: Haunting): VerdictCode {
  const cell = MATRIX[renewal.state][holder.presence];
  switch (cell) {
    case 'ghost-or-vanished':
      return haunting === 'vanished' ? 'Undecided' : 'Ghost';
    case 'stranger-or-vanished':
      return haunting === 'vanished' ? 'Undecided' : 'Stranger';
    case 'orphaned-or-abandoned':
      // As long as the workload is there its candidates may come back: then it is an outage, not a leftover.
      return candidates === 0 && holder.workload === null ? 'Abandoned' : 'Orphaned';
    case 'vacant-or-leaderless':
      return 'Leaderless';
    case 'impossible':
      return 'Undecided';
    default:
      // Free, and known that nobody is there to take it: no need to wait until it has been free for long.
      return cell === 'Vacant' && candidates === 0 && renewal.state === 'undecided' ? 'Leaderless' : cell;
  }
}

/** A hand-over takes at most so long beyond the duration: the control plane asks its candidates first. Milliseconds. */
const HAND_OVER_MS = 60_000;

/** A holder for which a better candidate was named stops renewing, so that the lock runs out: no fault, unless it lasts. */
function judgeHandOver({ lock, renewal, holder }: Case): Finding | null {
  const record = recordOf(lock.primary);
  const preferred = record?.preferredHolder ?? null;
  if (preferred === null || record?.strategy == null || preferred === holder.identity) return null;
  const ago = renewal.lastRenewedAgoMs ?? renewal.watchedSilenceMs;
  if (renewal.state !== 'silent' || ago > durationOf(record) + HAND_OVER_MS) return null;
  const text = `the control plane prefers ${preferred}, so the holder stopped renewing on purpose`;
  const evidence: Evidence = { text, grade: 'read', from: lockLabel(lock.primary.ref) };
  return { verdict: 'Yielding', grade: renewal.grade, evidence: [evidence] };
}

/** Held by a process of this tool, which frees it as soon as the old leader must have stopped: no fault, unless it lasts. */
function judgeDeposition({ lock, renewal, serverTime }: Case): Finding | null {
  const record = recordOf(lock.primary);
  const deposer = deposerIn(record?.holderIdentity ?? '');
  if (deposer === null || !isRenewed(renewal)) return null;
  const heldMs = serverTime === null || record?.acquireTime == null ? 0 : serverTime - record.acquireTime;
  if (heldMs > 2 * durationOf(record) + HAND_OVER_MS) return null;
  const text = `${deposer} deposes whoever led: the lock is held until the old leader must have stopped, and freed then`;
  const evidence: Evidence = { text, grade: 'read', from: lockLabel(lock.primary.ref) };
  return { verdict: 'Yielding', grade: renewal.grade, evidence: [evidence] };
}

/** A half that a finished migration left behind stands beside the lock; it is no second leader. */
function leftoverEvidence({ lock }: Case): Evidence[] {
  if (lock.pairing !== 'leftover-half' || lock.secondary === null) return [];
  const text = `${lockLabel(lock.secondary.ref)} is a half that is no longer used, left behind when the lock moved to ${lockLabel(lock.primary.ref)}`;
  return [{ text, grade: 'read', from: lockLabel(lock.secondary.ref) }];
}

function candidateEvidence({ candidates, renewal }: Case): Evidence[] {
  if (candidates === null || renewal.state !== 'silent') return [];
  const text =
    candidates === 0
      ? 'no process that could take the lock is running'
      : `${candidates} running and ready to take it`;
  return [{ text, grade: 'read', from: "the workload's pods" }];
}

/** What a renewal stands for that may be older than its holder's end. */
function hauntingEvidence({ lock, renewal, absence, now }: Case, haunting: Haunting): Evidence[] {
  if (absence === null || haunting === 'shown') return [];
  const missing = proseDuration(Math.max(0, now - absence.knownSince));
  const leftMs = durationOf(recordOf(lock.primary)) - (renewal.lastRenewedAgoMs ?? 0);
  const left = leftMs > 0 ? `in ${proseDuration(leftMs)}` : 'now';
  const text =
    haunting === 'vanished'
      ? `its holder was there and is nowhere any more, as found ${missing} ago, and has not renewed since: it runs out ${left}, unless one more renewal shows that its process runs on`
      : `no renewal was seen since its holder was found to be missing, ${missing} ago: it may have ended after the last one`;
  return [{ text, grade: haunting === 'vanished' ? 'watched' : 'clock', from: 'the search for the holder' }];
}

/** Verdict, evidence and advice for one lock. */
export function judgeLock(facts: Case): Omit<LockReport, 'heartbeat'> {
  const { lock, holder, renewal } = facts;
  const haunting = isHaunted(holder, renewal)
    ? hauntingOf(holder, facts.absence, facts.observation)
    : 'shown';
  const matrix = judgeMatrix(facts, haunting);
  const grade = haunting === 'shown' ? renewal.grade : 'clock';
  const calm = VERDICTS[matrix].severity !== 'bad' && renewal.state !== 'silent';
  const finding: Finding = judgeObject(facts) ??
    judgeHandOver(facts) ??
    judgeDeposition(facts) ??
    (calm ? judgeFlapping(facts) : null) ?? {
      verdict: matrix,
      grade,
      evidence: hauntingEvidence(facts, haunting),
    };
  const unproven =
    holder.presence === 'unknown' &&
    (finding.verdict === 'Healthy' || finding.verdict === 'Late' || finding.verdict === 'Held');
  return {
    lock,
    holder,
    renewal,
    verdict: finding.verdict,
    grade: finding.grade,
    unproven,
    evidence: [
      ...finding.evidence,
      ...renewal.evidence,
      ...holder.evidence,
      ...candidateEvidence(facts),
      ...leftoverEvidence(facts),
    ],
    advice: stepsFor(finding.verdict, facts).map(stepText),
    candidates: facts.candidates,
  };
}
