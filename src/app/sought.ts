import type { OpenCase } from '../core/assess.ts';
import type { Tenure } from '../core/holder-fitness.ts';
import { isDnsName } from '../core/host-name.ts';
import { type Look, nodeNamesIn, podNamesIn, type Reading, readIdentity } from '../core/identity.ts';
import {
  holderOf,
  isZoneless,
  type Lock,
  type LockHalf,
  type LockRef,
  lockId,
  recordOf,
} from '../core/lock.ts';
import { isRenewed } from '../core/renewal.ts';
import type { Instant } from '../core/time.ts';

/** A lock whose holder is looked for. */
export interface AskedHolder {
  lock: Lock;
  renewing: boolean;
  /** The holder's clock is known to be off, so its times cannot be compared with anybody else's. */
  clockIsOff: boolean;
  /** Looks bad so far: its holder deserves a closer look, from the store rather than the cache. */
  suspicious: boolean;
}

/** A lock with everything that its record says about where to look, worked out once. */
export interface Sought {
  id: string;
  lock: Lock;
  ref: LockRef;
  /** Null when nobody holds it. */
  identity: string | null;
  readings: readonly Reading[];
  /** Everything that can be looked for; empty when nobody holds it and when the identity is opaque. */
  looks: readonly Look[];
  podNames: readonly string[];
  nodeNames: readonly string[];
  tenure: Tenure;
  renewing: boolean;
  suspicious: boolean;
}

const READ_BEFORE = new WeakMap<LockHalf, readonly Reading[]>();

/** All ways to read the identity in this half, which is read no more than once; none where nobody holds it. */
export function readingsOf(half: LockHalf): readonly Reading[] {
  const before = READ_BEFORE.get(half);
  if (before !== undefined) return before;
  const identity = holderOf(half);
  const readings = identity === null ? [] : readIdentity(identity, half.ref);
  READ_BEFORE.set(half, readings);
  return readings;
}

export function askFor({ lock, renewal, suspicious }: OpenCase): AskedHolder {
  return { lock, renewing: isRenewed(renewal), clockIsOff: renewal.holderSkewMs !== null, suspicious };
}

function tenureOf({ lock, renewing, clockIsOff }: AskedHolder): Tenure {
  const record = recordOf(lock.primary);
  // Times without a zone may be off by hours: no restart can be told from them.
  const incomparable = clockIsOff || isZoneless(lock.primary);
  const times = [incomparable ? null : record?.renewTime, lock.primary.lastWrite?.at].filter(
    (at): at is Instant => at != null,
  );
  return {
    lastRenewal: times.length === 0 ? null : Math.max(...times),
    acquireTime: incomparable ? null : (record?.acquireTime ?? null),
    // What is never renewed by design is held for as long as its Pod lives, through all restarts.
    renewing: renewing || lock.primary.heartbeat === null,
  };
}

export function seek(asked: AskedHolder): Sought {
  const { lock, renewing, suspicious } = asked;
  const { ref } = lock.primary;
  const identity = holderOf(lock.primary);
  const readings = readingsOf(lock.primary);
  return {
    ...{ id: lockId(ref), lock, ref, identity, readings, renewing, suspicious },
    looks: readings.flatMap(({ look }) => (look.for === 'nothing' ? [] : [look])),
    podNames: podNamesIn(readings),
    nodeNames: nodeNamesIn(readings).filter(isDnsName),
    tenure: tenureOf(asked),
  };
}
