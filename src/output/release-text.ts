import { halvesOf, type Lock, lockId } from '../core/lock.ts';
import { withFlags } from '../core/next-step.ts';
import { describePlace, type Place } from '../core/place.ts';
import type { ReleasePlan } from '../core/release-plan.ts';
import type { LockReport } from '../core/report.ts';
import { printable } from '../core/text.ts';
import { humanDuration } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { verdictText } from './columns.ts';
import { type SheetEntry, sheet } from './sheet.ts';

/** Every object of the lock by its full name. */
function idsOf(lock: Lock): string[] {
  return halvesOf(lock).map(({ ref }) => printable(lockId(ref)));
}

/** Nothing where nobody looked for them, or nobody could. */
function candidatesTexts({ candidates }: LockReport): string[] {
  if (candidates === null) return [];
  return [candidates === 0 ? 'none is running' : `${candidates} running and ready to take it`];
}

/** The facts that a plan or a refusal rests on. */
function caseEntries(report: LockReport): SheetEntry[] {
  const { lock, holder, renewal, verdict, evidence } = report;
  const found = holder.found === '' || holder.presence === 'nobody' ? '' : `, ${printable(holder.found)}`;
  const ago = renewal.lastRenewedAgoMs;
  return [
    { label: 'Lock', texts: idsOf(lock) },
    { label: 'Verdict', texts: [`${verdictText(report)}: ${VERDICTS[verdict].meaning}`] },
    { label: 'Holder', texts: [`${printable(holder.identity || 'nobody')}${found}`] },
    {
      label: 'Renewed',
      texts: ago === null || renewal.state === 'perpetual' ? [] : [`${humanDuration(ago)} ago`],
    },
    { label: 'Candidates', texts: candidatesTexts(report) },
    { label: 'Evidence', texts: evidence.map(({ text }) => printable(text)) },
  ];
}

/** Where and to what something is going to be done, and why that may be done. */
export function plannedEntries(place: Place, report: LockReport): SheetEntry[] {
  return [{ label: 'Cluster', texts: [describePlace(place)] }, ...caseEntries(report)];
}

/** What is going to be done, to which lock, and why that may be done. */
export function planText(place: Place, report: LockReport, plan: ReleasePlan, width: number | null): string {
  const { steps, consequences, warnings, forced } = plan;
  return sheet(
    [
      ...plannedEntries(place, report),
      { label: 'Plan', texts: consequences.slice(0, steps.length), numbered: true },
      { label: 'Then', texts: consequences.slice(steps.length) },
      { label: forced ? 'Forced' : 'Warning', texts: warnings },
    ],
    width,
  );
}

/** What is not done when it is refused, and what `--force` does all the same. */
const REFUSED = {
  release: { not: 'is not released', forced: '--force releases it all the same' },
  depose: { not: 'is left to its holder', forced: '--force deposes its holder all the same' },
} as const;

/** What there is to say of a refusal. */
export interface Refused {
  why: string;
  instead: readonly string[];
  forceable: boolean;
}

/** The same with `flags` in the commands that it advises. */
export function refusedWithFlags(refused: Refused, flags: readonly string[]): Refused {
  return { ...refused, instead: refused.instead.map((text) => printable(withFlags(text, flags))) };
}

/** In one line: that something is not done with a lock, and why. */
export function refusalLine(report: LockReport, { why }: Refused, verb: keyof typeof REFUSED): string {
  const reason = `${why.charAt(0).toLowerCase()}${why.slice(1)}`;
  return `${printable(lockId(report.lock.primary.ref))} ${REFUSED[verb].not}: ${reason}`;
}

/** What a refusal rests on, and what to do instead; `override` says how it is done all the same. */
export function refusalSheet(
  report: LockReport,
  { instead, forceable }: Refused,
  override: string,
  width: number | null,
): string {
  return sheet(
    [
      ...caseEntries(report).slice(1),
      { label: 'Instead', texts: instead },
      { label: 'Override', texts: forceable ? [override] : [] },
    ],
    width,
  );
}

/** Why something is not done with a lock, and what to do instead. The first line tells it all. */
export function refusalText(
  report: LockReport,
  refused: Refused,
  verb: keyof typeof REFUSED,
  width: number | null,
): string {
  const body = refusalSheet(report, refused, REFUSED[verb].forced, width);
  return `error: ${refusalLine(report, refused, verb)}\n${body}`;
}
