import type { ClusterObject } from '../core/cluster-object.ts';
import type { LeaderError } from '../core/errors.ts';
import type { Resource } from '../core/resources.ts';
import type { Instant, Mono } from '../core/time.ts';

/** Time, as everything outside `core` gets it. Tests advance it by hand. */
export interface Clock {
  /** This machine's wall clock, milliseconds since the epoch. Shown, never used to judge. */
  now(): Instant;
  /** This process's monotonic clock, milliseconds. */
  mono(): Mono;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts (never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Which cluster is being talked to, for headers and messages. No secrets. */
export interface ClusterContext {
  /** Name of the kubeconfig context, or null (in-cluster, or a flag names another server or cluster). */
  context: string | null;
  /** `https://host:port`, and the path below which the API is, if there is one. No user name. */
  server: string;
  /** The namespace that applies when none is named: flag, context, service account, `default`. */
  namespace: string;
  /** True when the user named the namespace with a flag. */
  namespaceIsExplicit: boolean;
  /** The user as far as the kubeconfig names it, or null. */
  user: string | null;
  /** Why no credentials are sent, and what to do about it; null or absent when some are. */
  withoutCredentials?: string | null;
}

/**
 * `cached`: from the API server's watch cache (`resourceVersion=0`): cheap, may be stale.
 * `quorum`: through etcd: what is really stored.
 */
export type Consistency = 'cached' | 'quorum';

export interface ListScope {
  /** One namespace; absent for all of them, and for cluster-scoped resources. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ListRequest extends ListScope {
  /**
   * `metadata` asks the server for PartialObjectMetadata: nothing but apiVersion, kind, metadata. `names`: of the metadata
   * nothing but name and namespace, which saves the making of it, not the bytes.
   */
  projection: 'full' | 'metadata' | 'names';
  consistency: Consistency;
  /** Only objects that bear one of these annotations are given. A server cannot select by it, so it saves no bytes. */
  annotations?: readonly string[];
}

/** The API server's own clock, read from an answer's `Date` header (whole seconds, so up to 1 s behind). */
export interface ServerTime {
  at: Instant;
  /** When that answer arrived, on our clock. */
  receivedAt: Mono;
  /** How long the request took: the reading may be off by this much, milliseconds. */
  roundTripMs: number;
}

export interface ListAnswer {
  items: ClusterObject[];
  /** Where a watch can continue. */
  resourceVersion: string;
  serverTime: ServerTime | null;
}

export interface ObjectAnswer {
  object: ClusterObject;
  serverTime: ServerTime | null;
}

/** One row as the server prints it for `kubectl get`; cells by column name (`Name`, `Status`, `IP`, ...). */
export type PrintedRow = Readonly<Record<string, string | number | boolean | null>>;

export interface RowsAnswer {
  rows: PrintedRow[];
}

export type WatchEvent =
  | { type: 'added' | 'modified' | 'deleted'; object: ClusterObject; at: Mono }
  /** The whole state was read anew (after a 410): whatever is not in `items` no longer exists. */
  | { type: 'relisted'; items: ClusterObject[]; at: Mono }
  /** The watch is established, at first and after each interruption. What happened before is delivered after it. */
  | { type: 'connected'; at: Mono }
  /** The watch broke off and is being resumed; until `connected` nothing can be seen. */
  | { type: 'disconnected'; at: Mono; error: LeaderError | null };

/** What the object must still be for a write to happen; the API server answers 409 (`conflict`) otherwise. */
export interface Preconditions {
  uid: string;
  resourceVersion: string;
}

export interface WriteOptions {
  /** The API server checks and answers as if it wrote, and writes nothing. */
  dryRun: boolean;
}

export interface WatchRequest extends ListScope {
  projection: 'full' | 'metadata';
  /** From a list's `resourceVersion`. */
  resourceVersion: string;
}

/**
 * A Kubernetes cluster, as much of it as this tool needs. All methods reject with a LeaderError; an abort rejects
 * with code `interrupted`. Implemented by `kube/` over HTTPS and by a fake in tests, held to one contract suite.
 */
export interface Cluster {
  readonly context: ClusterContext;
  /** Every object of a resource, pages joined. */
  list(resource: Resource, request: ListRequest, signal?: AbortSignal): Promise<ListAnswer>;
  /** One object. Rejects with `not-found`. */
  get(
    resource: Resource,
    namespace: string | null,
    name: string,
    options: { projection: 'full' | 'metadata'; consistency: Consistency },
    signal?: AbortSignal,
  ): Promise<ObjectAnswer>;
  /** The rows that the server prints for `kubectl get`, without the objects: cheap for thousands of Pods or Nodes. */
  rows(resource: Resource, scope: ListScope, signal?: AbortSignal): Promise<RowsAnswer>;
  /**
   * Follows a resource until the signal aborts (then it ends without an error). Resumes after drops, lists again
   * after 410, backs off on 429 and on failures; rejects only for what will not heal by itself (401, 403, not served).
   */
  watch(resource: Resource, request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /**
   * Applies a JSON merge patch under preconditions. Never retried: rejects with `conflict` when the object is no longer
   * what it was, with `unreachable` or `timeout` when no answer came, and then it may or may not have happened.
   */
  patch(
    resource: Resource,
    namespace: string | null,
    name: string,
    body: object,
    preconditions: Preconditions,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<ObjectAnswer>;
  /** Deletes under preconditions, in the background manner of kubectl. The same errors as `patch`; `not-found` too. */
  delete(
    resource: Resource,
    namespace: string | null,
    name: string,
    preconditions: Preconditions,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Posts an object. Used for questions that the API takes as objects (access reviews); those write nothing. */
  post(
    resource: Resource,
    namespace: string | null,
    object: object,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<ObjectAnswer>;
}

/** kubectl's connection flags as the user gave them; absent means not given. Semantics are kubectl's. */
export interface ConnectionFlags {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  server?: string;
  token?: string;
  username?: string;
  password?: string;
  as?: string;
  asUid?: string;
  asGroup?: readonly string[];
  /** `key=value`, repeatable. */
  asUserExtra?: readonly string[];
  clientCertificate?: string;
  clientKey?: string;
  certificateAuthority?: string;
  insecureSkipTlsVerify?: boolean;
  tlsServerName?: string;
  /** kubectl's text form: `0`, `30`, `1m`. */
  requestTimeout?: string;
  disableCompression?: boolean;
}

/** Finds the cluster that kubectl would talk to with these flags. Rejects with `config` or `credentials` errors. */
export type Connect = (flags: ConnectionFlags) => Promise<Cluster>;
