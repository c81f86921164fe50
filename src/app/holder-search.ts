import type { PodFacts, SearchScope } from '../core/holder.ts';
import type { Directory } from '../core/holder-directory.ts';
import { nodeFromObject, nodeFromRow } from '../core/node-facts.ts';
import { podFromObject } from '../core/pod-facts.ts';
import { NODES, PODS, type Resource } from '../core/resources.ts';
import type { AllRows } from './all-rows.ts';
import { mapBounded } from './bounded.ts';
import { hostnameSelectors } from './hostname-selectors.ts';
import { KnownObjects, type PodName, podKey } from './known-objects.ts';
import { PodRows } from './pod-rows.ts';
import type { Cluster, Consistency } from './ports.ts';
import type { Failure, Reads, Tried } from './reads.ts';

/** More objects of one namespace than this are looked up in a list of it rather than one by one. */
const ONE_BY_ONE = 16;

/** A list is worth it while it reads so many Pods at most for each that is wanted. */
const WORTH_LISTING = 20;

/** So many objects at most are read one by one, each in full. */
export const MOST_SINGLE_READS = 200;

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
  readonly #rows: PodRows;
  readonly #selected = new Map<string, Promise<void>>();
  readonly #storedPods = new Map<string, Promise<void>>();
  readonly #storedNodes = new Set<string>();
  readonly #called = new Set<string>();
  #nodeRows: Promise<void> | null = null;
  #allPods: Asked = 'not-asked';
  #allNodes: Asked = 'not-asked';

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
    this.#rows = new PodRows(cluster, reads, signal, this.#known);
  }

  get directory(): Directory {
    return this.#known.directory;
  }

  /** How much could be looked at so far. What nobody asked for counts as readable. */
  get scope(): SearchScope {
    const asked = this.#allPods === 'not-asked' ? this.#rows.failed : this.#allPods;
    const failed = asked === 'forbidden' || asked === 'unreadable' ? asked : null;
    const { readable } = this.#rows;
    const some = readable.size > 0 ? { namespaces: [...readable].sort() } : null;
    const nodes = this.#allNodes === 'forbidden' || this.#allNodes === 'unreadable' ? this.#allNodes : null;
    return { pods: failed === null ? 'everywhere' : (some ?? failed), nodes: nodes ?? 'everywhere' };
  }

  podsIn(namespace: string): readonly PodFacts[] {
    return this.#known.podsIn(namespace);
  }

  hasNode(name: string): boolean {
    return this.#known.hasNode(name);
  }

  get nodeCount(): number {
    return this.#known.nodeCount;
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
    return this.#rows.of(namespace);
  }

  /** The same for several, by reading all of them at once where that is cheaper. */
  readRowsOf(namespaces: readonly string[]): Promise<void> {
    return this.#rows.ofEach(namespaces);
  }

  hasRowsOf(namespace: string): boolean {
    return this.#rows.has(namespace);
  }

  /** Whether the rows of all Pods were read, or are about to be. */
  get hasAllRows(): boolean {
    return this.#rows.hasAll;
  }

  /** All Pods in all namespaces; null if they cannot be read. */
  async everywhere(): Promise<AllRows | null> {
    const { value, error } = await this.#rows.all();
    const failure = error === null ? null : this.#reads.tell('list', PODS, null, error);
    this.#allPods = afterAsking(this.#allPods, failure);
    return value;
  }

  /** Pods of a name in every namespace, in full. */
  readNamed(name: string): Promise<void> {
    return this.#readEverywhere(`metadata.name=${name}`);
  }

  /** Pods that have an address, in every namespace, in full. */
  readAt(address: string): Promise<void> {
    return this.#readEverywhere(`status.podIP=${address}`);
  }

  /** Each selector once. */
  #readEverywhere(fieldSelector: string): Promise<void> {
    const reading = this.#selected.get(fieldSelector) ?? this.#readSelected(fieldSelector);
    this.#selected.set(fieldSelector, reading);
    return reading;
  }

  async #readSelected(fieldSelector: string): Promise<void> {
    if (this.#allPods === 'forbidden') return;
    const { failure } = await this.#listPods(null, fieldSelector);
    this.#allPods = afterAsking(this.#allPods, failure);
  }

  /** The Pods of a namespace on one Node, in full. */
  async readOn(node: string, namespace: string): Promise<void> {
    await this.#listPods(namespace, `spec.nodeName=${node}`);
  }

  /** All Pods of a namespace, in full: host names that differ from names are told nowhere else. True if they could be read. */
  async readInFull(namespace: string): Promise<boolean> {
    return (await this.#listPods(namespace, null)).value !== null;
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

  /** One Pod as it is stored, in full; forgotten if it is no longer there. Read once. */
  readStoredPod(namespace: string, name: string): Promise<void> {
    const key = podKey({ namespace, name });
    const reading = this.#storedPods.get(key) ?? this.#readStoredPod(namespace, name);
    this.#storedPods.set(key, reading);
    return reading;
  }

  async #readStoredPod(namespace: string, name: string): Promise<void> {
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

  /** Whether these Nodes, which were found nowhere, are in the store: then they are read in full. Each is looked for once. */
  async findStoredNodes(wanted: readonly string[]): Promise<void> {
    const names = wanted.filter((name) => !this.#storedNodes.has(name));
    for (const name of names) this.#storedNodes.add(name);
    if (this.#allNodes === 'forbidden' || names.length === 0) return;
    if (names.length <= ONE_BY_ONE) return this.each(names, (name) => this.readStoredNode(name));
    const stored = await this.#storedKeys(NODES, null);
    const there = names.filter((name) => stored?.has(podKey({ namespace: '', name })));
    await this.each(there, (name) => this.readStoredNode(name));
  }

  /** Keys of all objects in the store, by their names alone; null if they cannot be read. */
  async #storedKeys(resource: Resource, namespace: string | null): Promise<Set<string> | null> {
    const where = namespace === null ? {} : { namespace };
    const request = { ...where, projection: 'names', consistency: 'quorum' } as const;
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

  /** Host name labels of those Nodes that are called by one of these names; each is asked for once. */
  async readNodesCalled(hostnames: readonly string[]): Promise<void> {
    if (this.#allNodes === 'forbidden') return;
    const wanted = hostnames.filter((name) => !this.#called.has(name));
    for (const name of wanted) this.#called.add(name);
    await this.each(hostnameSelectors(wanted), (selector) => this.#readNodesLabelled(selector));
  }

  async #readNodesLabelled(labelSelector: string): Promise<void> {
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
