import type { ObjectRef } from '../cluster-object.ts';
import type { Evidence, Note } from '../evidence.ts';
import type { LockHalf } from '../lock.ts';
import type { LockObjectFacts } from '../lock-object.ts';
import type { NextStep } from '../next-step.ts';
import type { LockReport } from '../report.ts';
import type { Instant } from '../time.ts';

/** Who writes an object, by its managedFields. */
export interface Writer {
  manager: string;
  operation: string;
  /** On the API server's clock; null where it is not told. */
  at: Instant | null;
}

/** Whether the API server's cache shows what its store holds. */
export type ReadsAgreement = 'agree' | 'cache-behind' | 'unknown';

/** One object of the lock, looked at closely. */
export interface ObjectFacts {
  half: LockHalf;
  /** Milliseconds between renewals seen, oldest first. */
  gapsMs: readonly number[];
  /** Renewals seen while watching. */
  seen: number;
  /** How often it was seen to change while its record stayed as it was. */
  otherWrites: number;
  /** Null when it could not be read in full. */
  writers: readonly Writer[] | null;
  reads: ReadsAgreement;
  /** Milliseconds by which the holder's clock is ahead of the API server's; null when no renewal was seen to arrive. */
  skewMs: number | null;
  body: LockObjectFacts | null;
}

/** A Pod beyond what the list shows of it. */
export interface PodDetails {
  namespace: string;
  name: string;
  phase: string;
  status: string;
  ready: boolean | null;
  restarts: number | null;
  node: string | null;
  serviceAccount: string | null;
  createdAt: Instant | null;
  /** When its latest container started; null when none runs. */
  startedAt: Instant | null;
  /** When the first of those that run started. */
  firstStartedAt: Instant | null;
  lastExit: { reason: string; exitCode: number | null; at: Instant | null } | null;
}

export interface NodeDetails {
  name: string;
  status: string;
  /** Since when the Ready condition is as it is. */
  readySince: Instant | null;
  /** The newest sign of life: its heartbeat Lease, or the condition's own time. */
  lastHeartbeat: Instant | null;
}

/** Whether the process that acquired the lock is the one that is there now; `same` is null when it cannot be told. */
export interface Incarnation {
  same: boolean | null;
  text: string;
}

export interface HolderDetails {
  /** How the identity was read; null when no reading fits. */
  reading: string | null;
  pod: PodDetails | null;
  node: NodeDetails | null;
  /** From the Pod's controller upwards. */
  owners: readonly ObjectRef[];
  incarnation: Incarnation | null;
}

export interface HistoryEntry {
  at: Instant | null;
  text: string;
  /** How often it was told. */
  count: number;
  from: string;
}

export interface History {
  /** Oldest first. */
  entries: readonly HistoryEntry[];
  /** Who led, as events tell it, in the order of their first appearance. */
  leaders: readonly string[];
  /** Signs of a deletion or a silent re-acquisition. */
  signs: readonly Evidence[];
}

/** What a ServiceAccount may not do to the lock; null when it could not be asked. Empty: it may do all it needs. */
export type Denied = readonly { verb: string; object: string }[] | null;

export interface Contender {
  pod: PodDetails;
  isHolder: boolean;
  denied: Denied;
}

export interface LeaseCandidate {
  name: string;
  renewTime: Instant | null;
  binaryVersion: string | null;
  /** The control plane has chosen it to take over. */
  preferred: boolean;
}

export interface ServiceAccountRights {
  namespace: string;
  name: string;
  denied: Denied;
}

export interface ContenderFacts {
  workload: ObjectRef | null;
  /** Pods that the workload is to have; null when not known. */
  wanted: number | null;
  pods: readonly Contender[];
  /** Pods beyond those listed. */
  more: number;
  /** Registered for coordinated election; null when they could not be read, or are not served. */
  leaseCandidates: readonly LeaseCandidate[] | null;
  serviceAccounts: readonly ServiceAccountRights[];
  /** Manifest that grants what is missing; null when nothing is known to be missing. */
  missingRole: string | null;
}

export type FindingCode =
  | 'service'
  | 'webhook'
  | 'same-name'
  | 'other-namespace'
  | 'shared-name'
  | 'ambiguous-identity'
  | 'no-rights'
  | 'invalid-record'
  | 'finalizers'
  | 'stale-cache'
  | 'foreign-writes'
  | 'hand-over'
  | 'probe';

/** Something that stands, or may stand, in the way of an election. */
export interface Finding {
  code: FindingCode;
  /** True where it explains why nobody leads or renews. */
  serious: boolean;
  text: string;
  from: string;
  step: NextStep | null;
}

/** What the API server answered to an unchanged write that it was asked not to store. */
export interface ProbeResult {
  object: ObjectRef;
  outcome: 'accepted' | 'conflict' | 'forbidden' | 'admission' | 'invalid' | 'failed';
  text: string;
}

/** A machine on which a ghost may run. */
export interface GhostPlace {
  node: string;
  /** An event or a volume ties the holder itself to it; else it is only a machine that the cluster lost. */
  likely: boolean;
  /** Whether a Node of that name still exists; null when nodes could not be read. */
  exists: boolean | null;
  /** The last time its kubelet was heard. */
  lastHeartbeat: Instant | null;
  evidence: readonly Evidence[];
}

/** A token that works without its Pod. */
export interface LegacyToken {
  namespace: string;
  secret: string;
  serviceAccount: string;
}

export interface GhostTrail {
  places: readonly GhostPlace[];
  /** Null when Secrets could not be read. */
  tokens: readonly LegacyToken[] | null;
  serviceAccount: { namespace: string; name: string } | null;
}

/** Everything that is known of one lock. */
export interface CaseFile {
  report: LockReport;
  /** The API server's clock when the case was closed, or this machine's when it sent none. */
  takenAt: Instant;
  /** How long it was watched, milliseconds. */
  watchedMs: number;
  /** The primary half first. */
  objects: readonly ObjectFacts[];
  holder: HolderDetails;
  /** Null when it could not be looked at; so are the others. */
  history: History | null;
  contenders: ContenderFacts | null;
  findings: readonly Finding[];
  probe: readonly ProbeResult[];
  ghost: GhostTrail | null;
  /** At most five. */
  nextSteps: readonly NextStep[];
  /** What could not be looked at, and which permission is missing. */
  notes: readonly Note[];
}
