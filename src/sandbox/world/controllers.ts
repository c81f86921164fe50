import type { Clock } from '../../app/ports.ts';
import type { ClusterObject } from '../../core/cluster-object.ts';
import {
  DAEMONSETS,
  DEPLOYMENTS,
  EVENTS,
  LEASES,
  NODES,
  PODS,
  REPLICASETS,
  type Resource,
  STATEFULSETS,
} from '../../core/resources.ts';
import { formatSecondTime, parseRfc3339 } from '../../core/time.ts';
import { KNOWN_RESOURCES } from '../kinds.ts';
import { textAt } from '../selectors.ts';
import type { Store } from '../store.ts';
import type { Pace } from './pace.ts';
import { lost } from './pod-status.ts';
import { podOf, replicaSetOf, suffix } from './workload.ts';

const MANAGER = 'kube-controller-manager';

/** How often it looks, seconds. */
const TICK_SECONDS = 0.5;

/** A node whose kubelet is silent for so long is not Ready any more, seconds. */
const GRACE_SECONDS = 40;

const WORKLOADS: readonly Resource[] = [REPLICASETS, STATEFULSETS, DAEMONSETS];

export interface ControllersMeans {
  store: Store;
  clock: Clock;
  pace: Pace;
  random: () => number;
  /** Controllers work only while the controller manager leads. */
  leads: () => boolean;
}

function isOver(pod: ClusterObject): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));
}

function isReady(object: ClusterObject): boolean {
  const { conditions = [] } = (object.status ?? {}) as { conditions?: unknown[] };
  return conditions.some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
}

/** The part of the control plane that makes and removes Pods: what workloads want, and what nobody owns any more. */
export class Controllers {
  readonly #means: ControllersMeans;
  #dirty = true;

  constructor(means: ControllersMeans) {
    this.#means = means;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, pace, leads } = this.#means;
    const unsubscribe = store.onChange(({ resource }) => {
      this.#dirty ||= resource !== LEASES && resource !== EVENTS;
    });
    while (!signal.aborted) {
      if (leads()) this.#work();
      await clock.sleep(pace.ms(TICK_SECONDS), signal);
    }
    unsubscribe();
  }

  #work(): void {
    this.#watchNodes();
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#collectGarbage();
    this.#scaleDeployments();
    for (const resource of WORKLOADS) {
      for (const workload of this.#means.store.list(resource)) this.#fill(resource, workload);
    }
    this.#schedule();
  }

