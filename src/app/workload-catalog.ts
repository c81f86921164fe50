import type { ClusterObject } from '../core/cluster-object.ts';
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
import type { Cluster } from './ports.ts';
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

/** So many namespaces are read one by one; beyond that, all of them at once is cheaper. */
const ONE_BY_ONE = 12;

export interface Workloads {
  all: readonly Workload[];
  names: WorkloadNames;
  /** False when some kind could not be read: then a name that fits nothing says nothing. */
  complete: boolean;
}

/** The workloads that name Pods, by their metadata alone; each namespace is read once. */
export class WorkloadCatalog {
  readonly #cluster: Cluster;
  readonly #reads: Reads;
  readonly #signal: AbortSignal;
  readonly #read = new Map<string, Promise<Workloads>>();

  constructor(cluster: Cluster, reads: Reads, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#signal = signal;
  }

  /** All workloads of a namespace, and perhaps those of others: names are told apart by namespace. */
  in(namespace: string): Promise<Workloads> {
    const oneByOne = this.#read.has(namespace) || this.#read.size < ONE_BY_ONE;
    return oneByOne ? this.#once(namespace, namespace, SOURCES) : this.#once('all of them', null, SOURCES);
  }

  /** DaemonSets and Deployments of all namespaces. */
  everywhere(): Promise<Workloads> {
    return this.#once('few kinds of all', null, FEW_ANYWHERE);
  }

  /** Keys with a space cannot be mistaken for a namespace. */
  #once(key: string, namespace: string | null, sources: readonly WorkloadSource[]): Promise<Workloads> {
    const answer = this.#read.get(key) ?? this.#list(namespace, sources);
    this.#read.set(key, answer);
    return answer;
  }

  async #list(namespace: string | null, sources: readonly WorkloadSource[]): Promise<Workloads> {
    const answers = await mapBounded(sources, async ({ kind, resource }) => {
      const where = namespace === null ? {} : { namespace };
      const request = { ...where, projection: 'metadata', consistency: 'cached' } as const;
      const ask = () => this.#cluster.list(resource, request, this.#signal);
      const { value } = await this.#reads.attempt('list', resource, namespace, ask);
      return value?.items.flatMap((object) => workloadFrom(kind, object) ?? []);
    });
    const all = answers.flatMap((workloads) => workloads ?? []);
    return { all, names: new WorkloadNames(all), complete: answers.every((one) => one !== undefined) };
  }
}
