import type { DeposePlan, DeposeRefusal } from '../core/depose-plan.ts';
import type { DeposeEnding, DeposeEvent, DeposeResult } from '../core/depose-result.ts';
import { describeEnding, describeHappening, describeInterruption } from '../core/depose-words.ts';
import type { LeaderError } from '../core/errors.ts';
import type { LockReport } from '../core/report.ts';
import { formatMicroTime } from '../core/time.ts';
import {
  address,
  clusterDocument,
  noteDocument,
  openingOf,
  refusalDocument,
  seconds,
  type WriteRecord,
} from './document.ts';

export type DeposeRecord = WriteRecord<DeposePlan | DeposeRefusal, DeposeResult>;

function errorDocument({ code, message }: LeaderError) {
  return { code, message };
}

function planDocument({ holder, identity, halves, term, steps, consequences, warnings, forced }: DeposePlan) {
  return {
    holderIdentity: holder,
    ownIdentity: identity,
    halves: halves.map(({ ref, uid, resourceVersion }) => ({ ...address(ref), uid, resourceVersion })),
    durationSeconds: seconds(term.durationMs),
    holdSeconds: seconds(term.holdMs),
    renewEverySeconds: seconds(term.renewEveryMs),
    steps: [...steps],
    consequences: [...consequences],
    warnings: [...warnings],
    forced,
  };
}

/** What belongs to this kind of event. */
function particularsOf(event: DeposeEvent) {
  switch (event.is) {
    case 'backed-up':
      return { ...address(event.ref), path: event.path };
    case 'taken':
      return { ...address(event.ref), tries: event.tries };
    case 'holding':
      return { until: formatMicroTime(event.until) };
    case 'renewed':
    case 'freed':
      return address(event.ref);
    case 'not-renewed':
    case 'not-freed':
      return { ...address(event.ref), error: errorDocument(event.error) };
    case 'told':
      return { holderIdentity: event.identity, what: event.what };
    case 'holder-changed':
      return { holderIdentity: event.by, afterSeconds: seconds(event.afterMs) };
  }
}

/** One thing that was done or seen; `at` on the API server's clock. `text` is null for what people are not told. */
export function deposeEventDocument(event: DeposeEvent, plan: DeposePlan) {
  return {
    event: event.is,
    at: formatMicroTime(event.at),
    ...particularsOf(event),
    text: describeHappening(event, plan.holder),
  };
}

/** Who has it now, as far as the ending tells. */
function holderAfter(ending: DeposeEnding): string | null {
  if (ending.is === 'freed') return 'by' in ending.outcome ? ending.outcome.by : null;
  if (ending.is === 'freeing-unknown' || ending.is === 'unknown') return ending.now?.holder ?? null;
  return 'standing' in ending && 'by' in ending.standing ? ending.standing.by : null;
}

function outcomeDocument(result: DeposeResult, plan: DeposePlan, report: LockReport) {
  const { ending, heldMs, stillOurs } = result;
  const outcome = ending.is === 'freed' ? ending.outcome : null;
  const takeover = outcome?.is === 'taken-over' ? outcome : null;
  const { text, hint, asHoped } = describeEnding(result, plan, report);
  return {
    result: outcome?.is ?? ending.is,
    holderIdentity: holderAfter(ending),
    presence: takeover?.holder?.presence ?? null,
    found: takeover?.holder?.found ?? null,
    afterSeconds: outcome !== null && 'afterMs' in outcome ? seconds(outcome.afterMs) : null,
    confirmed: takeover?.confirmed ?? null,
    heldSeconds: seconds(heldMs),
    stillOurs: stillOurs.map(({ ref, runsOutInMs }) => ({
      ...address(ref),
      runsOutSeconds: seconds(runsOutInMs),
    })),
    asHoped,
    text,
    hint,
    interruption: result.interrupted ? describeInterruption(result, plan, report) : null,
  };
}

function outcomeOf({ planned, result, report }: DeposeRecord) {
  return planned.is === 'plan' && result !== null ? outcomeDocument(result, planned, report) : null;
}

/** `kind: LockDeposition`. Keys stand in this order and are never left out; what does not apply is null. */
export function depositionDocument(record: DeposeRecord) {
  const { planned, dryRun, result, notes } = record;
  return {
    ...openingOf('LockDeposition', record),
    plan: planned.is === 'plan' ? planDocument(planned) : null,
    dryRun,
    events:
      planned.is === 'plan' ? (result?.events ?? []).map((event) => deposeEventDocument(event, planned)) : [],
    outcome: outcomeOf(record),
    interrupted: result?.interrupted ?? false,
    notes: notes.map(noteDocument),
  };
}

/** The first line of `-o jsonl`: what is planned, or why it is refused. */
export function decisionDocument({ place, report, planned }: DeposeRecord) {
  const { ref } = report.lock.primary;
  const lock = { cluster: clusterDocument(place), ...address(ref), verdict: report.verdict };
  return planned.is === 'plan'
    ? { event: 'planned', ...lock, ...planDocument(planned) }
    : { event: 'refused', ...lock, ...refusalDocument(planned) };
}

/** The last line of `-o jsonl`. */
export function conclusionDocument(record: DeposeRecord) {
  return { event: 'ended', ...outcomeOf(record), interrupted: record.result?.interrupted ?? false };
}
