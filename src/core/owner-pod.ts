/**
 * Pods that own the objects of their locks. Whoever holds a lock for the life of its Pod makes that Pod the owner, so
 * the reference tells which Pod the holder was: by its uid, not only by a name that a later Pod may bear.
 */
import type { OwnerReference } from './cluster-object.ts';
import type { Holder, Trace } from './holder.ts';
import { type LockHalf, lockLabel } from './lock.ts';
import { printable } from './text.ts';

function owningPod({ ownerReferences }: LockHalf, names: readonly string[]): OwnerReference | undefined {
  return ownerReferences.find(({ kind, name }) => kind === 'Pod' && names.includes(name ?? ''));
}

/** The trace that a Pod leaves in the lock that it owns; null if none of these names is the owner's. */
export function traceOfOwner(half: LockHalf, podNames: readonly string[]): Trace | null {
  if (owningPod(half, podNames) === undefined) return null;
  const text = 'the lock has a pod of that name for its owner';
  const from = printable(lockLabel(half.ref));
  return { was: 'pod', workload: null, evidence: { text, grade: 'read', from } };
}

/** The uid that the holder's Pod must have to be the holder; null where the lock does not say. */
function uidOfHolder({ pod }: Holder, half: LockHalf): string | null {
  // A lock that is renewed is renewed by today's Pod, whoever created its object.
  if (half.heartbeat !== null || pod === null || pod.namespace !== half.ref.namespace) return null;
  return owningPod(half, [pod.name])?.uid ?? null;
}

/** Whether the Pod that was found has to be read itself, because its row does not show its uid. */
export function needsUid(holder: Holder, half: LockHalf): boolean {
  return uidOfHolder(holder, half) !== null && holder.pod?.uid === undefined;
}

/** The holder, unless the Pod that was found only bears the name of the one that took the lock for its life. */
export function unlessReplaced(holder: Holder, half: LockHalf): Holder {
  const uid = uidOfHolder(holder, half);
  const { pod, ref } = holder;
  if (uid === null || pod?.uid === undefined || pod.uid === uid || ref === null) return holder;
  const text = `the lock belongs to an earlier pod of that name: its owner has uid ${printable(uid)}, today's pod ${printable(pod.uid)}`;
  const from = printable(lockLabel(half.ref));
  return {
    ...{ ...holder, presence: 'gone', ref: null, pod: null, node: null, reborn: false },
    ...{ was: 'earlier pod', found: 'gone (earlier pod)' },
    alsoFits: [ref, ...holder.alsoFits],
    evidence: [{ text, grade: 'read', from }],
  };
}
