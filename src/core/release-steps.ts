import type { MergePatch } from './formats/format.ts';
import { vacateHalf } from './formats/vacate.ts';
import { holderOf, type LockHalf, type LockRef, lockLabel, recordOf } from './lock.ts';
import { deletionObstacle, type LockObjectFacts } from './lock-object.ts';
import type { Objection, ReleaseStrategy } from './release-rules.ts';
import { printable } from './text.ts';
import type { Instant } from './time.ts';

/** One write, to be made only while the object still is what was shown (`uid` and `resourceVersion`). */
export type ReleaseStep = {
  ref: LockRef;
  uid: string;
  resourceVersion: string;
  /** What the record says: where it is unchanged, a newer resourceVersion is an edit of the object and no renewal. */
  expects: { holder: string | null; heartbeat: string | null };
} & ({ action: 'vacate'; patch: MergePatch } | { action: 'delete' });

interface Obstacle extends Objection {
  /** True where force does not override it. */
  final: boolean;
}

/** How one half is freed, what that changes, in a sentence, and what stands against it. */
export type PlannedStep =
  | { step: ReleaseStep; consequence: string; obstacle: Obstacle | null }
  | { step: null; obstacle: Obstacle };

function label({ ref }: LockHalf): string {
  return printable(lockLabel(ref));
}

function writeOn(half: LockHalf) {
  const { ref, uid, resourceVersion, heartbeat } = half;
  return { ref, uid, resourceVersion, expects: { holder: holderOf(half), heartbeat } };
}

function vacating(half: LockHalf, patch: MergePatch): PlannedStep {
  const consequence =
    half.content.state === 'invalid'
      ? `The record of ${label(half)} is removed, its count of transitions with it: every client takes a missing record for a free lock`
      : `${label(half)} is vacated: nobody holds it, and all but its holder, duration and times is kept`;
  return { step: { ...writeOn(half), action: 'vacate', patch }, consequence, obstacle: null };
}

function deleting(half: LockHalf, facts: LockObjectFacts | null, vacatable: boolean): PlannedStep {
  const found = deletionObstacle(half.ref, facts);
  const maker = recordOf(half)?.strategy == null ? 'the next candidate' : 'the control plane';
  return {
    step: { ...writeOn(half), action: 'delete' },
    consequence: `${label(half)} is deleted, with its labels, owners and count of transitions: ${maker} creates it anew`,
    obstacle: found && {
      code: 'not-deletable',
      why: `${label(half)} should not be deleted: ${found.why}`,
      instead: [vacatable ? 'Vacate it: --strategy vacate' : 'Repair its record by hand'],
      final: found.final,
    },
  };
}

function notVacatable(half: LockHalf): PlannedStep {
  const why = `${label(half)} cannot be vacated: its record cannot be decoded, and no way to repair it is known`;
  const instead = ['Delete it: --strategy delete'];
  return { step: null, obstacle: { code: 'not-vacatable', why, instead, final: true } };
}

/** The same step on a newer version of its object; null where that one cannot be freed in the same way. */
export function rebaseStep(step: ReleaseStep, half: LockHalf, now: Instant): ReleaseStep | null {
  if (step.action === 'delete') return { ...step, ...writeOn(half) };
  const patch = vacateHalf(half, now);
  return patch === null ? null : { ...step, ...writeOn(half), patch };
}

/**
 * How to free one half. `asked`: null to vacate it, or to delete it where that cannot work. `facts`: what else the
 * object is, null if it could not be read.
 */
export function planStep(
  half: LockHalf,
  facts: LockObjectFacts | null,
  asked: ReleaseStrategy | null,
  now: Instant,
): PlannedStep {
  const patch = vacateHalf(half, now);
  if (asked === 'delete') return deleting(half, facts, patch !== null);
  if (patch !== null) return vacating(half, patch);
  return asked === 'vacate' ? notVacatable(half) : deleting(half, facts, false);
}
