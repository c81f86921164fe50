import type { LockHalf } from '../lock.ts';
import { formatMicroTime, type Instant } from '../time.ts';
import type { MergePatch } from './format.ts';
import { isElection, isOfCamel } from './lease-classes.ts';

/** Camel takes an absent holder at once; an empty one it takes for an invalid leader, and waits a whole duration. */
const CAMEL_RELEASE = {
  holderIdentity: null,
  leaseDurationSeconds: null,
  acquireTime: null,
  renewTime: null,
};

/**
 * A clean release as client-go does it, the one spelling that all other Lease clients take as well: an absent holder
 * or time would crash the Rust and some Java ones, and the API server refuses a duration of zero. What the holder
 * does not own (transitions, strategy, preferred holder) stays.
 */
export function vacateLease(lease: LockHalf, now: Instant): MergePatch | null {
  if (!isElection(lease)) return null;
  if (isOfCamel(lease)) return { spec: CAMEL_RELEASE };
  const time = formatMicroTime(now);
  return { spec: { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time } };
}
