import type { ObjectRef } from '../cluster-object.ts';
import { durationOf } from '../judge-renewal.ts';
import { holderOf, type LockHalf, lockId, lockLabel, recordOf } from '../lock.ts';
import { commandLine, type NextStep, run, say } from '../next-step.ts';
import { isRenewed } from '../renewal.ts';
import type { LockReport } from '../report.ts';
import { proseDuration } from '../time.ts';
import type { ContenderFacts, Denied, Finding, FindingCode, ObjectFacts } from './case-file.ts';
import { isNeverPickedUp } from './strategy.ts';
import type { MatchingWebhook } from './webhook-match.ts';

/** Whether somebody answers behind a webhook. */
export type Backend = 'up' | 'down' | 'unknown';

/** Another lock of the same name. */
export interface Namesake {
  half: LockHalf;
  /** Milliseconds since its last renewal by its record and the API server's clock; null when not known. */
  renewedAgoMs: number | null;
}

/** What was gathered about a lock's surroundings. */
export interface Surroundings {
  report: LockReport;
  objects: readonly ObjectFacts[];
  webhooks: readonly { webhook: MatchingWebhook; backend: Backend }[];
  namesakes: readonly Namesake[];
  /** Workloads whose Pods led or campaign, each once. */
  workloads: readonly ObjectRef[];
  contenders: ContenderFacts | null;
}

/** So many locks of the same name are shown. */
const NAMESAKES = 5;

function finding(
  code: FindingCode,
  serious: boolean,
  text: string,
  from: string,
  step: NextStep | null = null,
): Finding {
  return { code, serious, text, from, step };
}

function isTroubled({ verdict }: LockReport): boolean {
  return verdict !== 'Healthy' && verdict !== 'Held' && verdict !== 'Ghost' && verdict !== 'Stranger';
}

function invalidRecord({ objects }: Surroundings): Finding[] {
  return objects.flatMap(({ half }) => {
    const { content, ref } = half;
    if (content.state === 'record') {
      return content.warnings.map((text) => finding('invalid-record', false, text, lockLabel(ref)));
    }
    const text = `no candidate can decode ${lockLabel(ref)}: ${content.why}`;
    return [finding('invalid-record', true, text, lockLabel(ref))];
  });
}

/** client-go's leaders give up after two thirds of the duration, and wait half of that for each answer. */
function patienceMs({ lock }: LockReport): number {
  return Math.max(1000, durationOf(recordOf(lock.primary)) / 3);
}

function webhookFinding({ webhook, backend }: Surroundings['webhooks'][number], report: LockReport): Finding {
  const name = `webhook ${webhook.webhook} (${webhook.kind} ${webhook.configuration})`;
  const perhaps = webhook.perhaps
    ? ', unless its conditions or its namespace selector exempt this lock, which could not be told'
    : '';
  const behind =
    webhook.service === null
      ? `the URL ${webhook.url ?? ''}`
      : `service ${webhook.service.namespace}/${webhook.service.name}`;
  const timeout = proseDuration(webhook.timeoutMs);
  const step = run(
    `Repair what is behind webhook ${webhook.webhook}, or exempt the lock from it by a namespace or object selector`,
    commandLine('kubectl', 'get', webhook.kind.toLowerCase(), webhook.configuration, '-o', 'yaml'),
  );
  const from = `${webhook.kind.toLowerCase()} ${webhook.configuration}`;
  const asked = `${name} is asked about every renewal${perhaps}`;
  if (backend === 'down') {
    const effect = webhook.failsClosed
      ? 'and its failurePolicy is Fail: the API server refuses every renewal'
      : `and its failurePolicy is Ignore: every renewal may wait up to ${timeout} for it`;
    const serious = webhook.failsClosed && !webhook.perhaps;
    return finding('webhook', serious, `${asked}; nobody answers behind ${behind}, ${effect}`, from, step);
  }
  const slow =
    webhook.timeoutMs >= patienceMs(report)
      ? `: it may take up to ${timeout}, and an elector with this duration waits ${proseDuration(patienceMs(report))} for an answer`
      : '';
  const unsure = backend === 'unknown' ? `; whether ${behind} answers was not seen` : '';
  return finding('webhook', false, `${asked}${slow}${unsure}`, from);
}

function serviceFindings({ objects, report }: Surroundings): Finding[] {
  return objects.flatMap(({ half: { ref }, body }) => {
    if (ref.kind !== 'endpoints' || body?.service !== true) return [];
    const text = `a Service has the lock's name: if it has a selector, the endpoints controller owns ${lockLabel(ref)} and writes it too, so that renewals meet 409 Conflict and the annotation may be lost`;
    const step = run(
      'Rename the Service or give the lock another name: they share one object',
      commandLine('kubectl', '-n', ref.namespace, 'get', 'service', ref.name, '-o', 'wide'),
    );
    return [finding('service', isTroubled(report), text, `service ${ref.namespace}/${ref.name}`, step)];
  });
}

function writeFindings({ objects, report }: Surroundings): Finding[] {
  return objects.flatMap(({ half, otherWrites, reads, body }) => {
    const label = lockLabel(half.ref);
    const found: Finding[] = [];
    if (reads === 'cache-behind') {
      const text = `the API server's cache shows an older ${label} than its store: whoever reads from this API server and writes back is answered 409 Conflict`;
      const step = say(
        "The API server's cache is stale: restart the API servers one by one, and look at their connection to etcd",
      );
      found.push(finding('stale-cache', true, text, 'two reads', step));
    }
    if (otherWrites > 0) {
      const text = `${label} changed ${otherWrites === 1 ? 'once' : `${otherWrites} times`} while its record stayed as it was: somebody else writes it, and renewals may meet 409 Conflict`;
      found.push(finding('foreign-writes', isTroubled(report), text, 'the watch'));
    }
    if ((body?.finalizers.length ?? 0) > 0) {
      const text = `finalizers keep ${label} in place after a deletion: ${body?.finalizers.join(', ')}`;
      found.push(finding('finalizers', false, text, label));
    }
    return found;
  });
}

