import { lockLabel } from './lock.ts';
import { LOCK_RESOURCES } from './lock-resources.ts';
import { commandLine, leaderCommand, seeIn } from './next-step.ts';
import { describeChange } from './release-change.ts';
import { describeOutcome, type OutcomeWords } from './release-outcome.ts';
import type { ReleasePlan } from './release-plan.ts';
import type { Aftermath, ReleaseResult, StepResult } from './release-result.ts';
import type { ReleaseStep } from './release-steps.ts';
import type { LockReport } from './report.ts';
import { resourceName } from './resources.ts';
import { printable } from './text.ts';
import { VERDICTS } from './verdict.ts';

const DONE = { vacate: 'vacated', delete: 'deleted' } as const satisfies Record<
  ReleaseStep['action'],
  string
>;

/** A sentence, and what to do now; null when there is nothing to do. */
export interface Words {
  text: string;
  hint: string | null;
}

/** The object of a step was kept before it is written to. */
export function describeBackup({ ref }: ReleaseStep, path: string): string {
  return `${printable(lockLabel(ref))} saved to ${printable(path)}`;
}

/** What goes on after the write. */
export const WAITING = 'waiting for somebody to take it';

/** What became of one write. `dryRun`: the API server was asked to check it only. */
export function describeWrite({ step, result }: StepResult, dryRun: boolean): Words {
  const label = printable(lockLabel(step.ref));
  const done = DONE[step.action];
  switch (result.is) {
    case 'written': {
      const unheard = result.answered ? '' : ': no answer came, but it was seen to have happened';
      return { text: `${label} ${done}${dryRun ? ' (server dry run)' : ''}${unheard}`, hint: null };
    }
    case 'conflict': {
      const { text, hint } = describeChange(result.change, step);
      const { report } = result;
      const anew =
        report === null || result.change.is === 'none'
          ? ''
          : `. Judged anew: ${report.verdict}, ${VERDICTS[report.verdict].meaning}`;
      return { text: `Not ${done}. ${text}${anew}`, hint };
    }
    case 'failed':
      return {
        text: `${label} was not ${done}: ${printable(result.error.message)}`,
        hint: result.error.hint,
      };
    case 'unknown': {
      const { now, error } = result;
      const seen = now === null ? '' : `; it is held by ${printable(now.holder ?? 'nobody')} now`;
      return {
        text: `Whether ${label} was ${done} is not known, no answer came: ${printable(error.message)}${seen}`,
        hint: seeIn(step.ref, 'See how it stands'),
      };
    }
  }
}

/** The command that makes one write, with the same preconditions where kubectl can carry them. */
function commandFor(step: ReleaseStep): string {
  const { namespace, name, kind } = step.ref;
  if (step.action === 'delete') return leaderCommand('release', step.ref, '--strategy', 'delete');
  const { uid, resourceVersion } = step;
  const metadata = step.patch['metadata'];
  const patch = {
    ...step.patch,
    metadata: { ...(typeof metadata === 'object' ? metadata : {}), uid, resourceVersion },
  };
  const object = [resourceName(LOCK_RESOURCES[kind]), name];
  const change = ['--type', 'merge', '-p', JSON.stringify(patch)];
  return commandLine('kubectl', '-n', namespace, 'patch', ...object, ...change);
}

/** What is half done, and how to finish it; null when all or nothing was done. */
export function describeRest(plan: ReleasePlan, writes: readonly StepResult[]): Words | null {
  const done = writes.filter(({ result }) => result.is === 'written').length;
  const rest = plan.steps.slice(done);
  const [next] = rest;
  if (done === 0 || next === undefined) return null;
  const label = (step: ReleaseStep): string => printable(lockLabel(step.ref));
  const freed = plan.steps.slice(0, done).map((step) => `${label(step)} is ${DONE[step.action]}`);
  const left = rest.map((step) => `${label(step)} is not`);
  const changed = writes.at(-1)?.result.is === 'conflict';
  return {
    text: `Half done: ${[...freed, ...left].join(', ')}. The candidates of a multilock wait one duration when its halves disagree, and take both then`,
    hint: changed
      ? seeIn(next.ref, 'See who holds it')
      : `To finish: ${printable(rest.map(commandFor).join(' && '))}`,
  };
}

/** What came of it, in words. */
export function describeAftermath(aftermath: Aftermath, report: LockReport, waitedMs: number): OutcomeWords {
  switch (aftermath.is) {
    case 'not-waited':
      return { text: 'Whether somebody takes it was not waited for', asHoped: true, hint: null };
    case 'unseen': {
      const { message, hint } = aftermath.error;
      return {
        text: `What became of it could not be seen: ${printable(message)}`,
        asHoped: false,
        hint,
      };
    }
    default:
      return describeOutcome(aftermath, report, waitedMs);
  }
}

/** What is half done, if anything is, and what came of it, if anything was written. */
export function describeResult(
  plan: ReleasePlan,
  { aftermath, writes, waitedMs }: ReleaseResult,
  report: LockReport,
): { rest: Words | null; outcome: Words | null } {
  if (aftermath === null) return { rest: null, outcome: null };
  return {
    rest: describeRest(plan, writes),
    outcome: describeAftermath(aftermath, report, waitedMs),
  };
}

/** Nothing was written, since every update is answered 409 though nothing changes: only a deletion may get through. */
export function refusesUpdates({ aftermath, writes }: ReleaseResult): boolean {
  const last = writes.at(-1);
  if (aftermath !== null || last?.step.action !== 'vacate') return false;
  return last.result.is === 'conflict' && last.result.change.is === 'none';
}

/**
 * `as-hoped`; freed, but `not-as-hoped`; `changed`: nothing was written, because the lock was not what it had been;
 * `failed`: nothing was written, or nobody knows.
 */
export type Ending = 'as-hoped' | 'not-as-hoped' | 'changed' | 'failed';

/** How a release ended. `report` is what was known of the lock before. A dry run is as hoped if all would be written. */
export function endingOf(
  plan: ReleasePlan,
  { writes, aftermath, waitedMs }: ReleaseResult,
  report: LockReport,
): Ending {
  const last = writes.at(-1)?.result.is;
  const whole = writes.length === plan.steps.length && last === 'written';
  if (aftermath === null) {
    if (whole) return 'as-hoped';
    return last === 'conflict' ? 'changed' : 'failed';
  }
  if (!describeAftermath(aftermath, report, waitedMs).asHoped) return 'not-as-hoped';
  // Whoever takes a half-freed multilock writes both halves anew.
  return whole || aftermath.is === 'taken-over' ? 'as-hoped' : 'not-as-hoped';
}
