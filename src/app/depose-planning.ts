import { type DeposeOptions, type DeposePlan, type DeposeRefusal, planDepose } from '../core/depose-plan.ts';
import type { Note } from '../core/evidence.ts';
import type { LockReport } from '../core/report.ts';
import type { ExaminedLock } from './examine-lock.ts';
import type { Clock, Cluster } from './ports.ts';
import { findSuccessors } from './successors.ts';

export interface DeposeCase {
  planned: DeposePlan | DeposeRefusal;
  /** The examined report, with the number of candidates. */
  report: LockReport;
  notes: readonly Note[];
}

/** How the holder of an examined lock would be deposed, or why not. Nothing is written. Rejects only with `interrupted`. */
export async function planDeposeFor(
  cluster: Cluster,
  clock: Clock,
  { report: examined, commonCause, notes, look }: ExaminedLock,
  options: Omit<DeposeOptions, 'commonCause'>,
  signal: AbortSignal,
): Promise<DeposeCase> {
  const found = await findSuccessors(cluster, examined, signal);
  const { candidates } = found;
  const report = { ...examined, candidates: candidates === null ? null : candidates.length };
  const now = look.book.serverTime(clock);
  const planned = planDepose({ report, candidates, options: { ...options, commonCause }, now });
  return { planned, report, notes: [...notes, ...found.notes] };
}
