/** Who else could take a lock that nobody renews. */
import type { ObjectRef } from '../core/cluster-object.ts';
import { stringAt } from '../core/fields.ts';
import type { Holder, PodFacts } from '../core/holder.ts';
import { componentsOf, podNamesIn, readIdentity } from '../core/identity.ts';
import type { LockRef } from '../core/lock.ts';
import { EVENTS } from '../core/resources.ts';
import { parseRfc3339 } from '../core/time.ts';
import { looksGenerated, workloadRef } from '../core/workload-names.ts';
import type { Sought } from './sought.ts';
import type { Means } from './traces.ts';
import type { Workloads } from './workload-catalog.ts';

function isSame(a: ObjectRef | null, b: ObjectRef): boolean {
  return a !== null && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

function workloadNamed(podName: string, namespace: string, workloads: Workloads): ObjectRef | null {
  const workload = workloads.names.of(podName, namespace);
  return workload === null ? null : workloadRef(workload);
}

function isFit(pod: PodFacts): boolean {
  return pod.status === 'Running' && pod.ready !== false;
}

function isHolder(pod: PodFacts, holder: Holder): boolean {
  return holder.ref?.kind === 'pod' && holder.ref.namespace === pod.namespace && holder.ref.name === pod.name;
}

/** Who runs, or could run, for a lock. */
export interface Contenders {
  /** Null for static Pods, which no workload makes. */
  workload: ObjectRef | null;
  /** Every Pod of it, fit or not, the holder's included. */
  pods: PodFacts[];
}

/** Pods of a workload; null when its namespace cannot be read. */
async function podsOf(workload: ObjectRef, { search, catalog }: Means): Promise<Contenders | null> {
  const { namespace } = workload;
  if (namespace === null || (await search.readRows(namespace)) === null) return null;
  const workloads = await catalog.in(namespace);
  const pods = search
    .podsIn(namespace)
    .filter((pod) => isSame(workloadNamed(pod.name, namespace, workloads), workload));
  return { workload, pods };
}

/** Static Pods of the lock's component; null if there is none at all, as where it runs outside Pods. */
async function staticPodsOf(lock: LockRef, { search }: Means): Promise<Contenders | null> {
  if ((await search.readRows(lock.namespace)) === null) return null;
  const pods = search
    .podsIn(lock.namespace)
    .filter(({ name, node }) => componentsOf(lock).some((component) => name === `${component}-${node}`));
  return pods.length === 0 ? null : { workload: null, pods };
}

const ELECTED = /^(.+) (?:became leader|stopped leading)$/s;

/** Who led last, as client-go's events tell it for an hour. */
async function lastLeader(lock: LockRef, { cluster, reads, signal }: Means): Promise<string | null> {
  const request = {
    namespace: lock.namespace,
    projection: 'full',
    consistency: 'cached',
    fieldSelector: `involvedObject.name=${lock.name},reason=LeaderElection`,
  } as const;
  const { value } = await reads.attempt('list', EVENTS, lock.namespace, () =>
    cluster.list(EVENTS, request, signal),
  );
  const told = (value?.items ?? []).flatMap((event) => {
    const identity = ELECTED.exec(stringAt(event, 'message') ?? '')?.[1];
    const at =
      parseRfc3339(stringAt(event, 'lastTimestamp')) ?? parseRfc3339(stringAt(event, 'eventTime')) ?? 0;
    return identity === undefined ? [] : [{ identity, at }];
  });
  return told.toSorted((a, b) => a.at - b.at).at(-1)?.identity ?? null;
}

/** The workload that campaigns for a lock which nobody holds: whoever led last, else the one named like the lock. */
async function workloadOfVacant(lock: LockRef, means: Means): Promise<ObjectRef | null> {
  const workloads = await means.catalog.in(lock.namespace);
  const identity = await lastLeader(lock, means);
  const names = identity === null ? [] : podNamesIn(readIdentity(identity, lock));
  for (const name of names) {
    const ref = workloadNamed(name, lock.namespace, workloads);
    if (ref !== null) return ref;
  }
  for (const component of componentsOf(lock)) {
    const named = workloads.all.find(
      ({ kind, name, namespace }) =>
        name === component && namespace === lock.namespace && kind !== 'ReplicaSet',
    );
    if (named !== undefined) return workloadRef(named);
  }
  return null;
}

/** True when every workload could be read and none of them gives its Pods such a name as the holder had. */
async function hasNoWorkload({ podNames, ref }: Sought, { catalog }: Means): Promise<boolean> {
  if (!podNames.some(looksGenerated)) return false;
  const read = await Promise.all([catalog.in(ref.namespace), catalog.everywhere()]);
  return read.every(({ complete }) => complete);
}

/** All Pods that belong to a lock's workload; null when it cannot be told which. Rejects only with `interrupted`. */
export async function findContenders(
  sought: Sought,
  holder: Holder,
  means: Means,
): Promise<Contenders | null> {
  const among = (workload: ObjectRef | null): Promise<Contenders | null> =>
    workload === null ? staticPodsOf(sought.ref, means) : podsOf(workload, means);
  switch (holder.presence) {
    case 'nobody':
      return among(await workloadOfVacant(sought.ref, means));
    case 'gone':
      return among(holder.workload);
    case 'unmatched':
      return (await hasNoWorkload(sought, means)) ? { workload: null, pods: [] } : null;
    case 'alive':
    case 'failing': {
      if (holder.pod === null) return among(null);
      const { name, namespace } = holder.pod;
      return among(workloadNamed(name, namespace, await means.catalog.in(namespace)));
    }
    case 'unknown':
      return null;
  }
}

/** The Pods besides the holder that could take the lock now. */
export function candidatesAmong({ pods }: Contenders, holder: Holder): PodFacts[] {
  return pods.filter((pod) => isFit(pod) && !isHolder(pod, holder));
}

/**
 * How many running, ready Pods besides the holder could take a silent or vacant lock; null when it cannot be told.
 * Rejects only with `interrupted`.
 */
export async function countCandidates(sought: Sought, holder: Holder, means: Means): Promise<number | null> {
  const contenders = await findContenders(sought, holder, means);
  return contenders === null ? null : candidatesAmong(contenders, holder).length;
}
