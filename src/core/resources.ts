/** The API resources this tool reads, spelled as the API server and kubectl spell them. */
export interface Resource {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resource(group: string, version: string, plural: string, kind: string, namespaced = true): Resource {
  return { group, version, plural, kind, namespaced };
}

export const LEASES = resource('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const LEASE_CANDIDATES = resource(
  'coordination.k8s.io',
  'v1beta1',
  'leasecandidates',
  'LeaseCandidate',
);
export const ENDPOINTS = resource('', 'v1', 'endpoints', 'Endpoints');
export const CONFIGMAPS = resource('', 'v1', 'configmaps', 'ConfigMap');
export const PODS = resource('', 'v1', 'pods', 'Pod');
export const NODES = resource('', 'v1', 'nodes', 'Node', false);
export const NAMESPACES = resource('', 'v1', 'namespaces', 'Namespace', false);
export const EVENTS = resource('', 'v1', 'events', 'Event');
export const DEPLOYMENTS = resource('apps', 'v1', 'deployments', 'Deployment');
export const REPLICASETS = resource('apps', 'v1', 'replicasets', 'ReplicaSet');
export const DAEMONSETS = resource('apps', 'v1', 'daemonsets', 'DaemonSet');
export const STATEFULSETS = resource('apps', 'v1', 'statefulsets', 'StatefulSet');
export const JOBS = resource('batch', 'v1', 'jobs', 'Job');
export const VOLUME_ATTACHMENTS = resource(
  'storage.k8s.io',
  'v1',
  'volumeattachments',
  'VolumeAttachment',
  false,
);
export const CSI_NODES = resource('storage.k8s.io', 'v1', 'csinodes', 'CSINode', false);
export const SERVICES = resource('', 'v1', 'services', 'Service');
export const SERVICE_ACCOUNTS = resource('', 'v1', 'serviceaccounts', 'ServiceAccount');
export const SECRETS = resource('', 'v1', 'secrets', 'Secret');
export const PERSISTENT_VOLUMES = resource('', 'v1', 'persistentvolumes', 'PersistentVolume', false);
export const VALIDATING_WEBHOOKS = resource(
  'admissionregistration.k8s.io',
  'v1',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
  false,
);
export const MUTATING_WEBHOOKS = resource(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingwebhookconfigurations',
  'MutatingWebhookConfiguration',
  false,
);
export const SELF_SUBJECT_ACCESS_REVIEWS = resource(
  'authorization.k8s.io',
  'v1',
  'selfsubjectaccessreviews',
  'SelfSubjectAccessReview',
  false,
);
export const SUBJECT_ACCESS_REVIEWS = resource(
  'authorization.k8s.io',
  'v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
  false,
);

/** `leases.coordination.k8s.io` or `endpoints`: how kubectl names a resource without ambiguity. */
export function resourceName(of: Resource): string {
  return of.group === '' ? of.plural : `${of.plural}.${of.group}`;
}
