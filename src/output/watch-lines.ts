import { lockId } from '../core/lock.ts';
import type { LockReport, Snapshot } from '../core/report.ts';
import { verdictText } from './columns.ts';

/** What became of a lock between two snapshots. */
export interface Change {
  event: 'added' | 'changed' | 'deleted';
  /** As it is now; for a deleted lock, as it was last. */
  report: LockReport;
  /** As it was in the snapshot before; null if it was not there. */
  before: LockReport | null;
}

/** What has to differ for a lock to be worth a new line. */
function mark(report: LockReport): string {
  const { identity, presence, ref } = report.holder;
  return JSON.stringify([verdictText(report), identity, presence, ref?.name]);
}

/** The locks that came, changed their holder or verdict, or vanished; in the order of `after`, vanished ones last. */
export function changesBetween(before: Snapshot | null, after: Snapshot): Change[] {
  const gone = new Map(before?.reports.map((report) => [lockId(report.lock.primary.ref), report]));
  const changes = after.reports.flatMap((report): Change[] => {
    const id = lockId(report.lock.primary.ref);
    const old = gone.get(id) ?? null;
    gone.delete(id);
    if (old === null) return [{ event: 'added', report, before: null }];
    return mark(old) === mark(report) ? [] : [{ event: 'changed', report, before: old }];
  });
  return [
    ...changes,
    ...[...gone.values()].map((report): Change => ({ event: 'deleted', report, before: report })),
  ];
}
