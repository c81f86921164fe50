import type { ObjectRef } from './cluster-object.ts';
import { deposerIn } from './depose-identity.ts';
import type { Evidence } from './evidence.ts';
import type { Holder, PodFacts, SearchScope, Trace } from './holder.ts';
import type { Directory } from './holder-directory.ts';
import { judgeNode, judgePod, type Tenure } from './holder-fitness.ts';
import { type Match, matchesOf, refKey, refOf } from './holder-fits.ts';
import { type Reading, readIdentity } from './identity.ts';
import type { LockRef } from './lock.ts';
import { printable } from './text.ts';
import { formatSecondTime, type Instant } from './time.ts';
import { looksGenerated } from './workload-names.ts';

const NOBODY: Holder = {
  identity: null,
  presence: 'nobody',
  ref: null,
  pod: null,
  node: null,
  rule: null,
  alsoFits: [],
  reborn: false,
  was: null,
  workload: null,
  found: '<none>',
  evidence: [],
};

/** Times of the record and of the API server are compared with so much tolerance, milliseconds. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * A process with a UUID of its own took the lock before this Pod existed, and renews it still: it runs in an earlier
 * Pod of that name, which the cluster has forgotten. Renewals later than the Pod's creation show that the clocks agree
 * roughly.
 */
function outlivedBy(pod: PodFacts, rule: string, tenure: Tenure): Instant | null {
  const { acquireTime, lastRenewal, renewing } = tenure;
  const { createdAt } = pod;
  if (!renewing || acquireTime === null || lastRenewal === null || createdAt === null) return null;
  if (!/^pod-(?:name|hostname|fqdn)_uuid$/.test(rule)) return null;
  // Only these come back under the same name: the others' names are random, and static Pods are made anew around a
  // living process.
  if (pod.owner !== null && pod.owner.kind !== 'StatefulSet') return null;
  const isPredecessor = acquireTime + CLOCK_TOLERANCE_MS < createdAt && lastRenewal > createdAt;
  return isPredecessor ? createdAt : null;
}

function ownerRef({ owner, namespace }: PodFacts): ObjectRef | null {
  if (owner === null) return null;
  const isNode = owner.kind === 'Node';
  return { kind: owner.kind.toLowerCase(), namespace: isNode ? null : namespace, name: owner.name };
}

function foundHolder(
  identity: string,
  [{ fit, reading }, ...others]: [Match, ...Match[]],
  directory: Directory,
  scope: SearchScope,
  tenure: Tenure,
): Holder {
  // The Node below a Pod, and the Pods on a Node's network, are not other holders.
  const alsoFits = others
    .filter((other) => other.fit.pod !== null || other.fit.node.name !== fit.node?.name)
    .map((other) => refOf(other.fit));
  const ambiguity: Evidence[] = alsoFits.map((ref) => ({
    text: `the identity fits ${printable(refKey(ref))} as well`,
    grade: 'read',
    from: `${ref.kind} ${printable(ref.name)}`,
  }));
  const { rule } = reading;
  if (fit.pod !== null) {
    const { pod } = fit;
    const newer = outlivedBy(pod, rule, tenure);
    if (newer !== null) {
      const kind = pod.owner?.kind;
      const was = `earlier ${kind === undefined ? '' : `${kind} `}pod`;
      const text = `the lock is renewed by a process that took it before this pod was created ${formatSecondTime(newer)}: an earlier pod of that name still runs somewhere`;
      const from = `pod ${printable(pod.namespace)}/${printable(pod.name)}`;
      return {
        ...{ ...NOBODY, identity, rule, was, presence: 'gone', found: `gone (${printable(was)})` },
        alsoFits: [refOf(fit), ...alsoFits],
        workload: ownerRef(pod),
        evidence: [{ text, grade: 'read', from }, ...ambiguity],
      };
    }
  }
  const fitness =
    fit.pod === null ? judgeNode(fit.node, tenure) : judgePod(fit.pod, directory, scope, tenure);
  const how: Evidence = { text: reading.says, grade: 'read', from: 'the identity' };
  return {
    identity,
    presence: fitness.presence,
    ref: refOf(fit),
    pod: fit.pod,
    node: fit.node,
    rule,
    alsoFits,
    reborn: fitness.reborn,
    was: null,
    workload: fit.pod === null ? null : ownerRef(fit.pod),
    found: fitness.found,
    evidence: [...fitness.evidence, how, ...ambiguity],
  };
}

/** Why the search cannot show that nothing is there; null when it was complete. */
function gapIn(scope: SearchScope, needsNodes: boolean): { found: string; text: string } | null {
  const { pods, nodes } = scope;
  if (typeof pods === 'object') {
    const where = pods.namespaces.map(printable).join(', ');
    return {
      found: `not in ${pods.namespaces.length === 1 ? where : 'the readable namespaces'}`,
      text: `pods could be read only in ${where}`,
    };
  }
  if (pods === 'forbidden') return { found: 'not allowed to look', text: 'not allowed to read pods' };
  if (pods === 'unreadable') return { found: 'could not look', text: 'pods could not be read' };
  if (!needsNodes || nodes === 'everywhere') return null;
  if (nodes === 'forbidden') return { found: 'not allowed to look', text: 'not allowed to read nodes' };
  return { found: 'could not look', text: 'nodes could not be read' };
}

