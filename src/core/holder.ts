import type { ObjectRef } from './cluster-object.ts';
import type { Evidence } from './evidence.ts';
import type { Instant } from './time.ts';

/** Is the holder there? See the table in docs/ARCHITECTURE.md. */
export type Presence = 'alive' | 'failing' | 'gone' | 'unmatched' | 'unknown' | 'nobody';

/** What is known of a Pod, from a printed row (few facts) or from the object (all of them). */
export interface PodFacts {
  namespace: string;
  name: string;
  /** As kubectl's STATUS column writes it: Running, Evicted, Terminating, CrashLoopBackOff, Completed, ... */
  status: string;
  /** All containers ready; null when not known. */
  ready: boolean | null;
  restarts: number | null;
  podIPs: readonly string[];
  node: string | null;
  /** The rest is known only from the object itself (`detailed`). */
  detailed: boolean;
  uid?: string;
  hostname: string | null;
  subdomain: string | null;
  hostNetwork: boolean | null;
  createdAt: Instant | null;
  deletedAt: Instant | null;
  /** When each running container started. */
  containersStartedAt: readonly Instant[];
  /** The controlling owner: a ReplicaSet, DaemonSet, StatefulSet, Job or Node. */
  owner: { kind: string; name: string } | null;
}

export interface NodeFacts {
  name: string;
  /** The Ready condition: true, false, or null for Unknown (the kubelet stopped reporting). */
  ready: boolean | null;
  /** As kubectl's STATUS column writes it: Ready, NotReady, Ready,SchedulingDisabled. */
  status: string;
  /** `kubernetes.io/hostname` label, and addresses of type Hostname, InternalDNS, ExternalDNS. */
  hostnames: readonly string[];
  addresses: readonly string[];
  createdAt: Instant | null;
}

/** Something that shows that an identity once was a Pod or a Node of this cluster. */
export interface Trace {
  /** What the identity used to be: `DaemonSet pod`, `node`. */
  was: string;
  workload: ObjectRef | null;
  evidence: Evidence;
}

/** How much of the cluster could be looked at when searching a holder. `unreadable`: allowed, but the reading failed. */
export interface SearchScope {
  /** `everywhere`; or only the namespaces that could be read; or nothing. */
  pods: 'everywhere' | { namespaces: readonly string[] } | 'forbidden' | 'unreadable';
  nodes: 'everywhere' | 'forbidden' | 'unreadable';
}

/** The Pod or Node behind an identity, or what the search for it came to. */
export interface Holder {
  /** As written in the record; null when nobody holds the lock. */
  identity: string | null;
  presence: Presence;
  /** The object that was found; null if none. */
  ref: ObjectRef | null;
  pod: PodFacts | null;
  node: NodeFacts | null;
  /** The rule by which the identity was read: `pod-name_uuid`, `node-name`, ...; null if nothing matched. */
  rule: string | null;
  /** Other objects that the identity fits as well. */
  alsoFits: readonly ObjectRef[];
  /** What was found began after the last renewal: another process, which may wait for the lock itself. */
  reborn: boolean;
  /** What it used to be, when it is gone. */
  was: string | null;
  /** The workload that the holder belongs, or belonged, to. */
  workload: ObjectRef | null;
  /** The FOUND column: `Running on m1`, `Ready`, `gone (DaemonSet pod)`, `not allowed to look`. */
  found: string;
  evidence: readonly Evidence[];
}
