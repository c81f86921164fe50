import type { Clock } from '../../app/ports.ts';
import type { ClusterObject } from '../../core/cluster-object.ts';
import { LEASES, NODES, PODS } from '../../core/resources.ts';
import { formatMicroTime } from '../../core/time.ts';
import { textAt } from '../selectors.ts';
import type { Change, Store } from '../store.ts';
import { Container, type ContainerState } from './container.ts';
import type { Pace } from './pace.ts';
import { crashed, running } from './pod-status.ts';
import type { Process, Program } from './program.ts';

const HEARTBEAT_SECONDS = 10;
const HEARTBEAT_DURATION_SECONDS = 40;

/** Pulling an image and starting a container takes a moment. */
const START_SECONDS = 1.5;

const HEARTBEATS = 'kube-node-lease';

const MANAGER = 'kubelet';

export interface KubeletMeans {
  store: Store;
  clock: Clock;
  pace: Pace;
  programOf: (pod: ClusterObject) => Program;
  addressOf: (pod: ClusterObject) => string;
}

interface Held {
  container: Container;
  pod: ClusterObject;
}

function isRunning(pod: ClusterObject): boolean {
  const { containerStatuses = [] } = (pod.status ?? {}) as { containerStatuses?: unknown[] };
  return containerStatuses.some(
    (one) => textAt(one, 'ready') === 'true' && textAt(one, 'state', 'running', 'startedAt') !== '',
  );
}

/** The agent of one node: runs what is bound to it, and tells how that is. */
export class Kubelet {
  readonly node: string;
  readonly #means: KubeletMeans;
  readonly #held = new Map<string, Held>();
  #up: AbortController | null = null;

  constructor(node: string, means: KubeletMeans) {
    this.node = node;
    this.#means = means;
  }

  /** What runs here, whether anybody looks after it or not. */
  get processes(): readonly { pod: string; namespace: string; process: Process }[] {
    return [...this.#held.values()].flatMap(({ container, pod }) => {
      const { process } = container;
      const { name = '', namespace = '' } = pod.metadata;
      return process === null ? [] : [{ pod: name, namespace, process }];
    });
  }

  start(): void {
    const up = new AbortController();
    this.#up = up;
    const unsubscribe = this.#means.store.onChange((change) => this.#follow(change));
    up.signal.addEventListener('abort', unsubscribe, { once: true });
    for (const pod of this.#means.store.list(PODS)) this.#see(pod);
    void this.#beat(up.signal);
  }

  /** The kubelet stops, its containers run on. */
  stop(): void {
    this.#up?.abort();
    this.#up = null;
    for (const { container } of this.#held.values()) container.abandon();
  }

  /** The whole machine stops. */
  powerOff(): void {
    this.stop();
    for (const { container } of this.#held.values()) container.kill();
    this.#held.clear();
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { store, clock, pace } = this.#means;
    while (!signal.aborted) {
      const node = store.find(NODES, null, this.node);
      if (node !== null) {
        const metadata = {
          name: this.node,
          namespace: HEARTBEATS,
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Node', name: this.node, uid: node.metadata.uid ?? '' },
          ],
        };
        const spec = {
          holderIdentity: this.node,
          leaseDurationSeconds: pace.wholeSeconds(HEARTBEAT_DURATION_SECONDS),
          renewTime: formatMicroTime(store.serverNow()),
        };
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
        const creationTimestamp = store.find(LEASES, HEARTBEATS, this.node)
          ? null
          : node.metadata.creationTimestamp;
        store.apply(creationTimestamp ? { ...lease, metadata: { ...metadata, creationTimestamp } } : lease, {
          manager: MANAGER,
        });
      }
      await clock.sleep(pace.ms(HEARTBEAT_SECONDS), signal);
    }
  }

  #follow({ type, resource, object }: Change): void {
    if (resource !== PODS || textAt(object, 'spec', 'nodeName') !== this.node) return;
    if (type === 'deleted') this.#forget(object.metadata.uid ?? '')?.container.kill();
    else this.#see(object);
  }

  #forget(uid: string): Held | undefined {
    const held = this.#held.get(uid);
    this.#held.delete(uid);
    return held;
  }

  #see(pod: ClusterObject): void {
    if (textAt(pod, 'spec', 'nodeName') !== this.node) return;
    const { uid = '', deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) void this.#end(pod, this.#forget(uid));
    else if (!this.#held.has(uid) && textAt(pod, 'status', 'reason') === '') this.#run(pod);
  }

  /** Ends a Pod as it was asked for: its process may clean up, then the Pod is gone. */
  async #end(pod: ClusterObject, held: Held | undefined): Promise<void> {
    const { store, clock, pace } = this.#means;
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    if (held === undefined) return;
    const up = this.#up;
    await held.container.stop();
    await clock.sleep(pace.ms(0.5));
    const isThere = store.find(PODS, namespace, name)?.metadata.uid === uid;
    if (isThere && up?.signal.aborted === false) store.remove(PODS, namespace, name, { uid });
  }

  #run(pod: ClusterObject): void {
    const { clock, pace, programOf } = this.#means;
    const { uid = '', name = '', namespace = '' } = pod.metadata;
    const onHost = textAt(pod, 'spec', 'hostNetwork') === 'true';
    const account = textAt(pod, 'spec', 'serviceAccountName') || 'default';
    const container = new Container(programOf(pod), clock, pace, (state) => this.#report(pod, state));
    this.#held.set(uid, { container, pod });
    const resumed = textAt(pod, 'status', 'phase') === 'Running';
    const surroundings = {
      ...{ namespace, pod: name, node: this.node, resumed },
      hostname: onHost ? this.node : name,
      user: onHost ? `system:node:${this.node}` : `system:serviceaccount:${namespace}:${account}`,
    };
    if (resumed) container.start(surroundings);
    else void this.#startLater(uid, () => container.start(surroundings));
  }

  async #startLater(uid: string, start: () => void): Promise<void> {
    const { clock, pace } = this.#means;
    await clock.sleep(pace.ms(START_SECONDS), this.#up?.signal);
    if (this.#up !== null && this.#held.has(uid)) start();
  }

  /** Writes what became of a container into its Pod; what was so before is left as it is. */
  #report(pod: ClusterObject, state: ContainerState): void {
    const { store, addressOf } = this.#means;
    const { name = '', namespace = '', uid } = pod.metadata;
    const now = store.find(PODS, namespace, name);
    if (this.#up === null || now === null || now.metadata.uid !== uid) return;
    if (state.is === 'running' && isRunning(now)) return;
    const at = store.serverNow();
    const next =
      state.is === 'running'
        ? running(now, at, addressOf(now))
        : crashed(now, at, state.code, state.waitMs > 0);
    store.update(next, { manager: MANAGER, subresource: 'status' });
  }
}
