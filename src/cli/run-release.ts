import type { ExaminedLock } from '../app/examine-lock.ts';
import { carryOutRelease, planFor, type ReleaseEvent } from '../app/release.ts';
import { describeProgress } from '../core/progress-words.ts';
import type { ReleasePlan } from '../core/release-plan.ts';
import type { ReleaseResult, StepResult } from '../core/release-result.ts';
import { describeBackup, describeResult, describeWrite, endingOf, WAITING } from '../core/release-words.ts';
import { type ReleaseRecord, releaseDocument } from '../output/release-document.ts';
import { planText, refusalText, refusedWithFlags } from '../output/release-text.ts';
import { toJson, toYaml } from '../output/structured.ts';
import { EXIT_OF } from './ending-exits.ts';
import { EXITS } from './errors.ts';
import { examine } from './examine.ts';
import type { Host } from './host.ts';
import { type Intent, mayGoOn, writing } from './permission.ts';
import type { ReleaseRequest } from './release-request.ts';
import type { Teller } from './teller.ts';

function tellWrite(write: StepResult, dryRun: boolean, teller: Teller): void {
  const { text, hint } = describeWrite(write, dryRun);
  if (write.result.is === 'written') teller.say(text, hint);
  else teller.fail(text, hint);
}

function tellEvent(event: ReleaseEvent, { dryRun }: ReleaseRequest, teller: Teller): void {
  switch (event.is) {
    case 'backed-up':
      teller.say(describeBackup(event.step, event.path));
      break;
    case 'wrote':
      tellWrite(event, dryRun === 'server', teller);
      break;
    case 'waiting':
      teller.progress(describeProgress(WAITING, event.elapsedMs, event.forMs));
      break;
  }
}

/** What came of it, and the exit code. */
function conclude(result: ReleaseResult, plan: ReleasePlan, examined: ExaminedLock, teller: Teller): number {
  const { rest, outcome } = describeResult(plan, result, examined.report);
  if (rest !== null) teller.fail(rest.text, rest.hint);
  if (outcome !== null) teller.say(outcome.text, outcome.hint);
  return result.interrupted ? EXITS.interrupted : EXIT_OF[endingOf(plan, result, examined.report)];
}

async function write(host: Host, { output }: ReleaseRequest, record: ReleaseRecord): Promise<void> {
  if (output === 'text') return;
  const document = releaseDocument(record);
  host.stdout.write(output === 'json' ? toJson(document) : await toYaml(document));
}

async function releaseIn(host: Host, request: ReleaseRequest, teller: Teller): Promise<number> {
  const { clock, signal } = host;
  const { strategy, force, dryRun, waitMs } = request;
  const cluster = await host.connect(request.connection);
  const examined = await examine(host, cluster, request, teller);
  const { report, commonCause, notes } = examined;
  const planned = planFor(clock, examined, { strategy, force });
  const place = cluster.context;
  const record: ReleaseRecord = { place, report, commonCause, planned, dryRun, result: null, notes };
  if (planned.is === 'refusal') {
    const refused = refusedWithFlags(planned, request.sameCluster);
    teller.aside(refusalText(report, refused, 'release', host.stderr.columns));
    await write(host, request, record);
    return EXITS.refused;
  }
  const intent: Intent = {
    text: (width) => planText(place, report, planned, width),
    name: report.lock.primary.ref.name,
    toDo: planned.strategy === 'delete' ? 'delete it' : 'release it',
    context: place.context,
    forced: planned.forced,
  };
  const answer = await mayGoOn(host, request, intent, teller);
  if (answer !== null) {
    await write(host, request, record);
    return answer;
  }
  const save = host.backupInto(request.backupDir);
  const order = { examined, plan: planned, save, dryRun: dryRun === 'server', waitMs };
  const result = await carryOutRelease(cluster, clock, order, signal, (event) =>
    tellEvent(event, request, teller),
  );
  const code = conclude(result, planned, examined, teller);
  await write(host, request, { ...record, result });
  return code;
}

/** Finds, examines and frees one lock. Resolves to the exit code, rejects with a LeaderError. */
export function runRelease(host: Host, request: ReleaseRequest): Promise<number> {
  return writing(host, request, 'release', (teller) => releaseIn(host, request, teller));
}
