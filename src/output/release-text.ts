import { type Lock, lockId } from '../core/lock.ts';
import type { ReleasePlan } from '../core/release-plan.ts';
import type { LockReport } from '../core/report.ts';
import { printable } from '../core/text.ts';
import { humanDuration } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { verdictText } from './columns.ts';
import { type SheetEntry, sheet } from './sheet.ts';

/** Every object of the lock by its full name. */
function idsOf({ primary, secondary }: Lock): string[] {
  return [primary, ...(secondary === null ? [] : [secondary])].map(({ ref }) => printable(lockId(ref)));
}

function candidatesText({ candidates }: LockReport): string {
  if (candidates === null) return 'not known';
  return candidates === 0 ? 'none is running' : `${candidates} running and ready to take it`;
}

/** The facts that a plan or a refusal rests on. */
export function caseEntries(report: LockReport): SheetEntry[] {
  const { lock, holder, renewal, verdict, evidence } = report;
  const found = holder.found === '' ? '' : `, ${printable(holder.found)}`;
  const ago = renewal.lastRenewedAgoMs;
  return [
    { label: 'Lock', texts: idsOf(lock) },
    { label: 'Verdict', texts: [`${verdictText(report)}: ${VERDICTS[verdict].meaning}`] },
    { label: 'Holder', texts: [`${printable(holder.identity || 'nobody')}${found}`] },
    {
      label: 'Renewed',
      texts: ago === null || renewal.state === 'perpetual' ? [] : [`${humanDuration(ago)} ago`],
    },
    { label: 'Candidates', texts: [candidatesText(report)] },
    { label: 'Evidence', texts: evidence.map(({ text }) => printable(text)) },
  ];
}

/** What is going to be done, to which lock, and why that may be done. */
export function planText(report: LockReport, plan: ReleasePlan, width: number | null): string {
  const { steps, consequences, warnings, forced } = plan;
  return sheet(
    [
      ...caseEntries(report),
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

/** In one line: that something is not done with a lock, and why. */
export function refusalLine(report: LockReport, { why }: Refused, verb: keyof typeof REFUSED): string {
  return `${printable(lockId(report.lock.primary.ref))} ${REFUSED[verb].not}: ${why}`;
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
