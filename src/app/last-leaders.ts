import type { ClusterObject } from '../core/cluster-object.ts';
import { objectAt, stringAt } from '../core/fields.ts';
import type { LockRef } from '../core/lock.ts';
import { EVENTS } from '../core/resources.ts';
import { parseRfc3339 } from '../core/time.ts';
import type { Cluster } from './ports.ts';
import type { Reads } from './reads.ts';

const ELECTED = /^(.+) (?:became leader|stopped leading)$/s;

function timeOf(event: ClusterObject): number {
  return parseRfc3339(stringAt(event, 'lastTimestamp')) ?? parseRfc3339(stringAt(event, 'eventTime')) ?? 0;
}

/** Who led a lock last, as client-go's events tell it for an hour. Each namespace is asked once, for all its locks. */
export class LastLeaders {
  readonly #cluster: Cluster;
  readonly #reads: Reads;
  readonly #signal: AbortSignal;
  readonly #namespaces = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
  }

  /** An identity; null where no event tells, or none may be read. */
  async of({ namespace, name }: LockRef): Promise<string | null> {
    const reading = this.#namespaces.get(namespace) ?? this.#read(namespace);
    this.#namespaces.set(namespace, reading);
    return (await reading).get(name) ?? null;
  }

  async #read(namespace: string): Promise<ReadonlyMap<string, string>> {
    const fieldSelector = 'reason=LeaderElection';
    const request = { namespace, projection: 'full', consistency: 'cached', fieldSelector } as const;
    const ask = () => this.#cluster.list(EVENTS, request, this.#signal);
    const { value } = await this.#reads.attempt('list', EVENTS, namespace, ask);
    const events = (value?.items ?? []).toSorted((a, b) => timeOf(a) - timeOf(b));
    // Of several events about a lock the last one stays.
    const told = events.flatMap((event): [string, string][] => {
      const identity = ELECTED.exec(stringAt(event, 'message') ?? '')?.[1];
      const name = stringAt(objectAt(event, 'involvedObject'), 'name');
      return identity === undefined || name === null ? [] : [[name, identity]];
    });
    return new Map(told);
  }
}
