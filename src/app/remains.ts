/** Events and objects that outlive a Pod or a Node of that name: asked for one by one, or read at once for many. */
import type { ClusterObject } from '../core/cluster-object.ts';
import { objectAt, stringAt } from '../core/fields.ts';
import type { Trace } from '../core/holder.ts';
import { CSI_NODES, EVENTS, LEASES, type Resource } from '../core/resources.ts';
import { printable } from '../core/text.ts';
import type { ListScope } from './ports.ts';
import type { Tried } from './reads.ts';
import type { Means } from './traces.ts';

const NODE_LEASES = 'kube-node-lease';

/** Events about Nodes, which have no namespace, are kept in this one. */
const EVENTS_OF_NODES = 'default';

/** In more namespaces than this, events are read in all of them at once. */
const NAMESPACES_ONE_BY_ONE = 50;

/** What is left of a Pod or a Node. */
export interface Remains {
  /** What an event in the lock's namespace, or anywhere, tells of a name. */
  event(name: string, namespace: string): Promise<Trace | null>;
  hasCsiNode(name: string): Promise<boolean>;
  hasHeartbeat(name: string): Promise<boolean>;
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

function listEvents(
  { cluster, reads, signal }: Means,
  namespace: string | null,
  fieldSelector: string,
): Promise<Tried<ClusterObject[]>> {
  const scope: ListScope = { fieldSelector, ...(namespace !== null && { namespace }) };
  const request = { ...scope, projection: 'full', consistency: 'cached' } as const;
  return reads.attempt('list', EVENTS, namespace, async () => {
    return (await cluster.list(EVENTS, request, signal)).items;
  });
}

/** One question a name. */
export function askForRemains(means: Means): Remains {
  const { cluster, reads, signal } = means;
  const exists = async (resource: Resource, namespace: string | null, name: string): Promise<boolean> => {
    const options = { projection: 'metadata', consistency: 'cached' } as const;
    const ask = () => cluster.get(resource, namespace, name, options, signal);
    return (await reads.attempt('get', resource, namespace, ask)).value !== null;
  };
  return {
    async event(name, namespace) {
      const selector = `involvedObject.name=${name}`;
      const all = await listEvents(means, null, selector);
      // In the lock's namespace only, where no more may be read.
      const { value } = all.failure === 'forbidden' ? await listEvents(means, namespace, selector) : all;
      return (value ?? []).flatMap((event) => traceOfEvent(event) ?? []).at(-1) ?? null;
    },
    hasCsiNode: (name) => exists(CSI_NODES, null, name),
    hasHeartbeat: (name) => exists(LEASES, NODE_LEASES, name),
  };
}

/**
 * Everything that could be asked for, read at once. Events about Pods are read in the namespaces of the locks, or in all
 * where those are many.
 */
export async function readRemains(means: Means, namespaces: readonly string[]): Promise<Remains> {
  const { cluster, reads, signal } = means;
  const namesOf = async (resource: Resource, namespace: string | null): Promise<ReadonlySet<string>> => {
    const where = namespace === null ? {} : { namespace };
    const request = { ...where, projection: 'metadata', consistency: 'cached' } as const;
    const ask = () => cluster.list(resource, request, signal);
    const { value } = await reads.attempt('list', resource, namespace, ask);
    return new Set(value?.items.map(({ metadata }) => metadata.name ?? ''));
  };
  const told = new Map<string, Trace>();
  const readEvents = async (namespace: string | null, kind: string): Promise<boolean> => {
    const { value } = await listEvents(means, namespace, `involvedObject.kind=${kind}`);
    for (const event of value ?? []) {
      const trace = traceOfEvent(event);
      const name = stringAt(objectAt(event, 'involvedObject'), 'name');
      if (trace !== null && name !== null) told.set(name, trace);
    }
    return value !== null;
  };
  const readEach = (): Promise<void> =>
    means.search.each(namespaces, (namespace) => readEvents(namespace, 'Pod'));
  const readPodEvents = async (): Promise<void> => {
    if (namespaces.length > NAMESPACES_ONE_BY_ONE && (await readEvents(null, 'Pod'))) return;
    await readEach();
  };
  const [csiNodes, heartbeats] = await Promise.all([
    namesOf(CSI_NODES, null),
    namesOf(LEASES, NODE_LEASES),
    readPodEvents(),
    readEvents(EVENTS_OF_NODES, 'Node'),
  ]);
  return {
    event: (name) => Promise.resolve(told.get(name) ?? null),
    hasCsiNode: (name) => Promise.resolve(csiNodes.has(name)),
    hasHeartbeat: (name) => Promise.resolve(heartbeats.has(name)),
  };
}
