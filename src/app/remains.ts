/** Events and objects that outlive a Pod or a Node of that name: asked for one by one, or read at once for many. */
import type { ClusterObject } from '../core/cluster-object.ts';
import { objectAt, stringAt } from '../core/fields.ts';
import type { Trace } from '../core/holder.ts';
import { CSI_NODES, EVENTS, LEASES, type Resource } from '../core/resources.ts';
import { printable } from '../core/text.ts';
import { begun } from './begun.ts';
import type { ListScope } from './ports.ts';
import type { Means } from './traces.ts';

const NODE_LEASES = 'kube-node-lease';

/** Events about Nodes, which have no namespace, are kept in this one. */
const EVENTS_OF_NODES = 'default';

/** In more namespaces than this, events are read in all of them at once. */
const FEW_NAMESPACES = 6;

/** Up to this many names events are asked about one by one. */
const FEW_NAMES = 12;

/** Up to this many names are asked for one by one in any case. */
const VERY_FEW_NAMES = 2;

/** A list is worth it while it has so many Nodes at most for each name that is asked for. */
const WORTH_LISTING = 100;

/** A name of which something may be left, and the namespace of its lock. */
export interface Lost {
  name: string;
  namespace: string;
}

/** What an event in the lock's namespace, or anywhere, tells of a name. */
type EventOf = (lost: Lost) => Promise<Trace | null>;

/** What is left of a Pod or a Node. */
export interface Remains {
  event: EventOf;
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

async function listEvents(
  { cluster, signal }: Means,
  namespace: string | null,
  fieldSelector: string,
): Promise<ClusterObject[]> {
  const scope: ListScope = { fieldSelector, ...(namespace !== null && { namespace }) };
  const request = { ...scope, projection: 'full', consistency: 'cached' } as const;
  return (await cluster.list(EVENTS, request, signal)).items;
}

/** One question a name. */
function eventsByName(means: Means): EventOf {
  const ask = (namespace: string | null, name: string) =>
    means.reads.attempt('list', EVENTS, namespace, () =>
      listEvents(means, namespace, `involvedObject.name=${name}`),
    );
  return async ({ name, namespace }) => {
    const all = await ask(null, name);
    // In the lock's namespace only, where no more may be read.
    const { value } = all.failure === 'forbidden' ? await ask(namespace, name) : all;
    return (value ?? []).flatMap((event) => traceOfEvent(event) ?? []).at(-1) ?? null;
  };
}

/** All events about Pods in the namespaces of the locks, or in all where those are many; and those about Nodes. */
function eventsAtOnce(means: Means, namespaces: readonly string[]): EventOf {
  const told = new Map<string, Trace>();
  const keep = (events: readonly ClusterObject[]): void => {
    for (const event of events) {
      const trace = traceOfEvent(event);
      const name = stringAt(objectAt(event, 'involvedObject'), 'name');
      if (trace !== null && name !== null) told.set(name, trace);
    }
  };
  const readIn = async (namespace: string, kind: string): Promise<void> => {
    const ask = () => listEvents(means, namespace, `involvedObject.kind=${kind}`);
    keep((await means.reads.attempt('list', EVENTS, namespace, ask)).value ?? []);
  };
  const readAboutPods = async (): Promise<void> => {
    if (namespaces.length > FEW_NAMESPACES) {
      // A failure is no gap yet: namespace by namespace they may be readable.
      const { value } = await means.reads.quietly(() => listEvents(means, null, 'involvedObject.kind=Pod'));
      if (value !== null) return keep(value);
    }
    await means.search.each(namespaces, (namespace) => readIn(namespace, 'Pod'));
  };
  const read = begun(Promise.all([readAboutPods(), readIn(EVENTS_OF_NODES, 'Node')]));
  return async ({ name }) => {
    await read;
    return told.get(name) ?? null;
  };
}

type Exists = (name: string) => Promise<boolean>;

/** One question a name. */
function objectsByName(
  { cluster, reads, signal }: Means,
  resource: Resource,
  namespace: string | null,
): Exists {
  const options = { projection: 'metadata', consistency: 'cached' } as const;
  return async (name) => {
    const ask = () => cluster.get(resource, namespace, name, options, signal);
    return (await reads.attempt('get', resource, namespace, ask)).value !== null;
  };
}

/** `orElse`: how to ask where they may not be listed; null when they are too many for that. */
function objectsAtOnce(
  { cluster, reads, signal }: Means,
  resource: Resource,
  namespace: string | null,
  orElse: Exists | null,
): Exists {
  const where = namespace === null ? {} : { namespace };
  const request = { ...where, projection: 'names', consistency: 'cached' } as const;
  const listed = begun(
    reads.quietly(async () => {
      const { items } = await cluster.list(resource, request, signal);
      return new Set(items.map(({ metadata }) => metadata.name));
    }),
  );
  return async (name) => {
    const { value, error } = await listed;
    if (error === null) return value.has(name);
    if (error.code === 'forbidden' && orElse !== null) return orElse(name);
    reads.tell('list', resource, namespace, error);
    return false;
  };
}

/** Looks for what is left of these, each by itself or everything at once, as their number allows. */
export function lookForRemains(means: Means, lost: readonly Lost[]): Remains {
  const count = new Set(lost.map(({ name }) => name)).size;
  const namespaces = [...new Set(lost.map(({ namespace }) => namespace))];
  const isListWorthIt =
    count > FEW_NAMES || (count > VERY_FEW_NAMES && means.search.nodeCount <= count * WORTH_LISTING);
  const objects = (resource: Resource, namespace: string | null): Exists => {
    const byName = objectsByName(means, resource, namespace);
    if (!isListWorthIt) return byName;
    return objectsAtOnce(means, resource, namespace, count > FEW_NAMES ? null : byName);
  };
  return {
    event: count > FEW_NAMES ? eventsAtOnce(means, namespaces) : eventsByName(means),
    hasCsiNode: objects(CSI_NODES, null),
    hasHeartbeat: objects(LEASES, NODE_LEASES),
  };
}
