import type { ClusterObject } from '../core/cluster-object.ts';
import type { LeaderError } from '../core/errors.ts';
import {
  DAEMONSETS,
  DEPLOYMENTS,
  JOBS,
  REPLICASETS,
  type Resource,
  STATEFULSETS,
} from '../core/resources.ts';
import { type Workload, type WorkloadKind, WorkloadNames } from '../core/workload-names.ts';
import { mapBounded } from './bounded.ts';
import type { Cluster, ListScope } from './ports.ts';
import type { Reads } from './reads.ts';

interface WorkloadSource {
  kind: WorkloadKind;
  resource: Resource;
}

const SOURCES: readonly WorkloadSource[] = [
  { kind: 'DaemonSet', resource: DAEMONSETS },
  { kind: 'Deployment', resource: DEPLOYMENTS },
  { kind: 'StatefulSet', resource: STATEFULSETS },
  { kind: 'ReplicaSet', resource: REPLICASETS },
  { kind: 'Job', resource: JOBS },
];

/** The resource of a kind of workload, in whatever case it is written; undefined for what is none. */
export function workloadResource(kind: string): Resource | undefined {
  return SOURCES.find((source) => source.kind.toLowerCase() === kind.toLowerCase())?.resource;
}

/** Kinds that are few enough to be listed across all namespaces: ReplicaSets and Jobs pile up by the thousand. */
const FEW_ANYWHERE = SOURCES.filter(({ kind }) => kind === 'DaemonSet' || kind === 'Deployment');

function workloadFrom(kind: WorkloadKind, { metadata }: ClusterObject): Workload | null {
  const { name, namespace, ownerReferences } = metadata;
  if (name === undefined || namespace === undefined) return null;
  const controller = ownerReferences?.find((reference) => reference.controller === true);
  const owned = kind === 'ReplicaSet' && controller?.kind !== undefined && controller.name !== undefined;
  return {
    kind,
    namespace,
    name,
    owner: owned ? { kind: controller.kind ?? '', name: controller.name ?? '' } : null,
  };
}

/** In more namespaces than this, all of them are read at once. */
const FEW_NAMESPACES = 2;

export interface Workloads {
  all: readonly Workload[];
  names: WorkloadNames;
  /** False when some kind could not be read: then a name that fits nothing says nothing. */
  complete: boolean;
}

type Anywhere = { value: readonly Workload[]; error: null } | { value: null; error: LeaderError };

/** Lists of some kinds as one; a kind that could not be read is null. */
function joined(lists: readonly (readonly Workload[] | null)[]): Workloads {
  const all = lists.flatMap((list) => list ?? []);
  return { all, names: new WorkloadNames(all), complete: !lists.includes(null) };
}

/** The workloads that name Pods, by their metadata alone; each namespace is read once, or all at once where many are asked for. */
export class WorkloadCatalog {
  readonly #cluster: Cluster;
  readonly #reads: Reads;
  readonly #signal: AbortSignal;
  readonly #namespaces = new Map<string, Promise<Workloads>>();
  readonly #anywhere = new Map<WorkloadKind, Promise<Anywhere>>();
  #everywhere: Promise<Workloads> | null = null;
  #all: Promise<Workloads | null> | null = null;

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
  }

  /** All workloads of a namespace, and perhaps those of others: names are told apart by namespace. */
  in(namespace: string): Promise<Workloads> {
    const answer = this.#namespaces.get(namespace) ?? this.#read(namespace);
    this.#namespaces.set(namespace, answer);
    return answer;
  }

  /** Reads what will be asked for: together it may be cheaper than one by one. */
  async readAhead(namespaces: readonly string[]): Promise<void> {
    if (namespaces.length > FEW_NAMESPACES) await this.#readAll();
    await Promise.all(namespaces.map((namespace) => this.in(namespace)));
  }

  /** DaemonSets and Deployments of all namespaces. */
  everywhere(): Promise<Workloads> {
    this.#everywhere ??= mapBounded(FEW_ANYWHERE, async (source) => {
      const { value, error } = await this.#listAnywhere(source);
      if (error !== null) this.#reads.tell('list', source.resource, null, error);
      return value;
    }).then(joined);
    return this.#everywhere;
  }

  async #read(namespace: string): Promise<Workloads> {
    if (this.#all === null && this.#namespaces.size < FEW_NAMESPACES) {
      return joined(await mapBounded(SOURCES, (source) => this.#listIn(source, namespace)));
    }
    const all = await this.#readAll();
    if (all !== null) return all;
    const lists = await mapBounded(SOURCES, async (source) => {
      const { value, error } = await this.#listAnywhere(source);
      return error === null ? value : this.#listIn(source, namespace);
    });
    return joined(lists);
  }

  /** Null when some kind cannot be read in all namespaces. */
  #readAll(): Promise<Workloads | null> {
    this.#all ??= mapBounded(SOURCES, (source) => this.#listAnywhere(source)).then((lists) =>
      lists.some(({ error }) => error !== null) ? null : joined(lists.map(({ value }) => value)),
    );
    return this.#all;
  }

  async #listIn({ kind, resource }: WorkloadSource, namespace: string): Promise<readonly Workload[] | null> {
    const ask = () => this.#list(kind, resource, { namespace });
    return (await this.#reads.attempt('list', resource, namespace, ask)).value;
  }

  /** A failure is told to nobody: namespace by namespace they may be readable. */
  #listAnywhere({ kind, resource }: WorkloadSource): Promise<Anywhere> {
    const answer = this.#anywhere.get(kind) ?? this.#reads.quietly(() => this.#list(kind, resource, {}));
    this.#anywhere.set(kind, answer);
    return answer;
  }

  async #list(kind: WorkloadKind, resource: Resource, scope: ListScope): Promise<Workload[]> {
    const request = { ...scope, projection: 'metadata', consistency: 'cached' } as const;
    const { items } = await this.#cluster.list(resource, request, this.#signal);
    return items.flatMap((object) => workloadFrom(kind, object) ?? []);
  }
}
