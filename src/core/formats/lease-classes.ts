import { holderOf, type LeaseClass, type LockHalf, recordOf } from '../lock.ts';

interface LeaseClassEntry extends LeaseClass {
  matches(lease: LockHalf): boolean;
}

const API_SERVER_LABEL = 'apiserver.kubernetes.io/identity';

/**
 * Every kind of Lease that is no leader election, most trustworthy sign first: the first match decides. What a
 * component writes on purpose (namespace, label, owner) comes before names, and the shape of the record last.
 */
const LEASE_CLASSES: readonly LeaseClassEntry[] = [
  {
    id: 'node-heartbeat',
    title: 'node heartbeat',
    matches: (lease) =>
      lease.ref.namespace === 'kube-node-lease' ||
      lease.ownerReferences.some(({ kind, name }) => kind === 'Node' && name === lease.ref.name),
  },
  {
    id: 'apiserver-identity',
    title: 'API server identity',
    // Kubernetes 1.20 to 1.26 spelled the label differently.
    matches: ({ ref, labels }) =>
      labels[API_SERVER_LABEL] === 'kube-apiserver' ||
      (ref.namespace === 'kube-system' && labels['k8s.io/component'] === 'kube-apiserver'),
  },
  {
    id: 'aggregated-apiserver-identity',
    title: 'aggregated API server identity',
    matches: ({ labels }) => Object.hasOwn(labels, API_SERVER_LABEL),
  },
  {
    id: 'konnectivity-server',
    title: 'konnectivity server presence',
    matches: ({ ref, labels }) =>
      labels['k8s-app'] === 'konnectivity-server' && ref.name.startsWith('konnectivity-proxy-server-'),
  },
  {
    id: 'terraform-state-lock',
    title: 'Terraform state lock',
    matches: ({ labels }) => labels['tfstate'] === 'true',
  },
  {
    id: 'medik8s-node-lock',
    title: 'medik8s node lock',
    matches: ({ ref }) => ref.namespace === 'medik8s-leases',
  },
  {
    id: 'managed-cluster-heartbeat',
    title: 'managed cluster heartbeat',
    matches: ({ ref }) => ref.name === 'managed-cluster-lease',
  },
  {
    id: 'mutex',
    title: 'mutex',
    // Held, and no time says since when or for how long. A Pod that owns the Lease makes it a lock for that Pod's life.
    matches: (lease) =>
      lease.heartbeat === null &&
      recordOf(lease)?.acquireTime === null &&
      !lease.ownerReferences.some(({ kind }) => kind === 'Pod'),
  },
  {
    id: 'presence',
    title: 'heartbeat',
    // An elector counts transitions and notes when it acquired; whoever only renews says nothing but "I am here".
    // A coordinated Lease lacks both as well, but names its strategy, and a released lock has an empty holder.
    matches: (lease) => {
      const record = recordOf(lease);
      if (record === null || record.renewTime === null || record.strategy !== null) return false;
      const released = record.holderIdentity !== null && holderOf(lease) === null;
      return record.transitions === null && record.acquireTime === null && !released;
    },
  },
];

/** What kind of non-election a Lease is; null for a lock. */
export function classifyLease(lease: LockHalf): LeaseClass | null {
  const entry = LEASE_CLASSES.find(({ matches }) => matches(lease));
  return entry === undefined ? null : { id: entry.id, title: entry.title };
}

/** A decodable Lease that candidates renew and wait for: no other has a record that could be freed or taken over. */
export function isElection(lease: LockHalf): boolean {
  return lease.heartbeat !== null && classifyLease(lease) === null && lease.content.state !== 'invalid';
}

/** Whether Camel's cluster service keeps it. Its members obey a ready Pod of theirs rather than times. */
export function isOfCamel({ labels }: LockHalf): boolean {
  return labels['provider'] === 'camel';
}
