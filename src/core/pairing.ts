import { ANNOTATION_FORMAT } from './formats/annotation.ts';
import { LEASE_FORMAT } from './formats/lease.ts';
import { durationOf } from './judge-renewal.ts';
import {
  holderOf,
  type Lock,
  type LockHalf,
  lockId,
  type Pairing,
  recordOf,
  writtenAt,
  zonedRenewTime,
} from './lock.ts';
import type { Instant } from './time.ts';

/*
 * Which objects of one name are one election.
 *
 * A multilock keeps its record twice, in the leader annotation of an Endpoints or ConfigMap and in a Lease of the same
 * name, for the time of a migration. Its client writes the annotation first and the Lease only if that succeeded, and
 * reads halves with different holders as held by somebody unknown: nobody takes such a lock before one quiet duration.
 * Three things follow.
 *
 * - A Lease that is renewed beside an annotation that is not: no multilock does that, so the workload has moved on to
 *   Leases, and the annotation is a leftover. That holds even if both name the same holder, because an identity that is
 *   a host name survives the migration. The other way round the workload has gone back, and the Lease is the leftover.
 * - Different holders alone prove nothing: between the two writes of every takeover the halves differ. A split takes
 *   two holders who both renew, and who both have been leading for a while.
 * - In every other case the record of the annotation counts, as it does for the multilock's own clients.
 *
 * Whether a half is renewed is best known from watching it. Without that, clocks say it, and clocks may be wrong: so
 * they never make a pair a split or a leftover unless the halves are also clearly apart, or clearly side by side.
 */

/** Clocks that are this close together count as equal; also covers the whole seconds of `Date`. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5_000;

/** Halves last renewed this long apart were not written together, whosever clocks wrote the times. Milliseconds. */
const FAR_APART_MS = 10 * 60_000;

/** By lock id: true if the half was seen to be renewed, false if it was watched long enough and was not. */
type SeenRenewing = ReadonlyMap<string, boolean | undefined>;

interface Knowledge {
  serverNow: Instant | null;
  seen: SeenRenewing;
}

function renewsByClock(half: LockHalf, serverNow: Instant | null): boolean | undefined {
  if (serverNow === null) return undefined;
  const durationMs = durationOf(recordOf(half)) + CLOCK_TOLERANCE_MS;
  // The API server's own stamp proves a write whatever the holder's clock shows; an old one proves nothing.
  if (half.lastWrite !== null && serverNow - half.lastWrite.at <= durationMs) return true;
  const renewTime = zonedRenewTime(half);
  if (renewTime === null) return undefined;
  const ageMs = serverNow - renewTime;
  return ageMs < -CLOCK_TOLERANCE_MS ? undefined : ageMs <= durationMs;
}

/** Undefined when neither watching nor clocks can tell. */
function renews(half: LockHalf, { serverNow, seen }: Knowledge): boolean | undefined {
  const watched = seen.get(lockId(half.ref));
  if (half.content.state === 'invalid') return watched ?? false;
  if (holderOf(half) === null) return false;
  return watched ?? renewsByClock(half, serverNow);
}

/** By how much the one half was written after the other, milliseconds; null if nothing says, or a wrong clock does. */
function leadMs(newer: LockHalf, older: LockHalf, serverNow: Instant | null): number | null {
  const [to, from] = [writtenAt(newer), writtenAt(older)];
  if (to === null || from === null) return null;
  return serverNow !== null && to - serverNow > CLOCK_TOLERANCE_MS ? null : to - from;
}

function longestDuration(a: LockHalf, b: LockHalf): number {
  return Math.max(durationOf(recordOf(a)), durationOf(recordOf(b)));
}

/** The holder has led for longer than a takeover lasts. By its own two times, so that no clocks are compared. */
function isSettled(half: LockHalf, longestMs: number): boolean {
  const { acquireTime = null, renewTime = null } = recordOf(half) ?? {};
  return acquireTime === null || renewTime === null || renewTime - acquireTime > longestMs;
}

