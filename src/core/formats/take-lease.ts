import type { LockHalf } from '../lock.ts';
import { formatMicroTime, type Instant } from '../time.ts';
import type { Claim, MergePatch } from './format.ts';
import { isElection, isOfCamel } from './lease-classes.ts';

/**
 * A claim as client-go writes it, always all five fields: a missing one would crash the Rust and some Java clients.
 * Camel's members obey whoever is a ready Pod of theirs and no record, so theirs cannot be taken over.
 */
export function takeLease(lease: LockHalf, now: Instant, claim: Claim): MergePatch | null {
  if (!isElection(lease) || isOfCamel(lease)) return null;
  return {
    spec: {
      holderIdentity: claim.identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(claim.durationMs / 1000)),
      acquireTime: formatMicroTime(claim.acquireTime),
      renewTime: formatMicroTime(now),
      ...(claim.transitions === null ? {} : { leaseTransitions: claim.transitions }),
    },
  };
}
