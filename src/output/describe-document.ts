import type {
  CaseFile,
  ContenderFacts,
  Denied,
  GhostTrail,
  History,
  HolderDetails,
  ObjectFacts,
  PodDetails,
} from '../core/describe/case-file.ts';
import { gapStatistics } from '../core/describe/gaps.ts';
import {
  API_VERSION,
  evidenceDocument,
  lockDocument,
  noteDocument,
  refDocument,
  seconds,
  time,
} from './document.ts';

/*
 * The documented shape of a described lock, by the rules of document.ts: keys are never left out, what is unknown is
 * null. `lock` is an item as `ls -o json` has it.
 */

function objectDocument({ half, gapsMs, seen, otherWrites, writers, reads, skewMs, body }: ObjectFacts) {
  const gaps = gapStatistics(gapsMs);
  return {
    ...refDocument(half.ref),
    uid: half.uid,
    resourceVersion: half.resourceVersion,
    renewalsSeen: seen,
    gaps:
      gaps === null
        ? null
        : {
            minSeconds: seconds(gaps.minMs),
            medianSeconds: seconds(gaps.medianMs),
            maxSeconds: seconds(gaps.maxMs),
          },
    changesWithoutRenewal: otherWrites,
    writers: writers?.map(({ manager, operation, at }) => ({ manager, operation, time: time(at) })) ?? null,
    reads,
    holderClockAheadSeconds: seconds(skewMs),
    hasSubsets: body?.hasSubsets ?? null,
    hasService: body?.service ?? null,
    hasData: body?.hasData ?? null,
    finalizers: body === null ? null : [...body.finalizers],
  };
}

function podDocument(pod: PodDetails) {
  const { namespace, name, phase, status, ready, restarts, node, serviceAccount, lastExit } = pod;
  return {
    ...{ namespace, name, phase, status, ready, restarts, node, serviceAccount },
    creationTimestamp: time(pod.createdAt),
    startedAt: time(pod.startedAt),
    lastExit:
      lastExit === null
        ? null
        : { reason: lastExit.reason, exitCode: lastExit.exitCode, finishedAt: time(lastExit.at) },
  };
}

function holderDocument({ reading, pod, node, owners, incarnation }: HolderDetails) {
  return {
    reading,
    pod: pod === null ? null : podDocument(pod),
    node:
      node === null
        ? null
        : {
            name: node.name,
            status: node.status,
            readySince: time(node.readySince),
            lastHeartbeat: time(node.lastHeartbeat),
          },
    owners: owners.map(refDocument),
    sameProcess: incarnation === null ? null : { same: incarnation.same, text: incarnation.text },
  };
}

function historyDocument({ entries, leaders, signs }: History) {
  return {
    events: entries.map(({ at, text, count, from }) => ({ time: time(at), text, count, from })),
    leaders: [...leaders],
    signs: signs.map(evidenceDocument),
  };
}

function deniedDocument(denied: Denied) {
  return denied?.map(({ verb, object }) => ({ verb, object })) ?? null;
}

function contendersDocument(facts: ContenderFacts) {
  return {
    workload: facts.workload === null ? null : refDocument(facts.workload),
    wanted: facts.wanted,
    pods: facts.pods.map(({ pod, isHolder, denied }) => ({
      ...podDocument(pod),
      isHolder,
      denied: deniedDocument(denied),
    })),
    morePods: facts.more,
    leaseCandidates:
      facts.leaseCandidates?.map(({ name, renewTime, binaryVersion, preferred }) => ({
        ...{ name, binaryVersion, preferred },
        renewTime: time(renewTime),
      })) ?? null,
    serviceAccounts: facts.serviceAccounts.map(({ namespace, name, denied }) => ({
      ...{ namespace, name },
      denied: deniedDocument(denied),
    })),
    missingRole: facts.missingRole,
  };
}

function ghostDocument({ places, tokens, serviceAccount }: GhostTrail) {
  return {
    places: places.map(({ node, likely, exists, lastHeartbeat, evidence }) => ({
      ...{ node, likely, exists },
      lastHeartbeat: time(lastHeartbeat),
      evidence: evidence.map(evidenceDocument),
    })),
    serviceAccount,
    tokens:
      tokens?.map(({ namespace, secret, serviceAccount: account }) => ({
        ...{ namespace, secret },
        serviceAccount: account,
      })) ?? null,
  };
}

function caseFields(file: CaseFile) {
  const { history, contenders, ghost } = file;
  return {
    takenAt: time(file.takenAt),
    watchedSeconds: seconds(file.watchedMs),
    lock: lockDocument(file.report),
    objects: file.objects.map(objectDocument),
    holder: holderDocument(file.holder),
    history: history === null ? null : historyDocument(history),
    candidates: contenders === null ? null : contendersDocument(contenders),
    findings: file.findings.map(({ code, serious, text, from }) => ({ code, serious, text, from })),
    probe: file.probe.map(({ object, outcome, text }) => ({ object: refDocument(object), outcome, text })),
    ghost: ghost === null ? null : ghostDocument(ghost),
    nextSteps: file.nextSteps.map(({ text, command }) => ({ text, command })),
    notes: file.notes.map(noteDocument),
  };
}

/** One case, `kind: LockCase`. */
function caseDocument(file: CaseFile) {
  return { apiVersion: API_VERSION, kind: 'LockCase', ...caseFields(file) };
}

/** One case by itself, several as the items of a `LockCaseList`. */
export function casesDocument(files: readonly CaseFile[]) {
  const [only] = files;
  if (only !== undefined && files.length === 1) return caseDocument(only);
  return { apiVersion: API_VERSION, kind: 'LockCaseList', items: files.map(caseDocument) };
}
