import { holderOf, type LockHalf, lockLabel, recordOf } from './lock.ts';
import { leaderCommand } from './next-step.ts';
import { isNewer } from './release-outcome.ts';
import type { ReleaseStep } from './release-steps.ts';
import { printable } from './text.ts';

/** How an object differs from what was shown. `none` means that it does not: same object, same version. */
export type Change =
  | { is: 'none' }
  /** Something of it was edited, but not the record. */
  | { is: 'edited' }
  | { is: 'renewed'; by: string }
  | { is: 'taken'; by: string }
  | { is: 'freed' }
  | { is: 'gone' }
  | { is: 'undecodable'; why: string };

/** What became of a step's object since it was shown. `now`: as it is stored now, null when it does not exist. */
export function changeSince(step: ReleaseStep, now: LockHalf | null): Change {
  if (now === null) return { is: 'gone' };
  if (now.uid === step.uid && now.resourceVersion === step.resourceVersion) return { is: 'none' };
  if (now.heartbeat === step.expects.heartbeat) return { is: 'edited' };
  if (now.content.state === 'invalid') return { is: 'undecodable', why: now.content.why };
  const by = holderOf(now);
  if (by === null) return { is: 'freed' };
  return by === step.expects.holder ? { is: 'renewed', by } : { is: 'taken', by };
}

/** Two sentences: what happened, and what to do now. */
export interface ChangeWords {
  text: string;
  hint: string | null;
}

/** Why a write was answered 409 Conflict, and what follows. */
export function describeChange(change: Change, { ref, action }: ReleaseStep): ChangeWords {
  const label = printable(lockLabel(ref));
  const again = printable(leaderCommand('release', ref));
  switch (change.is) {
    case 'none':
      return {
        text: `${label} cannot be updated: every write is answered 409 Conflict, though nobody changes the object`,
        hint:
          action === 'vacate'
            ? `Its holder meets the same. Deleting it lets a candidate, or the same holder, create it anew: ${again} --strategy delete`
            : 'Look at the API server and etcd: not even a deletion goes through',
      };
    case 'edited':
      return {
        text: `${label} was edited meanwhile, though nobody renewed it`,
        hint: `Look at it once more: ${again}`,
      };
    case 'renewed':
      return {
        text: `Good news: ${printable(change.by)} renewed ${label} meanwhile, so it is not stuck`,
        hint: `See whether it goes on: kubectl leader ls -n ${printable(ref.namespace)} --observe 1m`,
      };
    case 'taken':
      return { text: `Good news: ${printable(change.by)} took ${label} meanwhile`, hint: null };
    case 'freed':
      return {
        text: `${label} was freed by somebody else meanwhile`,
        hint: 'A candidate takes a free lock within seconds: see whether one does',
      };
    case 'gone':
      return {
        text: `${label} was deleted by somebody else meanwhile`,
        hint: 'A candidate creates it anew within seconds: see whether one does',
      };
    case 'undecodable':
      return {
        text: `The record of ${label} was broken meanwhile: ${printable(change.why)}`,
        hint: `Look at it once more: ${again}`,
      };
  }
}

/** Whether a write happened whose answer was lost. */
export type Fate = 'written' | 'not-written' | 'unknown';

/**
 * Judged by what was seen of the object after the write was sent, newest last; null where it did not exist. A watch
 * shows every version, so that a lock which was free in between is seen even if it was taken at once.
 */
export function fateOf(before: LockHalf, step: ReleaseStep, sights: readonly (LockHalf | null)[]): Fate {
  // What was seen of it before the version that was written on tells nothing of the write.
  const seen = sights.filter((half) => half === null || !isOlder(half, step));
  const last = seen.at(-1);
  if (last === undefined) return 'unknown';
  // The version it was written on: it has not happened so far, but a write under way may still arrive.
  if (last !== null && changeSince(step, last).is === 'none') return 'unknown';
  if (step.action === 'delete') {
    if (seen.some((half) => half === null || half.uid !== step.uid)) return 'written';
    return last?.heartbeat === step.expects.heartbeat ? 'unknown' : 'not-written';
  }
  if (seen.some((half) => half !== null && half.uid === step.uid && isFreed(half))) return 'written';
  const renewed = last !== null && changeSince(step, last).is === 'renewed' && last.uid === step.uid;
  // Whoever takes a free lock, be it its last holder, counts one more transition.
  const transitions = recordOf(before)?.transitions ?? null;
  const counted = last !== null && transitions !== null && recordOf(last)?.transitions === transitions;
  return renewed && counted ? 'not-written' : 'unknown';
}

function isOlder(half: LockHalf, { uid, resourceVersion }: ReleaseStep): boolean {
  // Versions that are no numbers cannot be compared: each is newer than the other then.
  const version = half.resourceVersion;
  return half.uid === uid && isNewer(resourceVersion, version) && !isNewer(version, resourceVersion);
}

function isFreed(half: LockHalf): boolean {
  return half.content.state === 'record' && holderOf(half) === null;
}
