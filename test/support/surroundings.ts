import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { formatMicroTime, type Instant } from '../../src/core/time.ts';

interface Place {
  name: string;
  namespace?: string;
}

/** A ServiceAccount's token that is kept in a Secret, as Kubernetes made them for every account before 1.24. */
export function tokenSecret({
  name,
  namespace = 'default',
  serviceAccount,
}: Place & { serviceAccount: string }): ClusterObject {
  const annotations = { 'kubernetes.io/service-account.name': serviceAccount };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, annotations },
    type: 'kubernetes.io/service-account-token',
  };
}

export function volumeAttachment({ name, node }: { name: string; node: string }): ClusterObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name },
    spec: { attacher: 'csi.example.com', nodeName: node, source: { persistentVolumeName: 'pv-1' } },
  };
}

export function csiNode(name: string): ClusterObject {
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers: [] } };
}

/** A volume that lives on the disk of one node. */
export function localVolume({ name, node }: { name: string; node: string }): ClusterObject {
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      local: { path: '/mnt' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
    },
  };
}

export function service({ name, namespace = 'default' }: Place): ClusterObject {
  const spec = { selector: { app: name }, ports: [{ port: 443 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

/** Endpoints that route to somebody, or to nobody. */
export function routes({ name, namespace = 'default' }: Place, addresses: readonly string[]): ClusterObject {
  const subsets =
    addresses.length === 0 ? [] : [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ port: 443 }] }];
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace }, subsets };
}

export interface WebhookOptions {
  name: string;
  resources?: readonly string[];
  groups?: readonly string[];
  failurePolicy?: 'Fail' | 'Ignore';
  timeoutSeconds?: number;
  /** The Service behind it. */
  behind?: Required<Place>;
  /** Anything else of the webhook. */
  more?: Record<string, unknown>;
}

/** A ValidatingWebhookConfiguration of one webhook, `<name>.example.com`, asked about updates. */
export function validatingWebhook(options: WebhookOptions): ClusterObject {
  const { name, resources = ['leases'], groups = ['coordination.k8s.io'], failurePolicy = 'Fail' } = options;
  const rule = { apiGroups: groups, apiVersions: ['v1'], operations: ['UPDATE'], resources, scope: '*' };
  const behind = options.behind ?? { namespace: 'policy', name: 'policy' };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        rules: [rule],
        clientConfig: { service: { ...behind, path: '/' } },
        failurePolicy,
        timeoutSeconds: options.timeoutSeconds ?? 5,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...options.more,
      },
    ],
  };
}

export interface LeaseCandidateOptions extends Place {
  lease: string;
  renewTime: Instant;
  version?: string;
}

export function leaseCandidate(options: LeaseCandidateOptions): ClusterObject {
  const { name, namespace = 'default', lease, renewTime, version = '1.33.0' } = options;
  return {
    apiVersion: 'coordination.k8s.io/v1beta1',
    kind: 'LeaseCandidate',
    metadata: { name, namespace },
    spec: {
      leaseName: lease,
      renewTime: formatMicroTime(renewTime),
      binaryVersion: version,
      emulationVersion: version,
      strategy: 'OldestEmulationVersion',
    },
  };
}
