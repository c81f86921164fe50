import type { ClusterObject, ObjectMeta, OwnerReference } from '../../src/core/cluster-object.ts';
import { formatMicroTime, formatSecondTime, type Instant } from '../../src/core/time.ts';

/** The annotation by which Endpoints and ConfigMaps carry an election. */
export const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

const NOON = Date.UTC(2026, 0, 15, 12, 0, 0);
const DAY_MS = 86_400_000;

/** An election record as client-go writes it; times are wall-clock instants in milliseconds. */
export interface RecordOptions {
  /** Null leaves the field null. */
  holder?: string | null;
  durationSeconds?: number | null;
  acquireTime?: Instant | null;
  renewTime?: Instant | null;
  transitions?: number | null;
}

export interface ObjectOptions {
  name?: string;
  namespace?: string;
  /** Wall-clock instant, milliseconds. */
  createdAt?: Instant;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  owner?: { kind: string; name: string; uid?: string; apiVersion?: string };
  /** Anything else of the metadata. */
  metadata?: ObjectMeta;
}

function metadata(options: ObjectOptions, name: string, namespaced: boolean): ObjectMeta {
  return {
    name: options.name ?? name,
    ...(namespaced && { namespace: options.namespace ?? 'default' }),
    ...(options.createdAt !== undefined && { creationTimestamp: formatSecondTime(options.createdAt) }),
    ...(options.labels && { labels: options.labels }),
    ...(options.annotations && { annotations: options.annotations }),
    ...(options.owner && { ownerReferences: [controller(options.owner)] }),
    ...options.metadata,
  };
}

function controller(owner: NonNullable<ObjectOptions['owner']>): OwnerReference {
  return {
    apiVersion: owner.apiVersion ?? (owner.kind === 'Node' ? 'v1' : 'apps/v1'),
    kind: owner.kind,
    name: owner.name,
    uid: owner.uid ?? `uid-of-${owner.name}`,
    controller: true,
  };
}

function record(options: RecordOptions): Required<RecordOptions> {
  return {
    holder: 'manager-0',
    durationSeconds: 15,
    acquireTime: NOON,
    renewTime: NOON,
    transitions: 0,
    ...options,
  };
}

function time(at: Instant | null, format: (at: Instant) => string): string | null {
  return at === null ? null : format(at);
}

/** A Lease as client-go's LeaseLock writes it. */
export function lease(options: ObjectOptions & RecordOptions = {}): ClusterObject {
  const { holder, durationSeconds, acquireTime, renewTime, transitions } = record(options);
  const spec = {
    holderIdentity: holder,
    leaseDurationSeconds: durationSeconds,
    acquireTime: time(acquireTime, formatMicroTime),
    renewTime: time(renewTime, formatMicroTime),
    leaseTransitions: transitions,
  };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: metadata(options, 'manager', true),
    spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null)),
  };
}

/** The record as client-go writes it into the annotation: whole seconds, `leaderTransitions`. */
export function leaderAnnotation(options: RecordOptions = {}): Record<string, string> {
  const { holder, durationSeconds, acquireTime, renewTime, transitions } = record(options);
  const value = {
    holderIdentity: holder,
    leaseDurationSeconds: durationSeconds,
    acquireTime: time(acquireTime, formatSecondTime),
    renewTime: time(renewTime, formatSecondTime),
    leaderTransitions: transitions,
  };
  return { [LEADER_ANNOTATION]: JSON.stringify(value) };
}

function annotated(kind: string, options: ObjectOptions & RecordOptions): ClusterObject {
  const annotations = { ...leaderAnnotation(options), ...options.annotations };
  return { apiVersion: 'v1', kind, metadata: metadata({ ...options, annotations }, 'manager', true) };
}

/** An Endpoints object that is nothing but a lock: no subsets. */
export function endpointsLock(options: ObjectOptions & RecordOptions = {}): ClusterObject {
  return annotated('Endpoints', options);
}

/** A ConfigMap that is nothing but a lock: no data. */
export function configMapLock(options: ObjectOptions & RecordOptions = {}): ClusterObject {
  return annotated('ConfigMap', options);
}

export interface PodOptions extends ObjectOptions {
  /** Null for a Pod that no node runs yet. */
  node?: string | null;
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** `status.reason`: `Evicted`, `NodeLost`. */
  reason?: string;
  ready?: boolean;
  /** Why the container waits (`CrashLoopBackOff`); it then does not run. */
  waiting?: string;
  restarts?: number;
  /** When the container that runs now started. */
  startedAt?: Instant;
  ip?: string | null;
  hostNetwork?: boolean;
  hostname?: string;
  subdomain?: string;
  /** When its deletion was asked for: it is Terminating. */
  deletedAt?: Instant;
}

function containerState(options: PodOptions, startedAt: Instant): Record<string, unknown> {
  const times = { startedAt: formatSecondTime(startedAt) };
  if (options.waiting) return { waiting: { reason: options.waiting } };
  if (options.phase === 'Succeeded') return { terminated: { ...times, exitCode: 0, reason: 'Completed' } };
  if (options.phase === 'Failed') return { terminated: { ...times, exitCode: 1, reason: 'Error' } };
  return options.phase === 'Pending' ? { waiting: { reason: 'ContainerCreating' } } : { running: times };
}