function namesakeFindings({ namesakes, report }: Surroundings): Finding[] {
  const { name } = report.lock.primary.ref;
  const shown = namesakes.slice(0, NAMESAKES).map(({ half, renewedAgoMs }) => {
    const by = holderOf(half);
    const renewed = renewedAgoMs === null ? '' : `, renewed ${proseDuration(renewedAgoMs)} ago`;
    const held = by === null ? 'held by nobody' : `held by ${by}${renewed}`;
    const text = `there is a lock ${name} in namespace ${half.ref.namespace} too, ${held}: an election moved to another namespace leaves its old lock behind`;
    return finding('same-name', false, text, lockId(half.ref));
  });
  const rest = namesakes.length - shown.length;
  if (rest <= 0) return shown;
  const text = `and ${rest} more locks of that name in other namespaces`;
  return [...shown, finding('same-name', false, text, 'the search')];
}

function holderFindings({ report, workloads }: Surroundings): Finding[] {
  const { holder, lock } = report;
  const { namespace } = lock.primary.ref;
  const found: Finding[] = [];
  if (holder.pod !== null && holder.pod.namespace !== namespace) {
    const text = `the holder runs in namespace ${holder.pod.namespace} and the lock is in ${namespace}: its rights must be granted in ${namespace}`;
    found.push(finding('other-namespace', false, text, `pod ${holder.pod.namespace}/${holder.pod.name}`));
  }
  if (workloads.length > 1) {
    const names = workloads
      .map(({ kind, namespace: where, name }) => `${kind} ${where}/${name}`)
      .join(' and ');
    const text = `${names} campaign for one lock: only one of them ever works, and the others wait for ever`;
    const step = say('Give each workload a lock name of its own: they share one by mistake');
    found.push(finding('shared-name', true, text, "the candidates' pods and events", step));
  }
  if (holder.alsoFits.length > 0 && holder.rule !== null && !holder.rule.endsWith('_uuid')) {
    const others = holder.alsoFits.map(({ kind, name }) => `${kind} ${name}`).join(', ');
    const text = `the identity holds no UUID and fits ${others} as well: processes that share it all believe that they lead`;
    found.push(finding('ambiguous-identity', false, text, 'the identity'));
  }
  return found;
}

/** `get or update leases/x`, each object once. */
function deniedText(denied: NonNullable<Denied>): string {
  return [...Map.groupBy(denied, ({ object }) => object)]
    .map(([object, verbs]) => `${verbs.map(({ verb }) => verb).join(' or ')} ${object}`)
    .join(', ');
}

function rightsFindings({ contenders, report }: Surroundings): Finding[] {
  const accounts = contenders?.serviceAccounts ?? [];
  const barred = accounts.flatMap(({ denied, ...account }) =>
    denied === null || denied.length === 0 ? [] : [{ ...account, denied }],
  );
  if (barred.length === 0) return [];
  const all = barred.length === accounts.length;
  const led = isRenewed(report.renewal);
  const who = barred
    .map(
      ({ namespace, name, denied }) => `service account ${namespace}/${name} may not ${deniedText(denied)}`,
    )
    .join('; ');
  const what = all
    ? led
      ? 'no candidate may lead'
      : 'nobody leads because nobody may'
    : 'not every candidate may lead';
  // A holder that renews without the right to has other credentials than its ServiceAccount's.
  const otherwise =
    all && led && report.holder.presence === 'alive' ? '; the holder has other credentials' : '';
  const step = say('Apply the Role that is printed under Candidates: it grants what is missing');
  const serious = all && report.verdict !== 'Healthy' && report.verdict !== 'Held';
  return [finding('no-rights', serious, `${what}: ${who}${otherwise}`, 'access reviews', step)];
}

function electionFindings({ report, contenders }: Surroundings): Finding[] {
  const record = recordOf(report.lock.primary);
  if (record === null) return [];
  const from = lockLabel(report.lock.primary.ref);
  const { preferredHolder, holderIdentity } = record;
  const registered = contenders?.leaseCandidates ?? null;
  if (preferredHolder !== null && registered !== null && !registered.some(({ preferred }) => preferred)) {
    const text = `the control plane prefers ${preferredHolder}, which is not registered as a candidate any more: the holder yields to nobody`;
    return [finding('hand-over', true, text, from)];
  }
  if (!isNeverPickedUp(record)) return [];
  const text = `the control plane chose ${holderIdentity}, which never renewed: the candidate does not run any more, or does not see it`;
  return [finding('hand-over', true, text, from)];
}

/** Everything that stands, or may stand, in the way; what explains the trouble comes first. */
export function findingsOf(around: Surroundings): Finding[] {
  const all = [
    ...invalidRecord(around),
    ...rightsFindings(around),
    ...around.webhooks.map((one) => webhookFinding(one, around.report)),
    ...serviceFindings(around),
    ...writeFindings(around),
    ...electionFindings(around),
    ...holderFindings(around),
    ...namesakeFindings(around),
  ];
  return [...all.filter(({ serious }) => serious), ...all.filter(({ serious }) => !serious)];
}
