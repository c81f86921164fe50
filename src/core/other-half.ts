/**
 * What may be said of an object whose possible other half could not be read.
 *
 * A silent annotation may be all that a finished migration left behind beside a Lease that is renewed every second:
 * without a look at that Lease it accuses nobody. The other way round a workload would have had to go back to
 * annotations, which is rare: a silent Lease stays accused, and it is said that this is not proven.
 */
import { stepsFor } from './advice.ts';
import type { Evidence } from './evidence.ts';
import { type LockKind, lockLabel } from './lock.ts';
import { stepText } from './next-step.ts';
import type { LockReport } from './report.ts';
import type { VerdictCode } from './verdict.ts';

/** Verdicts that would be wrong if another half were the one that counts. */
const RESTING_ON_SILENCE: ReadonlySet<VerdictCode> = new Set<VerdictCode>([
  'Frozen',
  'Orphaned',
  'Leaderless',
  'Silent',
  'Abandoned',
  'Invalid',
]);

/** The kinds in which the other half of a lock may be kept; none where it is known, or where there can be none. */
export function otherHalfKinds({ lock, heartbeat }: Pick<LockReport, 'lock' | 'heartbeat'>): LockKind[] {
  const { primary, pairing } = lock;
  // What is no election, or never renewed by design, works in another way than any annotation: no client uses both.
  if (heartbeat !== null || pairing !== 'single' || primary.heartbeat === null) return [];
  return primary.ref.kind === 'lease' ? ['endpoints', 'configmap'] : ['lease'];
}

/** The report as it may stand while objects of the lock's name in these kinds could not be read. */
export function withUnreadHalf(report: LockReport, unread: readonly LockKind[]): LockReport {
  const { primary } = report.lock;
  const kinds = otherHalfKinds(report).filter((kind) => unread.includes(kind));
  if (kinds.length === 0 || !RESTING_ON_SILENCE.has(report.verdict)) return report;
  const others = kinds.map((kind) => lockLabel({ ...primary.ref, kind })).join(' and ');
  const text = `${others} could not be read: if that is renewed, this is only the half that a migration left behind`;
  const evidence: Evidence[] = [{ text, grade: 'read', from: lockLabel(primary.ref) }, ...report.evidence];
  if (primary.ref.kind === 'lease') return { ...report, evidence, unproven: true };
  const advice = stepsFor('Undecided', { ...report, commonCause: false }).map(stepText);
  return { ...report, evidence, advice, verdict: 'Undecided' };
}
