/** The Pod or Node behind the lock, more closely than the list looks at it. */
import type { ClusterObject, ObjectRef, OwnerReference } from '../../core/cluster-object.ts';
import type { HolderDetails, NodeDetails, PodDetails } from '../../core/describe/case-file.ts';
import { incarnationOf } from '../../core/describe/incarnation.ts';
import { nodeDetails, podDetails } from '../../core/describe/pod-details.ts';
import { readIdentity } from '../../core/identity.ts';
import { nodeFromObject } from '../../core/node-facts.ts';
import type { LockReport } from '../../core/report.ts';
import { LEASES, NODES, PODS, type Resource } from '../../core/resources.ts';
import type { Means } from '../traces.ts';
import { workloadResource } from '../workload-catalog.ts';

/** Owners of owners beyond this are a loop. */
const LONGEST_CHAIN = 6;

/** One object, or null. */
export async function readOne(
  resource: Resource,
  namespace: string | null,
  name: string,
  projection: 'full' | 'metadata',
  { cluster, reads, signal }: Means,
): Promise<ClusterObject | null> {
  const options = { projection, consistency: 'cached' } as const;
  const ask = () => cluster.get(resource, namespace, name, options, signal);
  return (await reads.attempt('get', resource, namespace, ask)).value?.object ?? null;
}

async function ownersOf(object: ClusterObject, means: Means): Promise<ObjectRef[]> {
  const owners: ObjectRef[] = [];
  const { namespace = null } = object.metadata;
  let at: ClusterObject | null = object;
  while (at !== null && owners.length < LONGEST_CHAIN) {
    const owner: OwnerReference | undefined = at.metadata.ownerReferences?.find(
      ({ controller }) => controller === true,
    );
    if (owner?.kind === undefined || owner.name === undefined) break;
    const isNode = owner.kind === 'Node';
    owners.push({ kind: owner.kind.toLowerCase(), namespace: isNode ? null : namespace, name: owner.name });
    // An owner that is no workload ends the chain by its name.
    const resource = workloadResource(owner.kind);
    at = resource === undefined ? null : await readOne(resource, namespace, owner.name, 'metadata', means);
  }
  return owners;
}

async function lookAtPod(
  report: LockReport,
  means: Means,
): Promise<{ pod: PodDetails; owners: ObjectRef[] } | null> {
  const { pod } = report.holder;
  if (pod === null) return null;
  const object = await readOne(PODS, pod.namespace, pod.name, 'full', means);
  const details = object === null ? null : podDetails(object);
  return object === null || details === null ? null : { pod: details, owners: await ownersOf(object, means) };
}

async function lookAtNode(report: LockReport, means: Means): Promise<NodeDetails | null> {
  const name = report.holder.node?.name ?? report.holder.pod?.node ?? null;
  if (name === null) return null;
  const [object, heartbeat] = await Promise.all([
    readOne(NODES, null, name, 'full', means),
    readOne(LEASES, 'kube-node-lease', name, 'full', means),
  ]);
  const facts = object === null ? null : nodeFromObject(object);
  return object === null || facts === null ? null : nodeDetails(name, facts.status, object, heartbeat);
}

/** Rejects only with `interrupted`. */
export async function lookAtHolder(report: LockReport, means: Means): Promise<HolderDetails> {
  const { identity, rule } = report.holder;
  const readings = identity === null ? [] : readIdentity(identity, report.lock.primary.ref);
  const [found, node] = await Promise.all([lookAtPod(report, means), lookAtNode(report, means)]);
  const pod = found?.pod ?? null;
  return {
    reading: readings.find((one) => one.rule === rule)?.says ?? null,
    pod,
    node,
    owners: found?.owners ?? [],
    incarnation: incarnationOf(report, pod, node),
  };
}
