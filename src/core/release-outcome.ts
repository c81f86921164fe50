import type { Presence } from './holder.ts';
import { holderOf, type LockHalf } from './lock.ts';
import { deposeInstead, holderName, renewDeadlineMs, START_A_CANDIDATE } from './release-rules.ts';
import type { ReleaseStep } from './release-steps.ts';
import { isRenewed } from './renewal.ts';
import type { LockReport } from './report.ts';
import { printable } from './text.ts';
import { type Mono, proseDuration } from './time.ts';

/** What became of a lock after it was freed. `afterMs` counts from our write. */
export type ReleaseOutcome =
  | { is: 'taken-over'; by: string; afterMs: number }
  | { is: 'retaken-by-same'; by: string; afterMs: number }
  | { is: 'still-vacant' }
  /** The object is not there, and nobody created it again. */
  | { is: 'vanished' }
  /** It stands as it was, or as nobody can decode it: our write freed nothing that lasted. */
  | { is: 'not-freed'; why: string };

/** Our own write, as far as it succeeded. */
export interface ReleaseWrite {
  action: ReleaseStep['action'];
  at: Mono;
}

/** The object as it was seen after our write; null when it did not exist. */
export interface SightAfter {
  half: LockHalf | null;
  at: Mono;
}

const WHOLE_NUMBER = /^\d+$/;

export function isNewer(version: string, than: string): boolean {
  if (!WHOLE_NUMBER.test(version) || !WHOLE_NUMBER.test(than)) return version !== than;
  return BigInt(version) > BigInt(than);
}

function outcomeAt({ half, at }: SightAfter, before: LockHalf, write: ReleaseWrite): ReleaseOutcome {
  if (half === null) return { is: 'vanished' };
  if (half.content.state === 'invalid') return { is: 'not-freed', why: half.content.why };
  const by = holderOf(half);
  if (by === null) return { is: 'still-vacant' };
  // Taking the lock changes the record: an unchanged one is the old object, kept by its finalizers or put back.
  if (half.uid === before.uid && half.heartbeat === before.heartbeat) {
    return { is: 'not-freed', why: 'the object still carries the old record' };
  }
  const is = by === holderOf(before) ? 'retaken-by-same' : 'taken-over';
  return { is, by, afterMs: Math.max(0, at - write.at) };
}

/**
 * What became of a lock, by the half that counts: `before` as our write found it, `sights` in the order in which they
 * were seen, stale ones and our own write among them. The first who takes it decides. Identities are compared and no
 * times: after a deletion client-go writes its old acquireTime into the new object.
 */
export function outcomeOf(
  before: LockHalf,
  write: ReleaseWrite,
  sights: readonly SightAfter[],
): ReleaseOutcome {
  let last: ReleaseOutcome = { is: write.action === 'vacate' ? 'still-vacant' : 'vanished' };
  for (const sight of sights) {
    // A watch may still deliver what was before our write.
    if (sight.half !== null && !isNewer(sight.half.resourceVersion, before.resourceVersion)) continue;
    last = outcomeAt(sight, before, write);
    if ('by' in last) return last;
  }
  return last;
}

export interface OutcomeWords {
  /** One sentence. */
  text: string;
  /** Whether releasing did what it was for. */
  asHoped: boolean;
  /** What to do now; null when there is nothing to do. */
  hint: string | null;
}

/** What it means that the holder took the lock back, given what was known of it. */
const RETAKEN: Record<Presence, (report: LockReport) => Pick<OutcomeWords, 'asHoped' | 'hint'>> = {
  alive: (report) => {
    if (report.renewal.state === 'silent')
      return { asHoped: true, hint: 'It can write its lock again: see that it goes on renewing' };
    const before = isRenewed(report.renewal) ? 'It is alive and never stopped leading' : 'It is alive';
    return { asHoped: false, hint: `${before}, so nothing has changed. ${deposeInstead(report)}` };
  },
  failing: (report) => ({
    asHoped: false,
    hint: `It still runs, though unfit to lead: repair or delete its Pod. ${deposeInstead(report)}`,
  }),
  gone: (report) => ({
    asHoped: false,
    hint: `It exists nowhere in the cluster and still runs: a ghost, which takes the lock back however often it is freed. ${deposeInstead(report)}`,
  }),
  unmatched: (report) => ({
    asHoped: false,
    hint: `It runs, but nothing in the cluster accounts for it: find out whose identity this is. ${deposeInstead(report)}`,
  }),
  unknown: ({ renewal }) => ({
    asHoped: renewal.state === 'silent',
    hint: 'It runs and can write its lock: see that it goes on renewing, and whether it should lead',
  }),
  nobody: () => ({ asHoped: true, hint: null }),
};

/** A lock that was renewed when it was freed had a leader, who does not hear of it at once. */
function afterTakeover(report: LockReport): string | null {
  if (!isRenewed(report.renewal)) return null;
  const deadline = proseDuration(renewDeadlineMs(report));
  return `Until ${holderName(report.holder)} gives up, within about ${deadline}, two may lead`;
}

function takenWords(outcome: Extract<ReleaseOutcome, { afterMs: number }>, report: LockReport): OutcomeWords {
  const after = proseDuration(outcome.afterMs);
  if (outcome.is === 'taken-over') {
    const text = `Taken over by ${printable(outcome.by)} after ${after}`;
    return { text, asHoped: true, hint: afterTakeover(report) };
  }
  const text = `Taken back by the same holder, ${holderName(report.holder)}, after ${after}`;
  return { text, ...RETAKEN[report.holder.presence](report) };
}

/** Nearly all candidates try again within this time, milliseconds. */
const USUALLY_TAKEN_WITHIN_MS = 10_000;

/** Who should have taken it, as far as is known, and what to look at. */
export function startACandidate({ holder, candidates }: LockReport): string {
  if (holder.workload === null) return START_A_CANDIDATE;
  const { kind, namespace, name } = holder.workload;
  const running = candidates === 0 ? 'none of them is running' : 'see in their logs why none does';
  return `The pods of ${printable(`${kind.toLowerCase()} ${namespace ?? ''}/${name}`)} should take it: ${running}. ${START_A_CANDIDATE}`;
}

/**
 * The outcome in words. `report` is what was known of the lock before it was freed, `waitedMs` how long was waited for
 * somebody to take it.
 */
export function describeOutcome(outcome: ReleaseOutcome, report: LockReport, waitedMs: number): OutcomeWords {
  const after = `after ${proseDuration(waitedMs)}`;
  const soFar = waitedMs < USUALLY_TAKEN_WITHIN_MS;
  const unused = report.verdict === 'Abandoned';
  switch (outcome.is) {
    case 'taken-over':
    case 'retaken-by-same':
      return takenWords(outcome, report);
    case 'still-vacant':
      return unused
        ? { text: 'It is free, and nothing runs that would take it', asHoped: true, hint: null }
        : {
            text: `Still vacant ${after}: nobody took it ${soFar ? 'so far' : 'though it is free, so releasing was not the cure'}`,
            asHoped: false,
            hint: startACandidate(report),
          };
    case 'vanished':
      return unused
        ? { text: 'It is deleted, and nothing runs that would create it', asHoped: true, hint: null }
        : {
            text: `Vanished: the object is deleted, and ${after} nobody had created it again`,
            asHoped: false,
            hint: startACandidate(report),
          };
    case 'not-freed':
      return {
        text: `Not freed: ${printable(outcome.why)}`,
        asHoped: false,
        hint: 'Look at the object: something else writes it, or keeps it from being deleted',
      };
  }
}
