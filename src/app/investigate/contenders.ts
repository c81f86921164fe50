/** Who could take the lock, and whether they may. */
import type { ClusterObject, ObjectRef } from '../../core/cluster-object.ts';
import type { Contender, ContenderFacts, LeaseCandidate, PodDetails } from '../../core/describe/case-file.ts';
import { missingRole } from '../../core/describe/missing-role.ts';
import { podDetails } from '../../core/describe/pod-details.ts';
import { numberAt, objectAt, stringAt } from '../../core/fields.ts';
import type { Holder, PodFacts } from '../../core/holder.ts';
import { type LockHalf, recordOf } from '../../core/lock.ts';
import { LEASE_CANDIDATES, PODS } from '../../core/resources.ts';
import { parseRfc3339 } from '../../core/time.ts';
import { findContenders } from '../candidates.ts';
import type { Sought } from '../sought.ts';
import type { Means } from '../traces.ts';
import { workloadResource } from '../workload-catalog.ts';
import { readOne } from './holder.ts';
import { type Account, rightsOf } from './rights.ts';

/** So many Pods at most are read one by one and shown. */
const SHOWN_PODS = 12;

/** A Pod without a ServiceAccount of its own runs under this one. */
const DEFAULT_ACCOUNT = 'default';

function readWorkload(ref: ObjectRef | null, means: Means): Promise<ClusterObject | null> {
  const resource = ref === null ? undefined : workloadResource(ref.kind);
  if (ref === null || resource === undefined) return Promise.resolve(null);
  return readOne(resource, ref.namespace, ref.name, 'full', means);
}

function wantedBy(workload: ClusterObject | null): number | null {
  return (
    numberAt(objectAt(workload, 'spec'), 'replicas') ??
    numberAt(objectAt(workload, 'status'), 'desiredNumberScheduled') ??
    numberAt(objectAt(workload, 'spec'), 'parallelism')
  );
}

/** The ServiceAccount that a workload gives to its Pods. */
function accountOf(workload: ClusterObject | null, ref: ObjectRef | null): Account[] {
  const template = objectAt(objectAt(objectAt(workload, 'spec'), 'template'), 'spec');
  if (template === null || ref === null || ref.namespace === null) return [];
  return [{ namespace: ref.namespace, name: stringAt(template, 'serviceAccountName') ?? DEFAULT_ACCOUNT }];
}

async function readPod({ namespace, name }: PodFacts, means: Means): Promise<PodDetails[]> {
  const object = await readOne(PODS, namespace, name, 'full', means);
  const details = object === null ? null : podDetails(object);
  return details === null ? [] : [details];
}

async function leaseCandidatesFor(
  { ref, content }: LockHalf,
  { cluster, reads, signal }: Means,
): Promise<LeaseCandidate[] | null> {
  if (ref.kind !== 'lease' || content.state !== 'record') return null;
  const { namespace } = ref;
  const request = { namespace, projection: 'full', consistency: 'cached' } as const;
  const ask = () => cluster.list(LEASE_CANDIDATES, request, signal);
  const { value } = await reads.attempt('list', LEASE_CANDIDATES, namespace, ask);
  if (value === null) return null;
  return value.items.flatMap((object) => {
    const spec = objectAt(object, 'spec');
    const { name } = object.metadata;
    if (name === undefined || stringAt(spec, 'leaseName') !== ref.name) return [];
    return [
      {
        name,
        renewTime: parseRfc3339(stringAt(spec, 'renewTime')),
        binaryVersion: stringAt(spec, 'binaryVersion'),
        preferred: content.record.preferredHolder === name,
      },
    ];
  });
}

/** The holder's own Pod first, then by name. */
function inOrder(pods: readonly PodFacts[], { pod }: Holder): PodFacts[] {
  const others = pods.filter((one) => one.namespace !== pod?.namespace || one.name !== pod.name);
  return [...(pod === null ? [] : [pod]), ...others.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}

export interface Candidacy {
  facts: ContenderFacts;
  /** Under which the workload's Pods run, whether any runs or not; null when that is not known. */
  account: Account | null;
}

/** Rejects only with `interrupted`. */
export async function lookAtContenders(
  sought: Sought,
  holder: Holder,
  halves: readonly LockHalf[],
  means: Means,
): Promise<Candidacy> {
  const found = await findContenders(sought, holder, means);
  const ref = found?.workload ?? holder.workload;
  const pods = inOrder(found?.pods ?? [], holder);
  const lease = halves.find((half) => half.ref.kind === 'lease' && recordOf(half) !== null);
  const [workload, details, leaseCandidates] = await Promise.all([
    readWorkload(ref, means),
    Promise.all(pods.slice(0, SHOWN_PODS).map((pod) => readPod(pod, means))).then((read) => read.flat()),
    lease === undefined ? null : leaseCandidatesFor(lease, means),
  ]);
  const template = accountOf(workload, ref);
  const own = details.map(({ namespace, serviceAccount }) => ({
    ...{ namespace, name: serviceAccount ?? DEFAULT_ACCOUNT },
  }));
  const serviceAccounts = await rightsOf([...template, ...own], halves, means);
  const deniedTo = (pod: PodDetails): Contender['denied'] =>
    serviceAccounts.find(
      ({ namespace, name }) =>
        namespace === pod.namespace && name === (pod.serviceAccount ?? DEFAULT_ACCOUNT),
    )?.denied ?? null;
  const barred = serviceAccounts.filter(({ denied }) => denied !== null && denied.length > 0);
  return {
    account: template[0] ?? own[0] ?? null,
    facts: {
      workload: ref,
      wanted: wantedBy(workload),
      pods: details.map((pod) => ({
        pod,
        isHolder: pod.namespace === holder.pod?.namespace && pod.name === holder.pod.name,
        denied: deniedTo(pod),
      })),
      more: Math.max(0, pods.length - SHOWN_PODS),
      leaseCandidates,
      serviceAccounts,
      missingRole: missingRole(
        halves.map((half) => half.ref),
        barred,
      ),
    },
  };
}
