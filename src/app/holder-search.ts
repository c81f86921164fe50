import type { PodFacts, SearchScope } from '../core/holder.ts';
import type { Directory } from '../core/holder-directory.ts';
import { canonicalAddress } from '../core/host-name.ts';
import { HOSTNAME_LABEL, nodeFromObject, nodeFromRow } from '../core/node-facts.ts';
import { podFromObject, podFromRow } from '../core/pod-facts.ts';
import { NAMESPACES, NODES, PODS, type Resource } from '../core/resources.ts';
import { mapBounded } from './bounded.ts';
import { KnownObjects, type PodName, podKey } from './known-objects.ts';
import type { Cluster, Consistency } from './ports.ts';
import type { Failure, Reads, Tried } from './reads.ts';

/** More objects of one namespace than this are looked up in a list of it rather than one by one. */
const ONE_BY_ONE = 16;

/** A list is worth it while it reads so many Pods at most for each that is wanted. */
const WORTH_LISTING = 20;

/** So many objects at most are read one by one, each in full. */
export const MOST_SINGLE_READS = 200;

/** So many host names are put into one selector. */
const NAMES_A_SELECTOR = 200;

/** What a label's value may look like: nothing else can be put into a selector. */
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

type Asked = 'not-asked' | 'allowed' | Exclude<Failure, 'absent'>;

function afterAsking(asked: Asked, failure: Failure | null): Asked {
  if (failure === null || failure === 'absent') return asked === 'not-asked' ? 'allowed' : asked;
  return failure;
}

