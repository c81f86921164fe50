import type { ClusterObject } from '../../core/cluster-object.ts';
import { formatSecondTime, type Instant } from '../../core/time.ts';
import { DAY_MS, metadata, NOON, type ObjectOptions } from './metadata.ts';

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
