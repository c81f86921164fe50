import { type LockHalf, recordOf } from '../lock.ts';
import type { Instant } from '../time.ts';
import type { Claim, MergePatch } from './format.ts';
import { FORMATS } from './index.ts';

/** The largest count that every client can still read: a Lease keeps it in 32 bits. */
const MOST_TRANSITIONS = 2 ** 31 - 1;

/** The patch that makes a claim in a half's own format; null where its clients would not obey one. */
export function takeHalf(half: LockHalf, now: Instant, claim: Claim): MergePatch | null {
  return FORMATS.find(({ id }) => id === half.format)?.take(half, now, claim) ?? null;
}

/** The count of transitions after one more; null (leave it as it is) where it cannot count any further. */
export function nextTransitions(half: LockHalf): number | null {
  const count = recordOf(half)?.transitions ?? 0;
  return count >= 0 && count < MOST_TRANSITIONS ? count + 1 : null;
}
