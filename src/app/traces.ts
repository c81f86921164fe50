/** What is left of holders that are nowhere: best effort. */
import { objectAt, stringAt } from '../core/fields.ts';
import type { Trace } from '../core/holder.ts';
import { componentsOf } from '../core/identity.ts';
import { recordOf } from '../core/lock.ts';
import { traceOfOwner } from '../core/owner-pod.ts';
import { LEASE_CANDIDATES, VOLUME_ATTACHMENTS } from '../core/resources.ts';
import { printable } from '../core/text.ts';
import { looksGenerated, traceOfName, traceOfStaticPod } from '../core/workload-names.ts';
import { begun } from './begun.ts';
import type { HolderSearch } from './holder-search.ts';
import type { LastLeaders } from './last-leaders.ts';
import type { Cluster } from './ports.ts';
import type { Reads } from './reads.ts';
import { lookForRemains, type Remains } from './remains.ts';
import type { Sought } from './sought.ts';
import type { WorkloadCatalog } from './workload-catalog.ts';

/** What a search for holders works with. */
export interface Means {
  cluster: Cluster;
  search: HolderSearch;
  catalog: WorkloadCatalog;
  leaders: LastLeaders;
  reads: Reads;
  signal: AbortSignal;
}

/** Every name of a Pod or a Node that the identity may carry. */
function objectNames({ podNames, nodeNames }: Sought): string[] {
  return [...new Set([...podNames, ...nodeNames])];
}

async function tracesOfNames(missing: Sought, { catalog, search }: Means): Promise<Trace[]> {
  const { ref, podNames: names } = missing;
  if (names.length === 0) return [];
  const own = await catalog.in(ref.namespace);
  for (const name of names) {
    const workload = own.names.of(name, ref.namespace);
    if (workload !== null) return [traceOfName(name, workload)];
    const trace = traceOfStaticPod(name, componentsOf(ref), (node) => search.hasNode(node));
    if (trace !== null) return [trace];
  }
  const generated = names.filter(looksGenerated);
  if (generated.length === 0) return [];
  const others = await catalog.everywhere();
  for (const name of generated) {
    const workload = others.names.anywhere(name);
    if (workload !== null) return [traceOfName(name, workload)];
  }
  return [];
}

/** Objects that are named after a Node, or name it, and that nobody deletes together with it at once. */
async function tracesOfNode(name: string, remains: Remains, { search }: Means): Promise<Trace[]> {
  const trace = (text: string, from: string): Trace => ({
    was: 'node',
    workload: null,
    evidence: { text, grade: 'read', from },
  });
  const [bound] = search.directory.podsOn(name);
  if (bound !== undefined) {
    const from = `pod ${printable(bound.namespace)}/${printable(bound.name)}`;
    return [trace('a pod is still assigned to a node of that name', from)];
  }
  const [hasCsiNode, hasHeartbeat] = await Promise.all([
    remains.hasCsiNode(name),
    remains.hasHeartbeat(name),
  ]);
  if (hasCsiNode) {
    return [trace('the volume drivers of a node of that name are still recorded', `csinode ${name}`)];
  }
  if (!hasHeartbeat) return [];
  return [trace('a node of that name has left its heartbeat', `lease kube-node-lease/${name}`)];
}

/** Volumes that are still attached to Nodes that are gone, by Node. */
async function attachmentsByNode({ cluster, reads, signal }: Means): Promise<Map<string, string>> {
  const request = { projection: 'full', consistency: 'cached' } as const;
  const ask = () => cluster.list(VOLUME_ATTACHMENTS, request, signal);
  const { value } = await reads.attempt('list', VOLUME_ATTACHMENTS, null, ask);
  return new Map(
    (value?.items ?? []).flatMap((object) => {
      const node = stringAt(objectAt(object, 'spec'), 'nodeName');
      return node === null ? [] : [[node, object.metadata.name ?? '']];
    }),
  );
}

/** The candidates of coordinated leader election, who register under their identities; each namespace is read once. */
function registry({ cluster, reads, signal }: Means): (namespace: string) => Promise<ReadonlySet<string>> {
  const namespaces = new Map<string, Promise<ReadonlySet<string>>>();
  const read = async (namespace: string): Promise<ReadonlySet<string>> => {
    const request = { namespace, projection: 'names', consistency: 'cached' } as const;
    const ask = () => cluster.list(LEASE_CANDIDATES, request, signal);
    const { value } = await reads.attempt('list', LEASE_CANDIDATES, namespace, ask);
    return new Set(value?.items.map(({ metadata }) => metadata.name ?? ''));
  };
  return (namespace) => {
    const reading = namespaces.get(namespace) ?? read(namespace);
    namespaces.set(namespace, reading);
    return reading;
  };
}