/** A Pod of one container, running and ready on `node-1` unless told otherwise. An evicted one has no containers left. */
export function pod(options: PodOptions = {}): ClusterObject {
  const { phase = 'Running', createdAt = NOON - DAY_MS, waiting } = options;
  const { node = phase === 'Pending' && !waiting ? null : 'node-1', ip = node && '10.244.0.7' } = options;
  const startedAt = options.startedAt ?? createdAt;
  const isReady = options.ready ?? (phase === 'Running' && !waiting);
  const restartCount = options.restarts ?? 0;
  const scheduled = node !== null && options.reason !== 'Evicted';
  const meta = metadata({ ...options, createdAt }, 'manager-0', true);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata:
      options.deletedAt === undefined
        ? meta
        : { ...meta, deletionTimestamp: formatSecondTime(options.deletedAt) },
    spec: {
      ...(node !== null && { nodeName: node }),
      ...(options.hostNetwork && { hostNetwork: true }),
      ...(options.hostname && { hostname: options.hostname }),
      ...(options.subdomain && { subdomain: options.subdomain }),
      containers: [{ name: 'main', image: 'registry.invalid/manager:1' }],
    },
    status: {
      phase,
      ...(options.reason && { reason: options.reason }),
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      ...(ip && { podIP: ip, podIPs: [{ ip }] }),
      ...(scheduled && {
        containerStatuses: [
          {
            name: 'main',
            image: 'registry.invalid/manager:1',
            imageID: '',
            ready: isReady,
            restartCount,
            state: containerState(options, startedAt),
            lastState:
              restartCount > 0
                ? { terminated: { exitCode: 1, reason: 'Error', finishedAt: formatSecondTime(startedAt) } }
                : {},
          },
        ],
      }),
    },
  };
}

export interface NodeOptions extends Omit<ObjectOptions, 'namespace' | 'owner'> {
  /** The Ready condition; null for Unknown: the kubelet stopped reporting. */
  ready?: boolean | null;
  unschedulable?: boolean;
  /** `kubernetes.io/hostname`; the node's name by default. */
  hostname?: string;
  ip?: string;
  roles?: readonly string[];
}

/** A Node that is Ready unless told otherwise. */
export function node(options: NodeOptions = {}): ClusterObject {
  const name = options.name ?? 'node-1';
  const { ready = true, hostname = name, createdAt = NOON - 90 * DAY_MS } = options;
  const roles = (options.roles ?? []).map((role) => [`node-role.kubernetes.io/${role}`, '']);
  const labels = { 'kubernetes.io/hostname': hostname, ...Object.fromEntries(roles), ...options.labels };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: metadata({ ...options, createdAt, labels }, name, false),
    spec: options.unschedulable ? { unschedulable: true } : {},
    status: {
      conditions: [{ type: 'Ready', status: ready === null ? 'Unknown' : ready ? 'True' : 'False' }],
      addresses: [
        { type: 'InternalIP', address: options.ip ?? '192.0.2.10' },
        { type: 'Hostname', address: hostname },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.32.4',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        kernelVersion: '6.1.0-18-amd64',
        containerRuntimeVersion: 'containerd://1.7.13',
      },
    },
  };
}

export interface WorkloadOptions extends ObjectOptions {
  /** How many Pods are wanted. */
  replicas?: number;
  /** How many there are and ready; as many as wanted by default. */
  readyReplicas?: number;
  /** The label that selects its Pods: `app=<name>` by default. */
  app?: string;
}

function workload(
  kind: string,
  options: WorkloadOptions,
  counts: (wanted: number, ready: number) => { spec?: object; status: object },
): ClusterObject {
  const meta = metadata(options, 'manager', true);
  const labels = { app: options.app ?? meta.name ?? '' };
  const wanted = options.replicas ?? 1;
  const { spec, status } = counts(wanted, options.readyReplicas ?? wanted);
  const containers = [{ name: 'main', image: 'registry.invalid/manager:1' }];
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { ...meta, labels: { ...labels, ...options.labels } },
    spec: {
      ...spec,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
    status,
  };
}

export function deployment(options: WorkloadOptions = {}): ClusterObject {
  return workload('Deployment', options, (replicas, readyReplicas) => ({
    spec: { replicas },
    status: { replicas, readyReplicas },
  }));
}

/** A ReplicaSet; give `owner` to make it a Deployment's. */
export function replicaSet(options: WorkloadOptions = {}): ClusterObject {
  return workload('ReplicaSet', options, (replicas, readyReplicas) => ({
    spec: { replicas },
    status: { replicas, readyReplicas },
  }));
}

export function daemonSet(options: WorkloadOptions = {}): ClusterObject {
  return workload('DaemonSet', options, (wanted, ready) => ({
    status: {
      currentNumberScheduled: wanted,
      desiredNumberScheduled: wanted,
      numberMisscheduled: 0,
      numberReady: ready,
    },
  }));
}

export interface EventOptions extends ObjectOptions {
  reason?: string;
  message?: string;
  type?: 'Normal' | 'Warning';
  /** What it is about. */
  about?: { kind: string; namespace?: string; name: string; uid?: string; apiVersion?: string };
  component?: string;
  host?: string;
  at?: Instant;
  count?: number;
}

/** A core/v1 Event, by default the one that client-go records when a candidate starts to lead. */
export function event(options: EventOptions = {}): ClusterObject {
  const at = formatSecondTime(options.at ?? NOON);
  const about = options.about ?? { kind: 'Lease', name: 'manager', apiVersion: 'coordination.k8s.io/v1' };
  const namespace = options.namespace ?? about.namespace ?? 'default';
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: metadata({ ...options, namespace }, `${about.name}.17a5c0ffee`, true),
    involvedObject: { namespace, ...about },
    reason: options.reason ?? 'LeaderElection',
    message: options.message ?? 'manager-0 became leader',
    type: options.type ?? 'Normal',
    source: { component: options.component ?? 'manager', ...(options.host && { host: options.host }) },
    firstTimestamp: at,
    lastTimestamp: at,
    count: options.count ?? 1,
  };
}
