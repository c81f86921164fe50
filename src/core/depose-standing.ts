import { durationOf } from './judge-renewal.ts';
import { holderOf, type LockHalf, type LockRef, lockLabel, recordOf } from './lock.ts';
import { printable } from './text.ts';
import { proseDuration } from './time.ts';

/** How a half stands that is about to be taken, or is held: whose it is. */
export type Standing =
  /** As planned: the holder that is to be deposed, in the object that was shown. */
  | { is: 'theirs' }
  /** Ours: our claim is in it. */
  | { is: 'ours' }
  | { is: 'taken'; by: string }
  | { is: 'freed' }
  | { is: 'gone' }
  /** Another object of that name, or one of another shape, though the holder may be the same. */
  | { is: 'replaced'; by: string | null }
  /** Theirs, but for longer than was shown: how long it has to be held was reckoned from less. */
  | { is: 'prolonged'; by: string; durationMs: number }
  /** The same object, but its labels or fields have changed so that no claim could be written into it. */
  | { is: 'not-claimable'; by: string | null }
  | { is: 'undecodable'; why: string };

/** Who is who: the half as it was planned for, who is deposed, and who takes its place. */
export interface Parties {
  shown: LockHalf;
  deposed: string;
  identity: string;
}

/** `now`: the half as it is stored, null when it does not exist. */
export function standingOf({ shown, deposed, identity }: Parties, now: LockHalf | null): Standing {
  if (now === null) return { is: 'gone' };
  if (now.content.state === 'invalid') return { is: 'undecodable', why: now.content.why };
  const by = holderOf(now);
  const same = now.uid === shown.uid && now.format === shown.format && now.heartbeat !== null;
  if (!same) return { is: now.uid === shown.uid ? 'not-claimable' : 'replaced', by };
  const durationMs = durationOf(recordOf(now));
  // Nobody else has this identity: whatever else was written to the object, the lock is ours.
  if (by === identity) return { is: 'ours' };
  if (by !== deposed && by !== holderOf(shown)) return by === null ? { is: 'freed' } : { is: 'taken', by };
  const prolonged = by !== null && durationMs > durationOf(recordOf(shown));
  return prolonged ? { is: 'prolonged', by, durationMs } : { is: 'theirs' };
}

/** Who has it now, in words that can follow a colon. */
export function describeStanding(standing: Standing, ref: LockRef): string {
  const label = printable(lockLabel(ref));
  switch (standing.is) {
    case 'theirs':
      return `${label} is held by its old holder again`;
    case 'ours':
      return `${label} is held by this command`;
    case 'taken':
      return `${label} was taken by ${printable(standing.by)}`;
    case 'freed':
      return `${label} was freed by somebody else`;
    case 'gone':
      return `${label} was deleted by somebody else`;
    case 'replaced':
      return `${label} was deleted and made anew, and is held by ${printable(standing.by ?? 'nobody')}`;
    case 'prolonged':
      return `${label} is claimed by ${printable(standing.by)} for ${proseDuration(standing.durationMs)} now, longer than was shown`;
    case 'not-claimable':
      return `${label} was changed so that it cannot be claimed any more, and is held by ${printable(standing.by ?? 'nobody')}`;
    case 'undecodable':
      return `the record of ${label} was broken: ${printable(standing.why)}`;
  }
}
