import type { Refusal, ReleasePlan } from '../core/release-plan.ts';
import type { Aftermath, ReleaseResult, StepResult } from '../core/release-result.ts';
import type { ReleaseStep } from '../core/release-steps.ts';
import { describeAftermath, describeRest, describeWrite } from '../core/release-words.ts';
import type { LockReport } from '../core/report.ts';
import { address, noteDocument, openingOf, seconds, type WriteRecord } from './document.ts';

export type ReleaseRecord = WriteRecord<ReleasePlan | Refusal, ReleaseResult>;

function stepDocument(step: ReleaseStep) {
  return {
    action: step.action,
    ...address(step.ref),
    uid: step.uid,
    resourceVersion: step.resourceVersion,
    patch: step.action === 'vacate' ? step.patch : null,
  };
}

function planDocument(plan: ReleasePlan) {
  return {
    strategy: plan.strategy,
    steps: plan.steps.map(stepDocument),
    consequences: [...plan.consequences],
    warnings: [...plan.warnings],
    forced: plan.forced,
  };
}

function writeDocument(write: StepResult, dryRun: boolean) {
  const { text, hint } = describeWrite(write, dryRun);
  const { result, step } = write;
  return {
    action: step.action,
    ...address(step.ref),
    result: result.is,
    change: result.is === 'conflict' ? result.change.is : null,
    verdictNow: result.is === 'conflict' ? (result.report?.verdict ?? null) : null,
    text,
    hint,
  };
}

function outcomeDocument(aftermath: Aftermath, report: LockReport, waitedMs: number) {
  const { text, hint, asHoped } = describeAftermath(aftermath, report, waitedMs);
  const taken = 'by' in aftermath;
  return {
    result: aftermath.is,
    holderIdentity: taken ? aftermath.by : null,
    afterSeconds: taken ? seconds(aftermath.afterMs) : null,
    asHoped,
    text,
    hint,
  };
}

/** `kind: LockRelease`. Keys stand in this order and are never left out; what does not apply is null. */
export function releaseDocument(record: ReleaseRecord) {
  const { report, planned, dryRun, result, notes } = record;
  const isPlan = planned.is === 'plan';
  const aftermath = result?.aftermath ?? null;
  const rest = isPlan && result !== null && dryRun === 'none' ? describeRest(planned, result.writes) : null;
  return {
    ...openingOf('LockRelease', record),
    plan: isPlan ? planDocument(planned) : null,
    dryRun,
    backups: (result?.backups ?? []).map(({ step, path }) => ({ ...address(step.ref), path })),
    writes: (result?.writes ?? []).map((write) => writeDocument(write, dryRun === 'server')),
    unfinished: rest === null ? null : { text: rest.text, hint: rest.hint },
    outcome: aftermath === null ? null : outcomeDocument(aftermath, report, result?.waitedMs ?? 0),
    interrupted: result?.interrupted ?? false,
    notes: notes.map(noteDocument),
  };
}
