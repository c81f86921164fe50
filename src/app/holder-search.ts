import type { NodeFacts, PodFacts, SearchScope } from '../core/holder.ts';
import { type Directory, directoryOf } from '../core/holder-directory.ts';
import { HOSTNAME_LABEL, nodeFromObject, nodeFromRow } from '../core/node-facts.ts';
import { greatestAgeMs, podFromObject, podFromRow } from '../core/pod-facts.ts';
import { NAMESPACES, NODES, PODS } from '../core/resources.ts';
import { mapBounded } from './bounded.ts';
import type { Cluster } from './ports.ts';
import type { Failure, Reads } from './reads.ts';

function podKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** What a label's value may look like: nothing else can be put into a selector. */
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

type Asked = 'not-asked' | 'allowed' | Exclude<Failure, 'absent'>;

function afterAsking(asked: Asked, failure: Failure | null): Asked {
  if (failure === null || failure === 'absent') return asked === 'not-asked' ? 'allowed' : asked;
  return failure;
}

/** Reads Pods and Nodes piece by piece and keeps what was seen, the fuller facts over the fewer. */
export class HolderSearch {
  readonly #cluster: Cluster;
  readonly #reads: Reads;
  readonly #signal: AbortSignal;
  readonly #pods = new Map<string, PodFacts>();
  readonly #nodes = new Map<string, NodeFacts>();
  readonly #agesMs = new Map<string, number>();
  readonly #rows = new Map<string, Promise<number | null>>();
  readonly #readable = new Set<string>();
  #allPods: Asked = 'not-asked';
  #allNodes: Asked = 'not-asked';
  #rowsFailed: Failure | null = null;
  #directory: Directory | null = null;

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
  }

  get directory(): Directory {
    this.#directory ??= directoryOf([...this.#pods.values()], [...this.#nodes.values()]);
    return this.#directory;
  }

  /** How much could be looked at so far. What nobody asked for counts as readable. */
  get scope(): SearchScope {
    const asked = this.#allPods === 'not-asked' ? this.#rowsFailed : this.#allPods;
    const failed = asked === 'forbidden' || asked === 'unreadable' ? asked : null;
    const some = this.#readable.size > 0 ? { namespaces: [...this.#readable].sort() } : null;
    const nodes = this.#allNodes === 'forbidden' || this.#allNodes === 'unreadable' ? this.#allNodes : null;
    return { pods: failed === null ? 'everywhere' : (some ?? failed), nodes: nodes ?? 'everywhere' };
  }

  podsIn(namespace: string): PodFacts[] {
    return [...this.#pods.values()].filter((pod) => pod.namespace === namespace);
  }

  hasNode(name: string): boolean {
    return this.#nodes.has(name);
  }

  /** The most that a Pod's age can be by its printed row, milliseconds; null when no row told. */
  greatestAgeMs(pod: PodFacts): number | null {
    return this.#agesMs.get(podKey(pod)) ?? null;
  }

  async readNodes(): Promise<void> {
    const ask = () => this.#cluster.rows(NODES, {}, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', NODES, null, ask);
    this.#allNodes = afterAsking(this.#allNodes, failure);
    for (const row of value?.rows ?? []) {
      const node = nodeFromRow(row);
      if (node !== null) this.#keepNode(node);
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
    for (const row of value.rows) {
      const pod = podFromRow(row, namespace);
      if (pod === null) continue;
      this.#keepPod(pod);
      const ageMs = greatestAgeMs(row);
      if (ageMs !== null) this.#agesMs.set(podKey(pod), ageMs);
    }
    return value.rows.length;
  }

  hasRowsOf(namespace: string): boolean {
    return this.#rows.has(namespace);
  }

  /** The names of all Pods in all namespaces, without their namespaces; null if that cannot be read. */
  async namesEverywhere(): Promise<Set<string> | null> {
    const ask = () => this.#cluster.rows(PODS, {}, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', PODS, null, ask);
    this.#allPods = afterAsking(this.#allPods, failure);
    return value === null ? null : new Set(value.rows.flatMap((row) => podFromRow(row, '')?.name ?? []));
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
    this.#allPods = afterAsking(this.#allPods, await this.#listPods(null, fieldSelector));
  }

  /** The Pods of a namespace on one Node, in full. */
  async readOn(node: string, namespace: string): Promise<void> {
    await this.#listPods(namespace, `spec.nodeName=${node}`);
  }

  /** All Pods of a namespace, in full: host names that differ from names are told nowhere else. */
  async readInFull(namespace: string): Promise<void> {
    await this.#listPods(namespace, null);
  }

  async #listPods(namespace: string | null, fieldSelector: string | null): Promise<Failure | null> {
    const request = {
      projection: 'full',
      consistency: 'cached',
      ...(namespace !== null && { namespace }),
      ...(fieldSelector !== null && { fieldSelector }),
    } as const;
    const ask = () => this.#cluster.list(PODS, request, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', PODS, namespace, ask);
    for (const object of value?.items ?? []) {
      const pod = podFromObject(object);
      if (pod !== null) this.#keepPod(pod);
    }
    return failure;
  }

  /** One Pod as it is stored, in full; forgotten if it is no longer there. */
  async readStoredPod(namespace: string, name: string): Promise<void> {
    const options = { projection: 'full', consistency: 'quorum' } as const;
    const ask = () => this.#cluster.get(PODS, namespace, name, options, this.#signal);
    const { value, failure } = await this.#reads.attempt('get', PODS, namespace, ask);
    const pod = value === null ? null : podFromObject(value.object);
    if (pod !== null) this.#keepPod(pod);
    else if (failure === 'absent' && this.#pods.delete(podKey({ namespace, name }))) this.#directory = null;
  }

  /** One Node as it is stored, in full; forgotten if it is no longer there. */
  async readStoredNode(name: string): Promise<void> {
    if (this.#allNodes === 'forbidden') return;
    const options = { projection: 'full', consistency: 'quorum' } as const;
    const ask = () => this.#cluster.get(NODES, null, name, options, this.#signal);
    const { value, failure } = await this.#reads.attempt('get', NODES, null, ask);
    const node = value === null ? null : nodeFromObject(value.object);
    if (node !== null) this.#keepNode(node);
    else if (failure === 'absent' && this.#nodes.delete(name)) this.#directory = null;
  }

  /** Host name labels of those Nodes that are called by one of these names. */
  async readNodesCalled(hostnames: readonly string[]): Promise<void> {
    const values = hostnames.filter((name) => LABEL_VALUE.test(name));
    if (values.length === 0 || this.#allNodes === 'forbidden') return;
    const labelSelector = `${HOSTNAME_LABEL} in (${values.join(',')})`;
    const request = { projection: 'full', consistency: 'cached', labelSelector } as const;
    const ask = () => this.#cluster.list(NODES, request, this.#signal);
    const { value } = await this.#reads.attempt('list', NODES, null, ask);
    for (const object of value?.items ?? []) {
      const node = nodeFromObject(object);
      if (node !== null) this.#keepNode(node);
    }
  }

  /** Runs one reading for each of the items, a few at a time. */
  async each<Item>(items: Iterable<Item>, read: (item: Item) => Promise<unknown>): Promise<void> {
    await mapBounded([...new Set(items)], read);
  }

  #keepPod(pod: PodFacts): void {
    const known = this.#pods.get(podKey(pod));
    if (known?.detailed === true && !pod.detailed) return;
    this.#pods.set(podKey(pod), pod);
    this.#directory = null;
  }

  #keepNode(node: NodeFacts): void {
    this.#nodes.set(node.name, node);
    this.#directory = null;
  }
}
