import type { ClusterObject } from '../../core/cluster-object.ts';
import { metadata, type ObjectOptions } from './metadata.ts';

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
