/** Who else could take a lock that nobody renews. */
import type { ObjectRef } from '../core/cluster-object.ts';
import type { Holder, PodFacts } from '../core/holder.ts';
import { componentsOf, podNamesIn, readIdentity } from '../core/identity.ts';
import type { LockRef } from '../core/lock.ts';
import { looksGenerated, workloadRef } from '../core/workload-names.ts';
import type { Sought } from './sought.ts';
import type { Means } from './traces.ts';
import type { Workloads } from './workload-catalog.ts';

function workloadNamed(podName: string, namespace: string, workloads: Workloads): ObjectRef | null {
  const workload = workloads.names.of(podName, namespace);
  return workload === null ? null : workloadRef(workload);
}

function keyOf(workload: ObjectRef | null): string {
  return workload === null ? '' : `${workload.kind}/${workload.namespace}/${workload.name}`;
}

/** The Pods of a namespace by their workload, worked out once for all its locks. */
const crews = new WeakMap<readonly PodFacts[], ReadonlyMap<string, PodFacts[]>>();

function crewOf(workload: ObjectRef, pods: readonly PodFacts[], workloads: Workloads): PodFacts[] {
  const known =
    crews.get(pods) ??
    Map.groupBy(pods, ({ name, namespace }) => keyOf(workloadNamed(name, namespace, workloads)));
  crews.set(pods, known);
  return known.get(keyOf(workload)) ?? [];
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
  /** Nodes that are not Ready: what is said of a Pod there is old. */
  lostNodes: ReadonlySet<string>;
}

function lostNodesOf(pods: readonly PodFacts[], { search }: Means): ReadonlySet<string> {
  const names = pods.flatMap(({ node }) => node ?? []);
  return new Set(
    names.filter((name) => {
      const node = search.directory.nodeNamed(name);
      return node !== null && node.ready !== true;
    }),
  );
}

/** Pods of a workload; null when its namespace cannot be read. */
async function podsOf(workload: ObjectRef, means: Means): Promise<Contenders | null> {
  const { search, catalog } = means;
  const { namespace } = workload;
  if (namespace === null || (await search.readRows(namespace)) === null) return null;
  const workloads = await catalog.in(namespace);
  const pods = crewOf(workload, search.podsIn(namespace), workloads);
  return { workload, pods, lostNodes: lostNodesOf(pods, means) };
}

/** Static Pods of the lock's component; null if there is none at all, as where it runs outside Pods. */
async function staticPodsOf(lock: LockRef, means: Means): Promise<Contenders | null> {
  const { search } = means;
  if ((await search.readRows(lock.namespace)) === null) return null;
  const components = componentsOf(lock);
  const pods = search
    .podsIn(lock.namespace)
    .filter(({ name, node }) => components.some((component) => name === `${component}-${node}`));
  return pods.length === 0 ? null : { workload: null, pods, lostNodes: lostNodesOf(pods, means) };
}

/** The workload that campaigns for a lock which nobody holds: whoever led last, else the one named like the lock. */
async function workloadOfVacant(lock: LockRef, means: Means): Promise<ObjectRef | null> {
  const workloads = await means.catalog.in(lock.namespace);
  const identity = await means.leaders.of(lock);
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
      return (await hasNoWorkload(sought, means)) ? { workload: null, pods: [], lostNodes: new Set() } : null;
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

/** The Pods that could take the lock now: not the holder's, unless another process runs in it by now. */
export function candidatesAmong({ pods, lostNodes }: Contenders, holder: Holder): PodFacts[] {
  const isLost = ({ node }: PodFacts): boolean => node !== null && lostNodes.has(node);
  return pods.filter((pod) => isFit(pod) && !isLost(pod) && (holder.reborn || !isHolder(pod, holder)));
}

/**
 * How many running, ready Pods besides the holder could take a silent or vacant lock; null when it cannot be told.
 * Rejects only with `interrupted`.
 */
export async function countCandidates(sought: Sought, holder: Holder, means: Means): Promise<number | null> {
  const contenders = await findContenders(sought, holder, means);
  return contenders === null ? null : candidatesAmong(contenders, holder).length;
}