/** Did the workload stop using `older` and go on with `newer`? */
function isLeftBehind(older: LockHalf, newer: LockHalf, known: Knowledge): boolean {
  const olderRenews = renews(older, known);
  if (olderRenews === true) return false;
  const lead = leadMs(newer, older, known.serverNow);
  const longestMs = longestDuration(newer, older);
  // Both dead, or nobody knows: then only what was written long before the other was left behind.
  if (olderRenews === undefined || renews(newer, known) !== true) {
    return lead !== null && lead > Math.max(FAR_APART_MS, 2 * longestMs);
  }
  const watched = known.seen.get(lockId(newer.ref)) === true && known.seen.get(lockId(older.ref)) === false;
  return watched || lead === null || lead > longestMs;
}

function isSplit(a: LockHalf, b: LockHalf, known: Knowledge): boolean {
  const holders = [holderOf(a), holderOf(b)];
  if (holders.includes(null) || holders[0] === holders[1]) return false;
  const longestMs = longestDuration(a, b);
  return [a, b].every((half) => renews(half, known) === true && isSettled(half, longestMs));
}

function joined(primary: LockHalf, secondary: LockHalf, pairing: Pairing): Lock {
  return { primary, secondary, pairing };
}

function join(annotation: LockHalf, lease: LockHalf, known: Knowledge): Lock {
  if (isSplit(annotation, lease, known)) return joined(annotation, lease, 'split');
  if (isLeftBehind(annotation, lease, known)) return joined(lease, annotation, 'leftover-half');
  // Every takeover of a multilock puts the annotation ahead for a moment, so it has to stay ahead to prove anything.
  if (isSettled(annotation, longestDuration(annotation, lease)) && isLeftBehind(lease, annotation, known)) {
    return joined(annotation, lease, 'leftover-half');
  }
  // A multilock's clients fail on whichever half cannot be decoded, so that is the one to be shown.
  const leaseBlocks = lease.content.state === 'invalid' && annotation.content.state !== 'invalid';
  return leaseBlocks ? joined(lease, annotation, 'multilock') : joined(annotation, lease, 'multilock');
}

/** The annotation that is most likely the Lease's other half: same holder, then the latest; Endpoints on a draw. */
function partnerOf(lease: LockHalf, annotations: readonly LockHalf[]): LockHalf | undefined {
  const holder = holderOf(lease);
  const agrees = (half: LockHalf) => Number(holder !== null && holderOf(half) === holder);
  const latest = (half: LockHalf) => writtenAt(half) ?? Number.NEGATIVE_INFINITY;
  const endpoints = (half: LockHalf) => Number(half.ref.kind === 'endpoints');
  const better = (a: LockHalf, b: LockHalf) =>
    agrees(b) - agrees(a) || (latest(a) === latest(b) ? endpoints(b) - endpoints(a) : latest(b) - latest(a));
  return annotations.toSorted(better)[0];
}

function single(half: LockHalf): Lock {
  return { primary: half, secondary: null, pairing: 'single' };
}

function locksOfOneName(halves: readonly LockHalf[], known: Knowledge): Lock[] {
  // A Lease that is held for its Pod's life works in another way than any annotation: no client uses both.
  const lease = halves.find(({ format, heartbeat }) => format === LEASE_FORMAT.id && heartbeat !== null);
  if (lease === undefined) return halves.map(single);
  const annotation = partnerOf(
    lease,
    halves.filter(({ format }) => format === ANNOTATION_FORMAT.id),
  );
  if (annotation === undefined) return halves.map(single);
  const rest = halves.filter((half) => half !== lease && half !== annotation);
  return [join(annotation, lease, known), ...rest.map(single)];
}

/**
 * Joins the halves into locks, in the order in which their names come first. Each half appears once. `serverNow` is
 * the API server's clock, null when it sent none; what was seen while watching beats every clock.
 */
export function pairLocks(
  halves: readonly LockHalf[],
  serverNow: Instant | null,
  seen: SeenRenewing = new Map(),
): Lock[] {
  const names = Map.groupBy(halves, ({ ref }) => `${ref.namespace}/${ref.name}`);
  return [...names.values()].flatMap((sameName) => locksOfOneName(sameName, { serverNow, seen }));
}