function missingHolder(
  identity: string,
  readings: readonly Reading[],
  scope: SearchScope,
  traces: readonly Trace[],
): Holder {
  const nothing = { ...NOBODY, identity };
  const last = readings.at(-1);
  const why = last?.look.for === 'nothing' ? last.look.why : null;
  const reading: Evidence[] =
    last === undefined || why === null
      ? []
      : [{ text: `the identity is ${last.says}`, grade: 'read', from: 'the identity' }];
  const rule = why === null ? null : (last?.rule ?? null);
  if (why === 'opaque')
    return { ...nothing, rule, presence: 'unknown', found: 'opaque identity', evidence: reading };
  const deposer = why === 'deposer' ? deposerIn(identity) : null;
  if (deposer !== null) {
    const found = `being deposed by ${printable(deposer)}`;
    return { ...nothing, rule, presence: 'unmatched', found, evidence: reading };
  }

  const trace = traces[0];
  const gap = gapIn(scope, trace === undefined || trace.was === 'node');
  if (gap !== null) {
    const evidence: Evidence[] = [{ text: gap.text, grade: 'read', from: 'the search' }, ...reading];
    return { ...nothing, rule, presence: 'unknown', found: gap.found, evidence };
  }
  const looked: Evidence = {
    text: 'no pod and no node fits the identity',
    grade: 'read',
    from: 'the search',
  };
  if (trace !== undefined) {
    const workload = traces.find((one) => one.workload !== null)?.workload ?? null;
    const evidence = [looked, ...traces.map((one) => one.evidence)];
    return {
      ...nothing,
      presence: 'gone',
      was: trace.was,
      workload,
      found: `gone (${printable(trace.was)})`,
      evidence,
    };
  }
  if (why === 'another-cluster') {
    return {
      ...nothing,
      rule,
      presence: 'unknown',
      found: 'another cluster?',
      evidence: [looked, ...reading],
    };
  }
  const found = why === 'outside' ? 'outside the cluster' : 'not found';
  return { ...nothing, rule, presence: 'unmatched', found, evidence: [looked, ...reading] };
}

/**
 * Whether a match may be taken for the holder. Names such as `db-0` recur from namespace to namespace, so a Pod of
 * another one counts only where its name is random, or where the identity says more than a name.
 */
function isTelling({ fit, reading }: Match, lock: LockRef): boolean {
  const { pod } = fit;
  if (pod === null || pod.namespace === lock.namespace || looksGenerated(pod.name)) return true;
  const { look } = reading;
  return look.for === 'address' || (look.for === 'pod-name' && look.namespace !== null);
}

/** Only Pods of other namespaces bear the name: gone where the lock's own namespace remembers it, else not known. */
function holderOrNamesake(
  identity: string,
  readings: readonly Reading[],
  lock: LockRef,
  scope: SearchScope,
  traces: readonly Trace[],
  namesakes: readonly ObjectRef[],
): Holder {
  const own = traces.filter(({ workload }) => workload?.namespace === lock.namespace);
  const missing = missingHolder(identity, readings, scope, own);
  if (missing.presence === 'gone') return { ...missing, alsoFits: namesakes };
  const [namesake] = namesakes;
  const name = namesake === undefined ? '' : printable(refKey(namesake));
  const text = `only ${name} bears that name, in another namespace: names like that recur, so it may be another process`;
  const evidence: Evidence[] = [{ text, grade: 'read', from: 'the search' }];
  return {
    ...NOBODY,
    identity,
    presence: 'unknown',
    found: `perhaps ${name}`,
    alsoFits: namesakes,
    evidence,
  };
}

/**
 * The Pod or Node behind an identity, judged, or the truthful answer when there is none. What could not be read is
 * never counted as absent; what was never here is never called gone. Pure.
 */
export function findHolder(
  identity: string | null,
  lock: LockRef,
  directory: Directory,
  scope: SearchScope,
  traces: readonly Trace[],
  tenure: Tenure,
  readings: readonly Reading[] = readIdentity(identity ?? '', lock),
): Holder {
  if (identity === null || identity === '') return NOBODY;
  const matches = matchesOf(readings, lock, directory);
  const first = matches.find((match) => isTelling(match, lock));
  if (first !== undefined) {
    const others = matches.filter((match) => match !== first);
    return foundHolder(identity, [first, ...others], directory, scope, tenure);
  }
  const namesakes = matches.map(({ fit }) => refOf(fit));
  if (namesakes.length === 0) return missingHolder(identity, readings, scope, traces);
  return holderOrNamesake(identity, readings, lock, scope, traces, namesakes);
}
