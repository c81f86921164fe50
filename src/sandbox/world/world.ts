import { randomUUID } from 'node:crypto';
import type { Clock } from '../../app/ports.ts';
import type { ClusterObject } from '../../core/cluster-object.ts';
import { NAMESPACES, NODES, PODS, type Resource, SERVICE_ACCOUNTS } from '../../core/resources.ts';
import { formatSecondTime, type Instant } from '../../core/time.ts';
import { Api } from '../api/api.ts';
import { KUBERNETES_VERSION } from '../api/discovery.ts';
import { event } from '../objects/events.ts';
import { node as nodeObject } from '../objects/nodes.ts';
import { textAt } from '../selectors.ts';
import { Controllers } from './controllers.ts';
import { Kubelet } from './kubelet.ts';
import { Pace } from './pace.ts';
import { idle, type Process, type Program } from './program.ts';

const DAY_MS = 86_400_000;

/** How far back watches can resume, seconds of a real cluster: etcd forgets every five minutes. */
const HISTORY_SECONDS = 300;

export interface WorldOptions {
  clock: Clock;
  speed: number;
  /** From 0 to 1. */
  random: () => number;
}

/** A process, and the Pod that it was started in. */
export interface Running {
  namespace: string;
  pod: string;
  node: string;
  process: Process;
}

/** A cluster that lives: an API server, nodes with kubelets, controllers, and programs that campaign for locks. */
export class World {
  readonly api: Api;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  /** Whether the controller manager leads: only then Pods are made and removed. */
  controllersLead: () => boolean = () => true;
  readonly #kubelets = new Map<string, Kubelet>();
  readonly #programs = new Map<string, Program>();
  readonly #over = new AbortController();
  readonly #nodeAddresses = new Map<string, string>();
  #addresses = 0;

  constructor({ clock, speed, random }: WorldOptions) {
    this.clock = clock;
    this.pace = new Pace(speed);
    this.random = random;
    this.api = new Api(clock, randomUUID);
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) this.namespace(name);
    const { store } = this.api;
    const leads = (): boolean => this.controllersLead();
    void new Controllers({ store, clock, pace: this.pace, random, leads }).run(this.#over.signal);
    void this.#forget();
  }

  /** The API server's clock, so many days ago. */
  daysAgo(days: number): Instant {
    return this.api.store.serverNow() - days * DAY_MS;
  }

  /** Everything that runs stops where it is. */
  end(): void {
    this.#over.abort();
    for (const kubelet of this.#kubelets.values()) kubelet.powerOff();
    this.api.dropWatches();
  }

  /** Creates the namespace unless it is there. */
  namespace(name: string, ageDays = 400): void {
    const { store } = this.api;
    if (store.find(NAMESPACES, null, name) !== null) return;
    const creationTimestamp = formatSecondTime(this.daysAgo(ageDays));
    store.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, creationTimestamp, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }

  serviceAccount(namespace: string, name: string, ageDays: number): void {
    const { store } = this.api;
    if (store.find(SERVICE_ACCOUNTS, namespace, name) !== null) return;
    const creationTimestamp = formatSecondTime(this.daysAgo(ageDays));
    store.create({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace, name, creationTimestamp },
    });
  }

  /** A node with its kubelet. */
  node(name: string, options: { roles?: readonly string[]; ageDays?: number } = {}): void {
    const { roles = [], ageDays = 400 } = options;
    const ip = `10.0.0.${10 + this.#kubelets.size}`;
    this.#nodeAddresses.set(name, ip);
    const made = nodeObject({
      name,
      roles,
      createdAt: this.daysAgo(ageDays),
      ip,
      version: KUBERNETES_VERSION,
    });
    const capacity = { cpu: '8', memory: '32Gi', pods: '110' };
    this.api.store.create({
      ...made,
      status: { ...(made.status as object), capacity, allocatable: capacity },
    });
    const { store } = this.api;
    const kubelet = new Kubelet(name, {
      ...{ store, clock: this.clock, pace: this.pace },
      programOf: (pod) => this.#programOf(pod),
      addressOf: (pod) => (textAt(pod, 'spec', 'hostNetwork') === 'true' ? ip : this.address()),
    });
    this.#kubelets.set(name, kubelet);
    kubelet.start();
  }

  addressOf(node: string): string {
    return this.#nodeAddresses.get(node) ?? '';
  }

  /** An address that no other Pod has. */
  address(): string {
    this.#addresses += 1;
    return `10.244.${Math.floor(this.#addresses / 250)}.${1 + (this.#addresses % 250)}`;
  }

  get nodes(): readonly string[] {
    return [...this.#kubelets.keys()];
  }

  kubelet(node: string): Kubelet {
    const found = this.#kubelets.get(node);
    if (found === undefined) throw new Error(`there is no node ${node}`);
    return found;
  }

  /** What the containers of an app's Pods run from now on. */
  program(namespace: string, app: string, program: Program): void {
    this.#programs.set(`${namespace}/${app}`, program);
  }

  #programOf({ metadata }: ClusterObject): Program {
    return this.#programs.get(`${metadata.namespace}/${metadata.labels?.['app']}`) ?? idle;
  }

  /** Everything that runs, wherever, whether the cluster knows of it or not. */
  get running(): Running[] {
    return [...this.#kubelets.values()].flatMap((kubelet) =>
      kubelet.processes.map((one) => ({ ...one, node: kubelet.node })),
    );
  }

  /** Who leads among the processes of an app. */
  leaders(namespace: string, app: string): Running[] {
    return this.running.filter(
      (one) => one.namespace === namespace && one.pod.startsWith(app) && one.process.leads.length > 0,
    );
  }

  /** Whether the cluster has the Pod that a process was started in. */
  exists({ namespace, pod }: Pick<Running, 'namespace' | 'pod'>): boolean {
    return this.api.store.find(PODS, namespace, pod) !== null;
  }

  /** Tells about an object by an Event, as the cluster's components do. */
  tell(
    about: { resource: Resource; namespace: string | null; name: string },
    said: { reason: string; message: string; type?: 'Normal' | 'Warning'; component: string },
  ): void {
    const { store } = this.api;
    const { resource, namespace, name } = about;
    const uid = store.find(resource, namespace, name)?.metadata.uid ?? '';
    const kind = resource.kind;
    const place = namespace === null ? {} : { namespace };
    store.create(
      event({
        ...said,
        name: `${name}.${randomUUID().slice(0, 8)}`,
        about: { kind, name, uid, apiVersion: 'v1', ...place },
        namespace: namespace ?? 'default',
        at: store.serverNow(),
      }),
    );
  }

  /** Asks the kubelet to end a Pod, as `kubectl delete pod` does. */
  deletePod(namespace: string, name: string): void {
    const { store } = this.api;
    const pod = store.find(PODS, namespace, name);
    if (pod === null) return;
    const deletionTimestamp = formatSecondTime(store.serverNow() + 30_000);
    store.update({ ...pod, metadata: { ...pod.metadata, deletionTimestamp } });
  }

  /** Takes a node out of the cluster, as `kubectl delete node` does; its machine does not notice. */
  removeNode(name: string): void {
    this.api.store.remove(NODES, null, name);
  }

  async #forget(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.clock.sleep(this.pace.ms(HISTORY_SECONDS) / 5, this.#over.signal);
      this.api.store.trim(this.clock.mono() - Math.max(60_000, this.pace.ms(HISTORY_SECONDS)));
    }
  }
}
