import type { OwnerReference } from './cluster-object.ts';
import type { Instant } from './time.ts';

/** The kind of object a lock lives in, as the LOCK column spells it. */
export type LockKind = 'lease' | 'endpoints' | 'configmap';

/** Addresses one object that holds a lock. */
export interface LockRef {
  kind: LockKind;
  namespace: string;
  name: string;
}

/** The election record, decoded. A field that the format does not carry, or left null, is null. */
export interface LockRecord {
  /** As written: null when absent or JSON null, `''` when vacated. Both mean that nobody holds the lock. */
  holderIdentity: string | null;
  /** How long the holder claims the lock after each renewal, milliseconds. */
  durationMs: number | null;
  acquireTime: Instant | null;
  renewTime: Instant | null;
  transitions: number | null;
  /** Coordinated leader election: how the control plane picks the holder. */
  strategy: string | null;
  /** Coordinated leader election: a better candidate, to which the holder is to yield. */
  preferredHolder: string | null;
}

/** What an object turned out to carry. */
export type LockContent =
  | {
      state: 'record';
      record: LockRecord;
      warnings: readonly string[];
      /** Set when the times carry no zone: read as UTC, they may be hours off and must not be held against a clock. */
      zoneless?: true;
    }
  /** No candidate can decode it: `why` says what is wrong, in words. */
  | { state: 'invalid'; why: string };

/** One object that carries a lock, decoded. A multilock has two of them, everything else one. */
export interface LockHalf {
  ref: LockRef;
  /** `LockFormat.id` of the format that decoded it. */
  format: string;
  uid: string;
  resourceVersion: string;
  /** `metadata.creationTimestamp`: the API server's clock. */
  createdAt: Instant | null;
  labels: Readonly<Record<string, string>>;
  ownerReferences: readonly OwnerReference[];
  content: LockContent;
  /**
   * The exact text whose change counts as a renewal: the record, not the object. Null when the format never
   * renews by design.
   */
  heartbeat: string | null;
  /** The last write of the renewed field, on the API server's clock, and who made it; null where not tracked. */
  lastWrite: { manager: string; at: Instant } | null;
}

/** Why a lock of two halves is, or is not, one election. */
export type Pairing = 'single' | 'multilock' | 'split' | 'leftover-half';

/** One election. */
export interface Lock {
  /** The half whose record counts: the one that candidates obey. */
  primary: LockHalf;
  /** The other half of a multilock, or the half that a migration left behind. */
  secondary: LockHalf | null;
  pairing: Pairing;
}

/** A Lease that is no leader-election lock: a node's or an API server's sign of life, a mutex. */
export interface LeaseClass {
  id: string;
  title: string;
}

/** An object that holds a lock format's object but is no election, listed with `--heartbeats` only. */
export type Decoded =
  | { is: 'lock'; half: LockHalf }
  | { is: 'heartbeat'; half: LockHalf; class: LeaseClass }
  | { is: 'other' };

export function lockId(ref: LockRef): string {
  return `${ref.namespace}/${ref.kind}/${ref.name}`;
}

/** `kube-system/lease/kube-scheduler` without the namespace: the LOCK column. */
export function lockLabel(ref: LockRef): string {
  return `${ref.kind}/${ref.name}`;
}

export function recordOf(half: LockHalf): LockRecord | null {
  return half.content.state === 'record' ? half.content.record : null;
}

/** The holder as written, or null when nobody holds the lock (both spellings of free). */
export function holderOf(half: LockHalf): string | null {
  const identity = recordOf(half)?.holderIdentity ?? null;
  return identity === '' ? null : identity;
}

/** Times written without a zone are local to a machine unknown: off by any number of hours. */
export function isZoneless({ content }: LockHalf): boolean {
  return content.state === 'record' && content.zoneless === true;
}

/** The last renewal by its holder's clock; null also where its time names no zone. */
export function zonedRenewTime(half: LockHalf): Instant | null {
  return isZoneless(half) ? null : (recordOf(half)?.renewTime ?? null);
}

/** When the record was written. A release by very old clients leaves no times behind: then only the API server knows. */
export function writtenAt(half: LockHalf): Instant | null {
  return zonedRenewTime(half) ?? half.lastWrite?.at ?? null;
}

/** Every object of the lock, the primary first. */
export function halvesOf({ primary, secondary }: Lock): LockHalf[] {
  return secondary === null ? [primary] : [primary, secondary];
}

/** Whether one of the lock's objects is of one of these kinds. */
export function isOfKind(lock: Lock, kinds: ReadonlySet<LockKind>): boolean {
  return halvesOf(lock).some(({ ref }) => kinds.has(ref.kind));
}
