import type { ClusterObject } from '../core/cluster-object.ts';
import { objectAt, stringAt } from '../core/fields.ts';
import type { LockRef } from '../core/lock.ts';
import { EVENTS } from '../core/resources.ts';
import { parseRfc3339 } from '../core/time.ts';
import type { Cluster, ListScope } from './ports.ts';
import type { Reads } from './reads.ts';

const ELECTED = /^(.+) (?:became leader|stopped leading)$/s;

function timeOf(event: ClusterObject): number {
  return parseRfc3339(stringAt(event, 'lastTimestamp')) ?? parseRfc3339(stringAt(event, 'eventTime')) ?? 0;
}

/** In more namespaces than this, all of them are asked at once. */
const FEW_NAMESPACES = 2;

/** Identities by namespace and name of the lock. */
type Told = ReadonlyMap<string, string>;

/** Who led a lock last, as client-go's events tell it for an hour. Each namespace is asked once, or all at once for many. */
export class LastLeaders {
  readonly #cluster: Cluster;
  readonly #reads: Reads;
  readonly #signal: AbortSignal;
  readonly #namespaces = new Map<string, Promise<Told>>();
  #all: Promise<Told | null> | null = null;

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
  }

  /** An identity; null where no event tells, or none may be read. */
  async of({ namespace, name }: LockRef): Promise<string | null> {
    return (await this.#in(namespace)).get(`${namespace}/${name}`) ?? null;
  }

  /** Reads what will be asked for: together it may be cheaper than one by one. */
  async readAhead(namespaces: readonly string[]): Promise<void> {
    if (namespaces.length > FEW_NAMESPACES) await this.#readAll();
    await Promise.all(namespaces.map((namespace) => this.#in(namespace)));
  }

  #in(namespace: string): Promise<Told> {
    const reading = this.#namespaces.get(namespace) ?? this.#read(namespace);
    this.#namespaces.set(namespace, reading);
    return reading;
  }

  async #read(namespace: string): Promise<Told> {
    const all = await this.#all;
    if (all != null) return all;
    const ask = () => this.#list({ namespace });
    return (await this.#reads.attempt('list', EVENTS, namespace, ask)).value ?? new Map();
  }

  /** A failure is told to nobody: namespace by namespace they may be readable. */
  #readAll(): Promise<Told | null> {
    this.#all ??= this.#reads.quietly(() => this.#list({})).then(({ value }) => value);
    return this.#all;
  }

  async #list(scope: ListScope): Promise<Told> {
    const fieldSelector = 'reason=LeaderElection';
    const request = { ...scope, projection: 'full', consistency: 'cached', fieldSelector } as const;
    const { items } = await this.#cluster.list(EVENTS, request, this.#signal);
    const events = items.toSorted((a, b) => timeOf(a) - timeOf(b));
    // Of several events about a lock the last one stays.
    const told = events.flatMap((event): [string, string][] => {
      const identity = ELECTED.exec(stringAt(event, 'message') ?? '')?.[1];
      const name = stringAt(objectAt(event, 'involvedObject'), 'name');
      const { namespace = '' } = event.metadata;
      return identity === undefined || name === null ? [] : [[`${namespace}/${name}`, identity]];
    });
    return new Map(told);
  }
}
