/** What is left of holders that are nowhere: best effort, and bounded by how few of them are asked about one by one. */
import type { ClusterObject } from '../core/cluster-object.ts';
import { objectAt, stringAt } from '../core/fields.ts';
import type { Trace } from '../core/holder.ts';
import { componentsOf } from '../core/identity.ts';
import { recordOf } from '../core/lock.ts';
import {
  CSI_NODES,
  EVENTS,
  LEASE_CANDIDATES,
  LEASES,
  type Resource,
  VOLUME_ATTACHMENTS,
} from '../core/resources.ts';
import { printable } from '../core/text.ts';
import { looksGenerated, traceOfName, traceOfStaticPod } from '../core/workload-names.ts';
import type { HolderSearch } from './holder-search.ts';
import type { Cluster } from './ports.ts';
import type { Reads } from './reads.ts';
import type { Sought } from './sought.ts';
import type { WorkloadCatalog } from './workload-catalog.ts';

/** More names than this are not asked about one by one: an event or a node object each. */
const ASKED_ONE_BY_ONE = 12;

const NODE_LEASES = 'kube-node-lease';

/** What a search for holders works with. */
export interface Means {
  cluster: Cluster;
  search: HolderSearch;
  catalog: WorkloadCatalog;
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

function traceOfEvent(event: ClusterObject): Trace | null {
  const about = objectAt(event, 'involvedObject');
  const kind = stringAt(about, 'kind');
  if (kind !== 'Pod' && kind !== 'Node') return null;
  const was = kind.toLowerCase();
  const reason = printable(stringAt(event, 'reason') ?? '');
  const text = `an event ${reason} tells of a ${was} of that name`;
  const from = `event ${printable(event.metadata.namespace ?? '')}/${printable(event.metadata.name ?? '')}`;
  return { was, workload: null, evidence: { text, grade: 'read', from } };
}

/** Events about a Pod or a Node of that name; in the lock's namespace only where no more may be read. */
async function tracesOfEvents(
  name: string,
  missing: Sought,
  { cluster, reads, signal }: Means,
): Promise<Trace[]> {
  const request = {
    projection: 'full',
    consistency: 'cached',
    fieldSelector: `involvedObject.name=${name}`,
  } as const;
  const all = await reads.attempt('list', EVENTS, null, () => cluster.list(EVENTS, request, signal));
  const { namespace } = missing.ref;
  const { value } =
    all.failure === 'forbidden'
      ? await reads.attempt('list', EVENTS, namespace, () =>
          cluster.list(EVENTS, { ...request, namespace }, signal),
        )
      : all;
  const traces = (value?.items ?? []).flatMap((event) => traceOfEvent(event) ?? []);
  const last = traces.at(-1);
  return last === undefined ? [] : [last];
}

/** Objects that are named after a Node, or name it, and that nobody deletes together with it at once. */
async function tracesOfNode(name: string, { cluster, search, reads, signal }: Means): Promise<Trace[]> {
  const trace = (text: string, from: string): Trace => ({
    was: 'node',
    workload: null,
    evidence: { text, grade: 'read', from },
  });
  const exists = async (resource: Resource, namespace: string | null): Promise<boolean> => {
    const options = { projection: 'metadata', consistency: 'cached' } as const;
    const ask = () => cluster.get(resource, namespace, name, options, signal);
    return (await reads.attempt('get', resource, namespace, ask)).value !== null;
  };
  const [bound] = search.directory.podsOn(name);
  if (bound !== undefined) {
    const from = `pod ${printable(bound.namespace)}/${printable(bound.name)}`;
    return [trace('a pod is still assigned to a node of that name', from)];
  }
  if (await exists(CSI_NODES, null)) {
    return [trace('the volume drivers of a node of that name are still recorded', `csinode ${name}`)];
  }
  const hasLease = await exists(LEASES, NODE_LEASES);
  return hasLease
    ? [trace('a node of that name has left its heartbeat', `lease ${NODE_LEASES}/${name}`)]
    : [];
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

/** A candidate of coordinated leader election registers under its identity. */
async function tracesOfCandidate(missing: Sought, { cluster, reads, signal }: Means): Promise<Trace[]> {
  const { primary } = missing.lock;
  if (!recordOf(primary)?.strategy) return [];
  const { namespace } = primary.ref;
  const request = { namespace, projection: 'metadata', consistency: 'cached' } as const;
  const ask = () => cluster.list(LEASE_CANDIDATES, request, signal);
  const { value } = await reads.attempt('list', LEASE_CANDIDATES, namespace, ask);
  if (!value?.items.some(({ metadata }) => metadata.name === missing.identity)) return [];
  const from = `leasecandidate ${namespace}/${printable(missing.identity ?? '')}`;
  const text = 'it registered as a candidate of this cluster';
  return [{ was: 'candidate', workload: null, evidence: { text, grade: 'read', from } }];
}

/**
 * Traces of holders that were found nowhere, by `traceKey`. Rejects only with
 * `interrupted`: what cannot be read leaves no trace.
 */
export async function collectTraces(missing: readonly Sought[], means: Means): Promise<Map<string, Trace[]>> {
  const traces = new Map<string, Trace[]>();
  const unexplained = () => missing.filter((one) => (traces.get(traceKey(one)) ?? []).length === 0);
  const gather = async (ones: readonly Sought[], find: (one: Sought) => Promise<Trace[]>): Promise<void> => {
    const distinct = new Map(ones.map((one) => [traceKey(one), one]));
    await means.search.each(distinct.values(), async (one) => {
      traces.set(traceKey(one), await find(one));
    });
  };
  await gather(missing, (one) => tracesOfNames(one, means));
  await gather(unexplained(), (one) => tracesOfCandidate(one, means));
  await gather(unexplained().slice(0, ASKED_ONE_BY_ONE), async (one) => {
    for (const name of objectNames(one)) {
      const events = await tracesOfEvents(name, one, means);
      const found = events.length > 0 ? events : await tracesOfNode(name, means);
      if (found.length > 0) return found;
    }
    return [];
  });
  const still = unexplained();
  if (still.length === 0) return traces;
  const attached = await attachmentsByNode(means);
  await gather(still, async (one) =>
    objectNames(one).flatMap((name): Trace[] => {
      const attachment = attached.get(name);
      if (attachment === undefined) return [];
      const text = 'a volume is still attached to a node of that name';
      const from = `volumeattachment ${printable(attachment)}`;
      return [{ was: 'node', workload: null, evidence: { text, grade: 'read', from } }];
    }),
  );
  return traces;
}

/** Locks of one namespace that have one holder share its traces. */
export function traceKey({ identity, ref }: Sought): string {
  return `${ref.namespace} ${identity}`;
}
