import type { Case } from './judge.ts';
import { durationOf } from './judge-renewal.ts';
import { type LockRef, recordOf } from './lock.ts';
import { proseDuration } from './time.ts';
import type { VerdictCode } from './verdict.ts';

const KUBECTL_KIND: Readonly<Record<LockRef['kind'], string>> = {
  lease: 'leases.coordination.k8s.io',
  endpoints: 'endpoints',
  configmap: 'configmaps',
};

function get(ref: LockRef): string {
  return `kubectl -n ${ref.namespace} get ${KUBECTL_KIND[ref.kind]} ${ref.name} -o yaml`;
}

function logs({ holder }: Case): string[] {
  const pod = holder.pod;
  return pod === null ? [] : [`kubectl -n ${pod.namespace} logs ${pod.name} --tail=50`];
}

const SHARED_CAUSE =
  'Do not release: many locks are late together, so look at the API server, etcd, admission webhooks or the network first';

/** What to do about each verdict, most important first. An advice never says to free a lock that is being renewed. */
const ADVICE: Record<VerdictCode, (facts: Case) => string[]> = {
  Ghost: () => [
    'Do not delete the lock: the ghost takes it back at once',
    'A process that has no Pod and no Node here holds it: stop its container or its machine, or take its credentials away, then free the lock',
  ],
  Frozen: (facts) => [
    'See why its updates fail: the log says "failed to renew lease" or "the object has been modified"',
    ...logs(facts),
    'If every update is answered 409 Conflict, deleting the lock object lets the same holder create it anew',
  ],
  Split: ({ lock }) => [
    'Both halves must name one holder: find which process really leads before touching either',
    get(lock.primary.ref),
  ],
  Invalid: ({ lock }) => [
    'Every candidate fails on this record until it is repaired or removed',
    get(lock.primary.ref),
  ],
  Orphaned: ({ candidates }) =>
    candidates === 0
      ? ['Nobody is running who could take it: start the workload, freeing the lock changes nothing']
      : [
          'The holder cannot renew any more: candidates take the lock when its duration has passed; if they do not, read their logs',
        ],
  Leaderless: () => [
    'The lock is free and nobody takes it: check that the workload runs, and that it may update the lock',
  ],
  Failing: (facts) => ['The holder renews but is not fit to lead: see what is wrong with it', ...logs(facts)],
  Late: ({ lock }) => [
    `Renewals come close to the duration of ${proseDuration(durationOf(recordOf(lock.primary)))}: look at the API server's latency and the holder's CPU before touching the lock`,
  ],
  Flapping: (facts) => [
    'See why leaders give up: restarts, throttled CPU, a slow API server',
    ...logs(facts),
  ],
  Stranger: () => [
    'Something outside this cluster, or under an unknown name, renews it: find out whose identity this is before acting',
  ],
  Silent: () => [
    'Whether the holder is there could not be told: ask for the right to read pods and nodes, or look yourself',
  ],
  Undecided: () => [],
  Abandoned: ({ lock }) => [
    `Nothing uses it any more: it may be deleted, it blocks nobody`,
    get(lock.primary.ref),
  ],
  Vacant: () => [],
  Held: () => [],
  Healthy: () => [],
};

export function adviceFor(verdict: VerdictCode, facts: Case): string[] {
  if (facts.commonCause) return [SHARED_CAUSE];
  return ADVICE[verdict](facts);
}