/** Reads Pods and Nodes piece by piece, as cheaply as the number of those that are wanted allows. */
export class HolderSearch {
  readonly #cluster: Cluster;
  readonly #reads: Reads;
  readonly #signal: AbortSignal;
  readonly #known = new KnownObjects();
  readonly #rows = new Map<string, Promise<number | null>>();
  #nodeRows: Promise<void> | null = null;
  readonly #readable = new Set<string>();
  #allPods: Asked = 'not-asked';
  #allNodes: Asked = 'not-asked';
  #rowsFailed: Failure | null = null;

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
  }

  get directory(): Directory {
    return this.#known.directory;
  }

  /** How much could be looked at so far. What nobody asked for counts as readable. */
  get scope(): SearchScope {
    const asked = this.#allPods === 'not-asked' ? this.#rowsFailed : this.#allPods;
    const failed = asked === 'forbidden' || asked === 'unreadable' ? asked : null;
    const some = this.#readable.size > 0 ? { namespaces: [...this.#readable].sort() } : null;
    const nodes = this.#allNodes === 'forbidden' || this.#allNodes === 'unreadable' ? this.#allNodes : null;
    return { pods: failed === null ? 'everywhere' : (some ?? failed), nodes: nodes ?? 'everywhere' };
  }

  podsIn(namespace: string): readonly PodFacts[] {
    return this.#known.podsIn(namespace);
  }

  hasNode(name: string): boolean {
    return this.#known.hasNode(name);
  }

  /** The most that a Pod's age can be by its printed row, milliseconds; null when no row told. */
  greatestAgeMs(pod: PodFacts): number | null {
    return this.#known.greatestAgeMs(pod);
  }

  /** The printed rows of all Nodes, read once. */
  readNodes(): Promise<void> {
    this.#nodeRows ??= this.#readNodes();
    return this.#nodeRows;
  }

  async #readNodes(): Promise<void> {
    const ask = () => this.#cluster.rows(NODES, {}, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', NODES, null, ask);
    this.#allNodes = afterAsking(this.#allNodes, failure);
    for (const row of value?.rows ?? []) {
      const node = nodeFromRow(row);
      if (node !== null) this.#known.keepNode(node);
    }
  }

  /** The printed rows of a namespace's Pods, read once; how many there are, or null if they cannot be read. */
  readRows(namespace: string): Promise<number | null> {
    const reading = this.#rows.get(namespace) ?? this.#readRows(namespace);
    this.#rows.set(namespace, reading);
    return reading;
  }

  async #readRows(namespace: string): Promise<number | null> {
    const ask = () => this.#cluster.rows(PODS, { namespace }, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', PODS, namespace, ask);
    this.#rowsFailed ??= failure;
    if (value === null) return null;
    this.#readable.add(namespace);
    this.#known.keepPodRows(namespace, value.rows);
    return value.rows.length;
  }

  hasRowsOf(namespace: string): boolean {
    return this.#rows.has(namespace);
  }

  /** The names and addresses of all Pods in all namespaces, without their namespaces; null if that cannot be read. */
  async everywhere(): Promise<{ names: Set<string>; addresses: Set<string> } | null> {
    const ask = () => this.#cluster.rows(PODS, {}, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', PODS, null, ask);
    this.#allPods = afterAsking(this.#allPods, failure);
    if (value === null) return null;
    const pods = value.rows.flatMap((row) => podFromRow(row, '') ?? []);
    const addresses = pods.flatMap(({ podIPs }) => podIPs.flatMap((ip) => canonicalAddress(ip) ?? []));
    return { names: new Set(pods.map(({ name }) => name)), addresses: new Set(addresses) };
  }

  async namespaces(): Promise<string[] | null> {
    const request = { projection: 'metadata', consistency: 'cached' } as const;
    const ask = () => this.#cluster.list(NAMESPACES, request, this.#signal);
    const { value } = await this.#reads.attempt('list', NAMESPACES, null, ask);
    return value === null ? null : value.items.flatMap(({ metadata }) => metadata.name ?? []);
  }

  /** Pods of a name in every namespace, in full. */
  readNamed(name: string): Promise<void> {
    return this.#readEverywhere(`metadata.name=${name}`);
  }

  /** Pods that have an address, in every namespace, in full. */
  readAt(address: string): Promise<void> {
    return this.#readEverywhere(`status.podIP=${address}`);
  }

  async #readEverywhere(fieldSelector: string): Promise<void> {
    if (this.#allPods === 'forbidden') return;
    const { failure } = await this.#listPods(null, fieldSelector);
    this.#allPods = afterAsking(this.#allPods, failure);
  }

  /** The Pods of a namespace on one Node, in full. */
  async readOn(node: string, namespace: string): Promise<void> {
    await this.#listPods(namespace, `spec.nodeName=${node}`);
  }

  /** All Pods of a namespace, in full: host names that differ from names are told nowhere else. */
  async readInFull(namespace: string): Promise<void> {
    await this.#listPods(namespace, null);
  }

  /** What was read of the Pods, all of it kept. */
  async #listPods(
    namespace: string | null,
    fieldSelector: string | null,
    consistency: Consistency = 'cached',
  ): Promise<Tried<PodFacts[]>> {
    const request = {
      projection: 'full',
      consistency,
      ...(namespace !== null && { namespace }),
      ...(fieldSelector !== null && { fieldSelector }),
    } as const;
    const ask = () => this.#cluster.list(PODS, request, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', PODS, namespace, ask);
    if (value === null) return { value, failure };
    const pods = value.items.flatMap((object) => podFromObject(object) ?? []);
    for (const pod of pods) this.#known.keepPod(pod);
    return { value: pods, failure };
  }

  /** One Pod as it is stored, in full; forgotten if it is no longer there. */
  async readStoredPod(namespace: string, name: string): Promise<void> {
    const options = { projection: 'full', consistency: 'quorum' } as const;
    const ask = () => this.#cluster.get(PODS, namespace, name, options, this.#signal);
    const { value, failure } = await this.#reads.attempt('get', PODS, namespace, ask);
    const pod = value === null ? null : podFromObject(value.object);
    if (pod !== null) this.#known.keepPod(pod);
    else if (failure === 'absent') this.#known.forgetPod({ namespace, name });
  }

  /** Whether these Pods, which were found nowhere, are in the store: then they are read in full. */
  async findStoredPods(pods: readonly PodName[]): Promise<void> {
    const byNamespace = Map.groupBy(pods, ({ namespace }) => namespace);
    const requests = [...byNamespace.values()].reduce(
      (sum, own) => sum + (own.length > ONE_BY_ONE ? 1 : own.length),
      0,
    );
    const groups: Iterable<readonly [string | null, readonly PodName[]]> =
      requests > MOST_SINGLE_READS ? [[null, pods]] : byNamespace;
    const read = (some: readonly PodName[]) =>
      this.each(some, ({ namespace, name }) => this.readStoredPod(namespace, name));
    await this.each(groups, async ([namespace, own]) => {
      if (namespace !== null && own.length <= ONE_BY_ONE) return read(own);
      const stored = await this.#storedKeys(PODS, namespace);
      // Where the store cannot be listed the first reading stands.
      return read(own.filter((pod) => stored?.has(podKey(pod))));
    });
  }

  /** Whether these Nodes, which were found nowhere, are in the store: then they are read in full. */
  async findStoredNodes(names: readonly string[]): Promise<void> {
    if (this.#allNodes === 'forbidden') return;
    if (names.length <= ONE_BY_ONE) return this.each(names, (name) => this.readStoredNode(name));
    const stored = await this.#storedKeys(NODES, null);
    const there = names.filter((name) => stored?.has(podKey({ namespace: '', name })));
    await this.each(there, (name) => this.readStoredNode(name));
  }

  /** Keys of all objects in the store, by their metadata alone; null if they cannot be read. */
  async #storedKeys(resource: Resource, namespace: string | null): Promise<Set<string> | null> {
    const where = namespace === null ? {} : { namespace };
    const request = { ...where, projection: 'metadata', consistency: 'quorum' } as const;
    const ask = () => this.#cluster.list(resource, request, this.#signal);
    const { value } = await this.#reads.attempt('list', resource, namespace, ask);
    if (value === null) return null;
    return new Set(
      value.items.map(({ metadata: { namespace: space = '', name = '' } }) =>
        podKey({ namespace: space, name }),
      ),
    );
  }

  /**
   * Reads Pods again as they are stored, in full: one by one, or by listing their namespace where many of it are wanted.
   * Gives those that were passed over, because they could only be read one by one and are too many for that.
   */
  async readStoredPods(pods: readonly PodName[]): Promise<PodName[]> {
    const single: PodName[] = [];
    await this.each(
      Map.groupBy(pods, ({ namespace }) => namespace),
      async ([namespace, own]) => {
        const count = own.length > ONE_BY_ONE ? await this.readRows(namespace) : null;
        const isWorthIt = count !== null && count <= own.length * WORTH_LISTING;
        if (!isWorthIt || !(await this.#readWhole(namespace, own))) single.push(...own);
      },
    );
    await this.each(single.slice(0, MOST_SINGLE_READS), (pod) => this.readStoredPod(pod.namespace, pod.name));
    return single.slice(MOST_SINGLE_READS);
  }

  /** True if the namespace could be read; these Pods of it are forgotten if they are no longer there. */
  async #readWhole(namespace: string, pods: readonly PodName[]): Promise<boolean> {
    const { value } = await this.#listPods(namespace, null, 'quorum');
    if (value === null) return false;
    const stored = new Set(value.map(podKey));
    for (const pod of pods) if (!stored.has(podKey(pod))) this.#known.forgetPod(pod);
    return true;
  }

  /** One Node as it is stored, in full; forgotten if it is no longer there. */
  async readStoredNode(name: string): Promise<void> {
    if (this.#allNodes === 'forbidden') return;
    const options = { projection: 'full', consistency: 'quorum' } as const;
    const ask = () => this.#cluster.get(NODES, null, name, options, this.#signal);
    const { value, failure } = await this.#reads.attempt('get', NODES, null, ask);
    const node = value === null ? null : nodeFromObject(value.object);
    if (node !== null) this.#known.keepNode(node);
    else if (failure === 'absent') this.#known.forgetNode(name);
  }

  /** Host name labels of those Nodes that are called by one of these names. */
  async readNodesCalled(hostnames: readonly string[]): Promise<void> {
    const values = hostnames.filter((name) => LABEL_VALUE.test(name));
    const parts = Array.from({ length: Math.ceil(values.length / NAMES_A_SELECTOR) }, (_, part) =>
      values.slice(part * NAMES_A_SELECTOR, (part + 1) * NAMES_A_SELECTOR),
    );
    if (this.#allNodes !== 'forbidden') await this.each(parts, (part) => this.#readNodesLabelled(part));
  }

  async #readNodesLabelled(values: readonly string[]): Promise<void> {
    const labelSelector = `${HOSTNAME_LABEL} in (${values.join(',')})`;
    const request = { projection: 'full', consistency: 'cached', labelSelector } as const;
    const ask = () => this.#cluster.list(NODES, request, this.#signal);
    const { value } = await this.#reads.attempt('list', NODES, null, ask);
    for (const object of value?.items ?? []) {
      const node = nodeFromObject(object);
      if (node !== null) this.#known.keepNode(node);
    }
  }

  /** Runs one reading for each of the items, a few at a time. */
  async each<Item>(items: Iterable<Item>, read: (item: Item) => Promise<unknown>): Promise<void> {
    await mapBounded([...new Set(items)], read);
  }
}
