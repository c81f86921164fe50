import { carryOutDepose, type DeposeProgress } from '../app/depose.ts';
import { planDeposeFor } from '../app/depose-planning.ts';
import { refuseForeign } from '../app/refuse-foreign.ts';
import { deposeIdentity } from '../core/depose-identity.ts';
import type { DeposePlan } from '../core/depose-plan.ts';
import type { DeposeEvent, DeposeResult } from '../core/depose-result.ts';
import {
  DEPOSE_DOING,
  deposeVerdictOf,
  describeEnding,
  describeHappening,
  describeInterruption,
  timeOfDay,
} from '../core/depose-words.ts';
import { isLeaderError } from '../core/errors.ts';
import { describeProgress } from '../core/progress-words.ts';
import type { LockReport } from '../core/report.ts';
import {
  conclusionDocument,
  type DeposeRecord,
  decisionDocument,
  deposeEventDocument,
  depositionDocument,
} from '../output/depose-document.ts';
import { deposePlanText } from '../output/depose-text.ts';
import { refusalText, refusedWithFlags } from '../output/release-text.ts';
import { toJson, toJsonLine, toYaml } from '../output/structured.ts';
import type { DeposeRequest } from './depose-request.ts';
import { EXIT_OF } from './ending-exits.ts';
import { EXITS } from './errors.ts';
import { examine } from './examine.ts';
import type { Host } from './host.ts';
import { Remarks } from './ls-remarks.ts';
import { type Intent, mayGoOn, writing } from './permission.ts';
import type { Teller } from './teller.ts';

/** Programs read one document at the end, or a line for each event. */
async function write(host: Host, { output }: DeposeRequest, record: DeposeRecord): Promise<void> {
  if (output === 'json') host.stdout.write(toJson(depositionDocument(record)));
  else if (output === 'yaml') host.stdout.write(await toYaml(depositionDocument(record)));
  else if (output === 'jsonl' && record.result !== null)
    host.stdout.write(toJsonLine(conclusionDocument(record)));
}

function tellEvent(
  host: Host,
  { output }: DeposeRequest,
  event: DeposeEvent,
  plan: DeposePlan,
  teller: Teller,
): void {
  if (output === 'jsonl') host.stdout.write(toJsonLine(deposeEventDocument(event, plan)));
  const text = describeHappening(event, plan.holder);
  if (text !== null) teller.say(`${timeOfDay(event.at)}  ${text}`);
}

function tellProgress({ doing, elapsedMs, forMs }: DeposeProgress, teller: Teller): void {
  teller.progress(describeProgress(DEPOSE_DOING[doing], elapsedMs, forMs));
}

/** What came of it, and the exit code. */
function conclude(result: DeposeResult, plan: DeposePlan, report: LockReport, teller: Teller): number {
  const verdict = deposeVerdictOf(result, plan, report);
  const { text, hint } = describeEnding(result, plan, report);
  const written = verdict === 'as-hoped' || verdict === 'not-as-hoped';
  if (written) teller.say(text, hint);
  else teller.fail(text, hint);
  if (!result.interrupted) return EXIT_OF[verdict];
  const interruption = describeInterruption(result, plan, report);
  if (interruption !== null) teller.aside(`${interruption}\n`);
  return EXITS.interrupted;
}

async function deposeIn(host: Host, request: DeposeRequest, teller: Teller): Promise<number> {
  const { clock, signal } = host;
  const { force, holdMs, dryRun, waitMs } = request;
  const cluster = await host.connect(request.connection);
  const examined = await examine(host, cluster, request, teller).catch(async (error: unknown) => {
    if (isLeaderError(error, 'not-found'))
      await refuseForeign(cluster, request.lock, request.namespace, signal);
    throw error;
  });
  const options = { identity: deposeIdentity(host.deposer()), force, holdMs };
  const { planned, report, notes } = await planDeposeFor(cluster, clock, examined, options, signal);
  new Remarks((text) => teller.aside(text)).tell(notes.filter((note) => !examined.notes.includes(note)));
  const place = cluster.context;
  const record: DeposeRecord = {
    ...{ place, report, commonCause: examined.commonCause, planned, dryRun, notes },
    result: null,
  };
  if (request.output === 'jsonl') host.stdout.write(toJsonLine(decisionDocument(record)));
  if (planned.is === 'refusal') {
    const refused = refusedWithFlags(planned, request.sameCluster);
    teller.aside(refusalText(report, refused, 'depose', host.stderr.columns));
    await write(host, request, record);
    return EXITS.refused;
  }
  const intent: Intent = {
    text: (width) => deposePlanText(place, report, planned, width),
    name: report.lock.primary.ref.name,
    toDo: 'depose its holder',
    context: place.context,
  };
  const answer = await mayGoOn(host, request, intent, teller);
  if (answer !== null) {
    await write(host, request, record);
    return answer;
  }
  const save = host.backupInto(request.backupDir);
  const order = { examined, plan: planned, save, dryRun: dryRun === 'server', waitMs };
  // Freeing a lock before its time may give two leaders: a reader who has seen enough (`| head`) is not worth that.
  const result = await carryOutDepose(cluster, clock, order, host.asked, {
    happened: (event) => tellEvent(host, request, event, planned, teller),
    progress: (progress) => tellProgress(progress, teller),
  });
  const code = conclude(result, planned, report, teller);
  await write(host, request, { ...record, result });
  return code;
}

/** Finds and examines one lock and deposes its holder. Resolves to the exit code, rejects with a LeaderError. */
export function runDepose(host: Host, request: DeposeRequest): Promise<number> {
  return writing(host, request, 'depose', (teller) => deposeIn(host, request, teller));
}
