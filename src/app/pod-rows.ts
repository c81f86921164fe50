import type { LeaderError } from '../core/errors.ts';
import { PODS } from '../core/resources.ts';
import { AllRows } from './all-rows.ts';
import type { KnownObjects } from './known-objects.ts';
import type { Cluster, PrintedRow } from './ports.ts';
import type { Failure, Reads } from './reads.ts';

/** In more namespaces than this Pods are read in all of them at once: an old API server goes through all of them for each. */
export const MANY_NAMESPACES = 12;

type TriedAll = { value: AllRows; error: null } | { value: null; error: LeaderError };

/** The printed rows of Pods, each namespace read once, or all of them at once. */
export class PodRows {
  /** Namespaces that could be read. */
  readonly readable = new Set<string>();
  /** Why the first one that could not be read could not. */
  failed: Failure | null = null;
  readonly #cluster: Cluster;
  readonly #reads: Reads;
  readonly #signal: AbortSignal;
  readonly #known: KnownObjects;
  readonly #read = new Map<string, Promise<number | null>>();
  #all: Promise<TriedAll> | null = null;

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal, known: KnownObjects) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
    this.#known = known;
  }

  has(namespace: string): boolean {
    return this.#read.has(namespace);
  }

  /** Whether all of them were read at once, or are about to be. */
  get hasAll(): boolean {
    return this.#all !== null;
  }

  /** How many Pods a namespace has, or null if it cannot be read. */
  of(namespace: string): Promise<number | null> {
    const reading = this.#read.get(namespace) ?? this.#readOne(namespace);
    this.#read.set(namespace, reading);
    return reading;
  }

  /** Reads these namespaces, and all others too if that is cheaper. */
  async ofEach(namespaces: readonly string[]): Promise<void> {
    if (namespaces.length > MANY_NAMESPACES) await this.all();
    // At once: how many go on at a time is for `Reads` to say.
    await Promise.all(namespaces.map((namespace) => this.of(namespace)));
  }

  /** All rows at once, read once. A failure is told to nobody: namespace by namespace they may be readable. */
  all(): Promise<TriedAll> {
    this.#all ??= this.#readAll();
    return this.#all;
  }

  async #readAll(): Promise<TriedAll> {
    const named = { projection: 'names', consistency: 'cached' } as const;
    const [rows, names] = await Promise.all([
      this.#reads.quietly(() => this.#cluster.rows(PODS, {}, this.#signal)),
      this.#reads.quietly(() => this.#cluster.list(PODS, named, this.#signal)),
    ]);
    if (rows.error !== null) return rows;
    if (names.error !== null) return names;
    return { value: new AllRows(rows.value.rows, names.value.items), error: null };
  }

  async #readOne(namespace: string): Promise<number | null> {
    const known = (await this.#all)?.value?.in(namespace) ?? null;
    if (known !== null) return this.#keep(namespace, known);
    const ask = () => this.#cluster.rows(PODS, { namespace }, this.#signal);
    const { value, failure } = await this.#reads.attempt('list', PODS, namespace, ask);
    this.failed ??= failure;
    return value === null ? null : this.#keep(namespace, value.rows);
  }

  #keep(namespace: string, rows: readonly PrintedRow[]): number {
    this.readable.add(namespace);
    this.#known.keepPodRows(namespace, rows);
    return rows.length;
  }
}
