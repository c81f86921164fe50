import {
  CONFIGMAPS,
  CSI_NODES,
  DAEMONSETS,
  DEPLOYMENTS,
  ENDPOINTS,
  EVENTS,
  JOBS,
  LEASE_CANDIDATES,
  LEASES,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PERSISTENT_VOLUMES,
  REPLICASETS,
  type Resource,
  SECRETS,
  SERVICES,
  STATEFULSETS,
  SUBJECT_ACCESS_REVIEWS,
  VALIDATING_WEBHOOKS,
  VOLUME_ATTACHMENTS,
} from '../../core/resources.ts';

const MACHINES = 'machines that a missing holder may run on may be missed';
const WEBHOOKS = 'whether a webhook stands in the way is not known';
const WORKLOADS = 'who could take over may not be told';

const CONSEQUENCES = new Map<Resource, string>([
  [EVENTS, 'its history, and what is remembered of its holder, may be incomplete'],
  [SUBJECT_ACCESS_REVIEWS, 'whether the candidates may take the lock is not known'],
  [SECRETS, 'whether a ghost has a token of its own is not known'],
  [SERVICES, 'whether a Service shares the object, or answers behind a webhook, is not known'],
  [VALIDATING_WEBHOOKS, WEBHOOKS],
  [MUTATING_WEBHOOKS, WEBHOOKS],
  [NAMESPACES, 'whether webhooks exempt its namespace is not known'],
  [LEASES, 'the object was not read in full, and heartbeats of nodes may be missed'],
  [ENDPOINTS, 'the object was not read in full, and who answers behind a webhook may not be known'],
  [CONFIGMAPS, 'the object was not read in full'],
  [VOLUME_ATTACHMENTS, MACHINES],
  [CSI_NODES, MACHINES],
  [PERSISTENT_VOLUMES, MACHINES],
  [LEASE_CANDIDATES, 'candidates of the control plane are not shown'],
  [DEPLOYMENTS, WORKLOADS],
  [REPLICASETS, WORKLOADS],
  [DAEMONSETS, WORKLOADS],
  [STATEFULSETS, WORKLOADS],
  [JOBS, WORKLOADS],
]);

/** What it means for a case that a resource cannot be read; null where it only concerns the search for the holder. */
export function consequenceFor(resource: Resource): string | null {
  return CONSEQUENCES.get(resource) ?? null;
}
