import type { DeposePlan } from '../core/depose-plan.ts';
import { recordOf } from '../core/lock.ts';
import type { Place } from '../core/place.ts';
import type { LockReport } from '../core/report.ts';
import { formatSecondTime } from '../core/time.ts';
import { plannedEntries } from './release-text.ts';
import { type SheetEntry, sheet } from './sheet.ts';

/** Since when the holder has it, by its own clock. */
function sinceEntry({ lock }: LockReport): SheetEntry {
  const acquired = recordOf(lock.primary)?.acquireTime ?? null;
  return { label: 'Since', texts: acquired === null ? [] : [formatSecondTime(acquired)] };
}

/** What is going to be done, to whose lock, and what follows. */
export function deposePlanText(
  place: Place,
  report: LockReport,
  plan: DeposePlan,
  width: number | null,
): string {
  const { steps, consequences, warnings, forced } = plan;
  const facts = plannedEntries(place, report);
  const holder = facts.findIndex(({ label }) => label === 'Holder');
  return sheet(
    [
      ...facts.toSpliced(holder + 1, 0, sinceEntry(report)),
      { label: 'Plan', texts: steps, numbered: true },
      { label: 'Then', texts: consequences },
      { label: forced ? 'Forced' : 'Warning', texts: warnings },
    ],
    width,
  );
}