  /** Nodes that do not report are not Ready, nor are the Pods on them. */
  #watchNodes(): void {
    const { store, pace } = this.#means;
    for (const node of store.list(NODES)) {
      const name = node.metadata.name ?? '';
      const beat = store.find(LEASES, 'kube-node-lease', name);
      const at = parseRfc3339((beat?.spec as { renewTime?: unknown } | undefined)?.renewTime);
      if (!isReady(node) || at === null || store.serverNow() - at < pace.ms(GRACE_SECONDS)) continue;
      const { conditions = [] } = (node.status ?? {}) as { conditions?: object[] };
      const others = conditions.filter((one) => textAt(one, 'type') !== 'Ready');
      const unknown = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' };
      const status = { ...(node.status as object), conditions: [...others, unknown] };
      store.update({ ...node, status }, { manager: MANAGER, subresource: 'status' });
      for (const pod of this.#podsOn(name)) {
        const gone = lost(pod, store.serverNow());
        store.update(gone, { manager: MANAGER, subresource: 'status' });
      }
    }
  }

  #podsOn(node: string): ClusterObject[] {
    return this.#means.store.list(PODS).filter((pod) => textAt(pod, 'spec', 'nodeName') === node);
  }

  /** What belonged to something that is gone goes too, and so do Pods of nodes that are no more. */
  #collectGarbage(): void {
    const { store } = this.#means;
    const all = KNOWN_RESOURCES.flatMap((resource) =>
      store.list(resource).map((object) => ({ resource, object })),
    );
    const uids = new Set(all.map(({ object }) => object.metadata.uid));
    const nodes = new Set(store.list(NODES).map(({ metadata }) => metadata.name));
    for (const { resource, object } of all) {
      const { ownerReferences = [], name = '', namespace = null } = object.metadata;
      const isOwned = ownerReferences.length > 0;
      const orphaned = isOwned && ownerReferences.every(({ uid }) => !uids.has(uid));
      const node = resource === PODS ? textAt(object, 'spec', 'nodeName') : '';
      if (orphaned || (node !== '' && !nodes.has(node))) store.remove(resource, namespace, name);
    }
  }

  #scaleDeployments(): void {
    const { store, random } = this.#means;
    const sets = store.list(REPLICASETS);
    for (const deployment of store.list(DEPLOYMENTS)) {
      const set = sets.find(({ metadata }) => metadata.ownerReferences?.[0]?.uid === deployment.metadata.uid);
      if (set === undefined) {
        store.create(replicaSetOf(deployment, random), { manager: MANAGER });
        continue;
      }
      const replicas = Number(textAt(deployment, 'spec', 'replicas'));
      if (replicas !== Number(textAt(set, 'spec', 'replicas'))) {
        store.update({ ...set, spec: { ...(set.spec as object), replicas } }, { manager: MANAGER });
      }
      const ready = Number(textAt(set, 'status', 'readyReplicas'));
      const count = Number(textAt(set, 'status', 'replicas'));
      const status = {
        ...{ replicas: count, updatedReplicas: count, readyReplicas: ready, availableReplicas: ready },
        observedGeneration: 1,
      };
      store.update({ ...deployment, status }, { manager: MANAGER, subresource: 'status' });
    }
  }

  /** Makes the Pods that a workload lacks, and removes those that it has too many. */
  #fill(resource: Resource, workload: ClusterObject): void {
    const { store } = this.#means;
    const { uid, namespace = '', name = '' } = workload.metadata;
    const own = store.list(PODS).filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid);
    const active = own.filter((pod) => pod.metadata.deletionTimestamp === undefined && !isOver(pod));
    const wanted = this.#namesWanted(resource, workload, own, active);
    for (const { pod, node } of wanted.missing) {
      const made = podOf(workload, pod, store.serverNow());
      const spec = { ...(made.spec as object), ...(node !== null && { nodeName: node }) };
      store.create({ ...made, spec }, { manager: MANAGER });
    }
    for (const pod of wanted.surplus) {
      store.update({
        ...pod,
        metadata: { ...pod.metadata, deletionTimestamp: formatSecondTime(store.serverNow()) },
      });
      if (textAt(pod, 'spec', 'nodeName') === '') store.remove(PODS, namespace, pod.metadata.name ?? '');
    }
    const ready = active.filter(isReady).length;
    const status =
      resource === DAEMONSETS
        ? {
            currentNumberScheduled: active.length,
            desiredNumberScheduled: wanted.count,
            numberMisscheduled: 0,
            numberReady: ready,
            updatedNumberScheduled: active.length,
            numberAvailable: ready,
          }
        : { replicas: active.length, readyReplicas: ready, availableReplicas: ready };
    const now = store.find(resource, namespace, name);
    if (now !== null) store.update({ ...now, status }, { manager: MANAGER, subresource: 'status' });
  }

  #namesWanted(
    resource: Resource,
    workload: ClusterObject,
    own: readonly ClusterObject[],
    active: readonly ClusterObject[],
  ): {
    count: number;
    missing: { pod: string; node: string | null }[];
    surplus: readonly ClusterObject[];
  } {
    const { name = '', namespace = '' } = workload.metadata;
    if (resource === DAEMONSETS) return this.#daemonsWanted(name, own, active);
    const count = Number(textAt(workload, 'spec', 'replicas'));
    const surplus = active.slice(count);
    const lacking = Math.max(0, count - active.length);
    // A Pod that somebody else made may have the name.
    const isFree = (pod: string): boolean => this.#means.store.find(PODS, namespace, pod) === null;
    const names =
      resource === STATEFULSETS
        ? Array.from({ length: count }, (_, at) => `${name}-${at}`)
            .filter(isFree)
            .slice(0, lacking)
        : Array.from({ length: lacking }, () => `${name}-${suffix(this.#means.random)}`);
    return { count, surplus, missing: names.map((pod) => ({ pod, node: null })) };
  }

  #daemonsWanted(name: string, own: readonly ClusterObject[], active: readonly ClusterObject[]) {
    const nodes = this.#workers().map(({ metadata }) => metadata.name ?? '');
    const covered = new Set(own.map((pod) => textAt(pod, 'spec', 'nodeName')));
    const missing = nodes
      .filter((node) => !covered.has(node))
      .map((node) => ({ pod: `${name}-${suffix(this.#means.random)}`, node }));
    const surplus = active.filter((pod) => !nodes.includes(textAt(pod, 'spec', 'nodeName')));
    return { count: nodes.length, missing, surplus };
  }

  #workers(): ClusterObject[] {
    const isControlPlane = ({ metadata }: ClusterObject): boolean =>
      'node-role.kubernetes.io/control-plane' in (metadata.labels ?? {});
    return this.#means.store.list(NODES).filter((node) => !isControlPlane(node));
  }

  /** Binds each Pod that no node runs yet to the Ready worker with the fewest. */
  #schedule(): void {
    const { store } = this.#means;
    const waiting = store.list(PODS).filter((pod) => textAt(pod, 'spec', 'nodeName') === '');
    for (const pod of waiting) {
      const [node] = this.#workers()
        .filter((one) => isReady(one) && textAt(one, 'spec', 'unschedulable') !== 'true')
        .map(({ metadata }) => ({
          name: metadata.name ?? '',
          pods: this.#podsOn(metadata.name ?? '').length,
        }))
        .sort((a, b) => a.pods - b.pods);
      const isHeldBack = textAt(pod, 'metadata', 'annotations', 'demo/waits') !== '';
      if (node === undefined || isHeldBack) continue;
      store.update(
        { ...pod, spec: { ...(pod.spec as object), nodeName: node.name } },
        { manager: 'kube-scheduler' },
      );
    }
  }
}
