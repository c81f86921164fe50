import type { Holder } from './holder.ts';
import { lastingParts, nodeNamesIn, podNamesIn, readIdentity } from './identity.ts';
import { holderOf, type LockHalf, type LockRef } from './lock.ts';
import { isNewer, type SightAfter } from './release-outcome.ts';
import type { Mono } from './time.ts';

/** A holder after the lock was freed: null while nobody held it, or the object did not exist. */
export interface Reign {
  by: string | null;
  at: Mono;
}

/** Who held the lock after we freed it, one after the other. `before`: our own half, as it was freed. */
export function reignsAfter(before: LockHalf, sights: readonly SightAfter[]): Reign[] {
  const reigns: Reign[] = [];
  for (const { half, at } of sights) {
    // A watch may still deliver what was before our write.
    if (half !== null && !isNewer(half.resourceVersion, before.resourceVersion)) continue;
    const by = half === null ? null : holderOf(half);
    // A renewal of our own whose answer was lost is no takeover.
    if (by !== null && by === holderOf(before)) continue;
    if (by === (reigns.at(-1)?.by ?? null)) continue;
    reigns.push({ by, at });
  }
  return reigns;
}

function namesIn(identity: string, lock: LockRef): Set<string> {
  const readings = readIdentity(identity, lock);
  return new Set([...podNamesIn(readings), ...nodeNamesIn(readings)]);
}

/**
 * Whether one is the process of the other, started again: both name the same Pod or machine, and differ in nothing but
 * what is new at each start. Two processes of one machine may well be two.
 */
export function isStartedAgain(a: string, b: string, lock: LockRef): boolean {
  const differ = new Set(lastingParts(a, lock)).isDisjointFrom(new Set(lastingParts(b, lock)));
  return !differ && !namesIn(a, lock).isDisjointFrom(namesIn(b, lock));
}

/** What became of a lock after it was taken, held and freed. `afterMs` counts from the moment it was freed. */
export type DeposeOutcome =
  | {
      is: 'taken-over';
      by: string;
      afterMs: number;
      /** Who that is; null where that could not be looked for. */
      holder: Holder | null;
      /** It is the process that was deposed, started again. */
      restarted: boolean;
      /** It was watched for one more duration. */
      confirmed: boolean;
    }
  /** The one that was deposed holds it again, under the same identity. */
  | { is: 'came-back'; by: string; afterMs: number }
  | { is: 'still-vacant' }
  | { is: 'vanished' }
  /** Our write freed nothing that lasted. */
  | { is: 'not-freed'; why: string }
  | { is: 'not-waited' }
  | { is: 'unseen'; why: string };