async function tracesOfCandidate(
  { lock, identity }: Sought,
  candidatesIn: (namespace: string) => Promise<ReadonlySet<string>>,
): Promise<Trace[]> {
  if (!recordOf(lock.primary)?.strategy || identity === null) return [];
  const { namespace } = lock.primary.ref;
  if (!(await candidatesIn(namespace)).has(identity)) return [];
  const from = `leasecandidate ${namespace}/${printable(identity)}`;
  const text = 'it registered as a candidate of this cluster';
  return [{ was: 'candidate', workload: null, evidence: { text, grade: 'read', from } }];
}

/** Events about the name first, then what is left of a Node of that name. */
async function tracesOfRemains(one: Sought, remains: Remains, means: Means): Promise<Trace[]> {
  const { namespace } = one.ref;
  const found = await Promise.all(
    objectNames(one).map(async (name) => {
      const [event, ofNode] = await Promise.all([
        remains.event({ name, namespace }),
        tracesOfNode(name, remains, means),
      ]);
      return event === null ? ofNode : [event];
    }),
  );
  return found.find((some) => some.length > 0) ?? [];
}

function traceOfAttachment(one: Sought, attached: ReadonlyMap<string, string>): Trace[] {
  return objectNames(one).flatMap((name): Trace[] => {
    const attachment = attached.get(name);
    if (attachment === undefined) return [];
    const text = 'a volume is still attached to a node of that name';
    const from = `volumeattachment ${printable(attachment)}`;
    return [{ was: 'node', workload: null, evidence: { text, grade: 'read', from } }];
  });
}

function ownTrace({ lock, podNames }: Sought): Trace[] {
  const trace = traceOfOwner(lock.primary, podNames);
  return trace === null ? [] : [trace];
}

/** The namespaces whose workloads may explain these holders. */
export function namespacesToExplain(missing: readonly Sought[]): string[] {
  const named = missing.filter((one) => one.podNames.length > 0 && ownTrace(one).length === 0);
  return [...new Set(named.map(({ ref }) => ref.namespace))];
}

/**
 * Traces of holders that were found nowhere, by `traceKey`. Rejects only with
 * `interrupted`: what cannot be read leaves no trace.
 */
export async function collectTraces(missing: readonly Sought[], means: Means): Promise<Map<string, Trace[]>> {
  const traces = new Map<string, Trace[]>();
  const distinct = [...new Map(missing.map((one) => [traceKey(one), one])).values()];
  const unexplained = () => distinct.filter((one) => (traces.get(traceKey(one)) ?? []).length === 0);
  /** How many requests go on at a time is for `Reads` to say. */
  const gather = async (find: (one: Sought) => Trace[] | Promise<Trace[]>): Promise<void> => {
    await Promise.all(
      unexplained().map(async (one) => {
        traces.set(traceKey(one), await find(one));
      }),
    );
  };
  await gather(ownTrace);
  await means.catalog.readAhead(namespacesToExplain(unexplained()));
  const candidatesIn = registry(means);
  await gather(async (one) => {
    const [ofNames, ofCandidate] = await Promise.all([
      tracesOfNames(one, means),
      tracesOfCandidate(one, candidatesIn),
    ]);
    return ofNames.length > 0 ? ofNames : ofCandidate;
  });
  const left = unexplained();
  if (left.length === 0) return traces;
  const lost = left.flatMap((one) =>
    objectNames(one).map((name) => ({ name, namespace: one.ref.namespace })),
  );
  const remains = lookForRemains(means, lost);
  const attached = begun(attachmentsByNode(means));
  await gather(async (one) => {
    const found = await tracesOfRemains(one, remains, means);
    return found.length > 0 ? found : traceOfAttachment(one, await attached);
  });
  return traces;
}

/** Locks of one namespace that have one holder share its traces. */
export function traceKey({ identity, ref }: Sought): string {
  return `${ref.namespace} ${identity}`;
}
