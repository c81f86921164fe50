import type { ClusterObject } from '../../core/cluster-object.ts';
import { DAY_MS, metadata, NOON, type ObjectOptions } from './metadata.ts';

export interface NodeOptions extends Omit<ObjectOptions, 'namespace' | 'owner'> {
  /** The Ready condition; null for Unknown: the kubelet stopped reporting. */
  ready?: boolean | null;
  unschedulable?: boolean;
  /** `kubernetes.io/hostname`; the node's name by default. */
  hostname?: string;
  ip?: string;
  roles?: readonly string[];
  /** Of its kubelet. */
  version?: string;
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
        kubeletVersion: options.version ?? 'v1.32.4',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        kernelVersion: '6.1.0-18-amd64',
        containerRuntimeVersion: 'containerd://1.7.13',
      },
    },
  };
}
