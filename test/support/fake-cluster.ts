import type {
  Clock,
  Cluster,
  ClusterContext,
  Consistency,
  ListAnswer,
  ListRequest,
  ListScope,
  ObjectAnswer,
  Preconditions,
  RowsAnswer,
  ServerTime,
  WatchEvent,
  WatchRequest,
  WriteOptions,
} from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { asLeaderError, type ErrorCode, LeaderError } from '../../src/core/errors.ts';
import { type Resource, resourceName } from '../../src/core/resources.ts';
import type { Instant } from '../../src/core/time.ts';
import {
  type AccessQuestion,
  type AccessRule,
  isReview,
  reviewed,
} from '../../src/sandbox/access-reviews.ts';
import { type FaultMatch, Faults } from '../../src/sandbox/faults.ts';
import { apiVersionOf, KNOWN_RESOURCES, resourceOf } from '../../src/sandbox/kinds.ts';
import { printedRow } from '../../src/sandbox/printed-rows.ts';
import { selects } from '../../src/sandbox/selectors.ts';
import {
  Store,
  type Preconditions as StorePreconditions,
  type WriteOptions as StoreWriteOptions,
} from '../../src/sandbox/store.ts';
import { type FakeRequest, FakeRights } from './fake-rights.ts';
import { FakeWatch } from './fake-watch.ts';
import { createIn, deleteIn, patchIn } from './fake-writes.ts';

/** How long a watch waits after a failure that may heal, when the server does not say, milliseconds. */
const RETRY_MS = 1_000;

/** What ends a watch for good; everything else it waits out. */
const NEVER_HEALS: readonly ErrorCode[] = ['unauthorized', 'forbidden', 'not-served', 'invalid'];

type Projection = 'full' | 'metadata';
type ListProjection = ListRequest['projection'];

function projected(resource: Resource, object: ClusterObject, projection: ListProjection): ClusterObject {
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  if (projection === 'names') {
    const { name, namespace } = object.metadata;
    return { ...type, metadata: { ...(name && { name }), ...(namespace && { namespace }) } };
  }
  return projection === 'full' ? { ...object, ...type } : { ...type, metadata: object.metadata };
}

export interface FakeClusterOptions {
  context?: Partial<ClusterContext>;
  /** The API server's clock against this machine's, milliseconds. */
  serverSkewMs?: number;
}

/**
 * A cluster in memory that answers as an API server does: revisions, selectors, projections, a watch cache that can
 * be behind, watches that resume and that expire. Tests change it through `create`, `update`, `apply`, `remove`, and
 * make it fail on cue. Nothing here takes time unless `latencyMs` says so.
 */
export class FakeCluster implements Cluster {
  readonly context: ClusterContext;
  readonly store: Store;
  /** Every request so far, refused ones included; one more for each time that a watch connects or lists again. */
  readonly requests: FakeRequest[] = [];
  /** How long each answer takes, milliseconds. */
  latencyMs = 0;
  /** False for a server behind something that strips the Date header. */
  sendsDate = true;
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #rights = new FakeRights();
  readonly #watches = new Set<FakeWatch>();
  #watchesDown: LeaderError | null = null;
  /** Aborted, and replaced, when the API server can be reached again. */
  #down = new AbortController();
  #rule: AccessRule = (question) => this.#allows(question);
  #lag = { ms: 0, watches: false, floor: 0 };

  constructor(clock: Clock, options: FakeClusterOptions = {}) {
    this.#clock = clock;
    this.#faults = new Faults(clock);
    this.store = new Store(clock);
    this.store.serverSkewMs = options.serverSkewMs ?? 0;
    this.store.onChange(() => this.#deliver());
    this.context = {
      context: 'fake',
      server: 'https://fake.invalid:6443',
      namespace: 'default',
      namespaceIsExplicit: false,
      user: 'tester',
      ...options.context,
    };
  }

  // What tests do to the cluster.

  create(object: ClusterObject, options?: StoreWriteOptions): ClusterObject {
    this.#mustServe(object);
    return this.store.create(object, options);
  }

  update(object: ClusterObject, options?: StoreWriteOptions): ClusterObject {
    return this.store.update(object, options);
  }

  apply(object: ClusterObject, options?: StoreWriteOptions): ClusterObject {
    this.#mustServe(object);
    return this.store.apply(object, options);
  }

  remove(
    resource: Resource,
    namespace: string | null,
    name: string,
    preconditions?: StorePreconditions,
  ): void {
    this.store.remove(resource, namespace, name, preconditions);
  }

  /** The stored object, without a request. Throws `not-found`. */
  peek(resource: Resource, namespace: string | null, name: string): ClusterObject {
    return this.store.read(resource, namespace, name);
  }

  /** Forgets the history: a watch that resumes from before is answered 410, and lists again. */
  compact(): void {
    this.store.compact();
  }

  /** The API server's clock jumps by `ms` against this machine's. */
  skewServer(ms: number): void {
    this.store.serverSkewMs += ms;
  }

  serverNow(): Instant {
    return this.store.serverNow();
  }

  /**
   * From now on `cached` reads show the cluster as it was `ms` milliseconds ago, never older than now; `Infinity` is
   * a watch cache that is stuck. Watches stay current, as from another API server, unless `watches` says so.
   */
  setCacheLag(ms: number, { watches = false }: { watches?: boolean } = {}): void {
    this.#lag = { ms, watches, floor: this.#cachedRevision() };
    this.#deliver();
  }

  /**
   * Refuses requests as RBAC would. Without a namespace everywhere; with one there, and so across all of them;
   * with `null` only across all namespaces.
   */
  forbid(rule: FaultMatch): void {
    this.#rights.forbid(rule);
  }

  allowAll(): void {
    this.#rights.allowAll();
  }

  /** The resource does not exist on this server, as LeaseCandidates do not by default. */
  notServed(resource: Resource): void {
    this.#rights.serve(resource, false);
  }

  serve(resource: Resource): void {
    this.#rights.serve(resource, true);
  }

  /** The next `times` requests that fit are answered with this error; watches retry what may heal. */
  fail(error: LeaderError, times = 1, match: FaultMatch = {}): void {
    this.#faults.fail(error, match, times);
  }

  /** The next `times` requests that fit are carried out, and then their answer is lost. */
  loseAnswer(
    match: FaultMatch = {},
    times = 1,
    error = new LeaderError('unreachable', `the connection to ${this.context.server} broke off`),
  ): void {
    this.#faults.loseAnswer(error, match, times);
  }

  /**
   * From now on every PUT and PATCH of this object is answered 409, whoever sends it; deleting it works, and whatever
   * is created in its place is sound. Throws `not-found`.
   */
  conflictOn(resource: Resource, namespace: string | null, name: string): void {
    this.store.freeze(resource, namespace, name);
  }

  /** Answers access reviews from now on. By default all is allowed that `forbid` does not forbid. */
  review(rule: AccessRule): void {
    this.#rule = rule;
  }

  /** Requests that fit are accepted and never answered, until the function that this gives is called. */
  hang(match: FaultMatch = {}): () => void {
    return this.#faults.hang(match);
  }

  /** Drops every watch, and refuses every request until `reconnect`; with `watchesOnly` reads go on. */
  disconnect({
    error = new LeaderError('unreachable', `no answer from ${this.context.server}`),
    watchesOnly = false,
  }: {
    error?: LeaderError;
    watchesOnly?: boolean;
  } = {}): void {
    this.#watchesDown = error;
    if (!watchesOnly) this.#faults.unreachable = error;
    for (const watch of this.#watches) watch.drop(error);
  }

  reconnect(): void {
    this.#watchesDown = null;
    this.#faults.unreachable = null;
    this.#down.abort();
    this.#down = new AbortController();
  }

  /** How many watches somebody is following now. */
  get openWatches(): number {
    return this.#watches.size;
  }

  // The port.

  async list(resource: Resource, request: ListRequest, signal?: AbortSignal): Promise<ListAnswer> {
    const serverTime = await this.#admit('list', resource, request, signal);
    const matches = selects(resource, request);
    const revision = this.#revisionFor(request.consistency);
    const { projection, annotations } = request;
    const items = this.#items(resource, matches, projection, revision);
    const bears = ({ metadata }: ClusterObject) =>
      annotations?.some((annotation) => metadata.annotations?.[annotation] !== undefined) ?? true;
    return {
      items: items.filter(bears),
      resourceVersion: String(revision),
      serverTime,
    };
  }

  async get(
    resource: Resource,
    namespace: string | null,
    name: string,
    options: { projection: Projection; consistency: Consistency },
    signal?: AbortSignal,
  ): Promise<ObjectAnswer> {
    const about = { ...options, name, ...(namespace !== null && { namespace }) };
    const serverTime = await this.#admit('get', resource, about, signal);
    const object = this.store.read(resource, namespace, name, this.#revisionFor(options.consistency));
    return { object: projected(resource, object, options.projection), serverTime };
  }

  async rows(resource: Resource, scope: ListScope, signal?: AbortSignal): Promise<RowsAnswer> {
    await this.#admit('list', resource, { ...scope, projection: 'rows' }, signal);
    const objects = this.#items(resource, selects(resource, scope), 'full', this.#cachedRevision());
    return { rows: objects.map((object) => printedRow(resource, object, this.serverNow())) };
  }

  async *watch(
    resource: Resource,
    request: WatchRequest,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, void, undefined> {
    if (signal.aborted) return;
    const matches = selects(resource, request);
    const watch = new FakeWatch(this.#startOf(request), {
      clock: this.#clock,
      matches,
      project: (object) => projected(resource, structuredClone(object), request.projection),
      changesAfter: (revision) =>
        this.store.changes.filter(
          (change) =>
            change.resource === resource &&
            change.revision > revision &&
            change.revision <= this.#watchedRevision(),
        ),
      nextChangeIn: () => this.#nextChangeIn(),
    });
    const closed = new AbortController();
    const until = AbortSignal.any([signal, closed.signal]);
    this.#watches.add(watch);
    const following = this.#follow(watch, resource, request, matches, until);
    try {
      yield* watch.events(signal);
    } finally {
      closed.abort();
      this.#watches.delete(watch);
      await following;
    }
  }

  async patch(
    resource: Resource,
    namespace: string | null,
    name: string,
    body: object,
    preconditions: Preconditions,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<ObjectAnswer> {
    const place = { resource, namespace, name };
    const act = () => patchIn(this.store, place, body, preconditions, options.dryRun);
    return this.#write('patch', place, options, act, signal);
  }

  async delete(
    resource: Resource,
    namespace: string | null,
    name: string,
    preconditions: Preconditions,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<void> {
    const place = { resource, namespace, name };
    const act = () => {
      const object = this.store.read(resource, namespace, name);
      deleteIn(this.store, place, preconditions, options.dryRun);
      return object;
    };
    await this.#write('delete', place, options, act, signal);
  }

  async post(
    resource: Resource,
    namespace: string | null,
    object: object,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<ObjectAnswer> {
    const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    const { metadata, ...rest }: Partial<ClusterObject> = object;
    const posted = { ...rest, ...type, metadata: { ...metadata, ...(namespace !== null && { namespace }) } };
    const act = () =>
      isReview(resource) ? reviewed(posted, this.#rule) : createIn(this.store, posted, options.dryRun);
    return this.#write('create', { resource, namespace, name: null }, options, act, signal);
  }

  async #write(
    verb: 'patch' | 'delete' | 'create',
    { resource, namespace, name }: { resource: Resource; namespace: string | null; name: string | null },
    { dryRun }: WriteOptions,
    act: () => ClusterObject,
    signal: AbortSignal | undefined,
  ): Promise<ObjectAnswer> {
    const place = { ...(namespace !== null && { namespace }), ...(name !== null && { name }) };
    const about = { ...place, projection: 'full' as const, dryRun };
    const serverTime = await this.#admit(verb, resource, about, signal);
    const object = projected(resource, act(), 'full');
    this.#faults.answer({ verb, resource: resourceName(resource), namespace, name });
    return { object, serverTime };
  }

  #allows({ user, verb, group, resource, namespace }: AccessQuestion): boolean {
    const about = KNOWN_RESOURCES.find((one) => one.group === group && one.plural === resource);
    if (user !== null || about === undefined) return true;
    const request = { verb: verb as FakeRequest['verb'], resource: resourceName(about), name: null };
    return this.#rights.allows({ ...request, namespace: namespace === '' ? null : namespace }, about);
  }

  /** Connects the watch again and again, until it is over or will not heal. */
  async #follow(
    watch: FakeWatch,
    resource: Resource,
    request: WatchRequest,
    matches: (object: ClusterObject) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    let told = false;
    while (!signal.aborted) {
      try {
        await this.#admit('watch', resource, request, signal);
        if (this.#watchesDown) throw this.#watchesDown;
        if (watch.cursor < this.store.compactedRevision) {
          const error = new LeaderError('gone', `too old resource version: ${watch.cursor}`);
          if (!told) watch.push({ type: 'disconnected', at: this.#clock.mono(), error });
          told = true;
          await this.#admit('list', resource, request, signal);
          watch.cursor = this.store.revision;
          const items = this.#items(resource, matches, request.projection, watch.cursor);
          watch.push({ type: 'relisted', items, at: this.#clock.mono() });
        }
        await watch.connect(signal);
        told = true;
      } catch (thrown) {
        if (signal.aborted) break;
        const error = asLeaderError(thrown);
        if (thrown !== error || NEVER_HEALS.includes(error.code)) {
          watch.end(error);
          return;
        }
        if (!told) watch.push({ type: 'disconnected', at: this.#clock.mono(), error });
        told = true;
        const retry = AbortSignal.any([signal, this.#down.signal]);
        await this.#clock.sleep(error.retryAfterMs ?? RETRY_MS, retry);
      }
    }
    watch.end();
  }

  async #admit(
    verb: FakeRequest['verb'],
    resource: Resource,
    about: ListScope & {
      name?: string;
      projection: FakeRequest['projection'];
      consistency?: Consistency;
      dryRun?: boolean;
    },
    signal?: AbortSignal,
  ): Promise<ServerTime | null> {
    if (!KNOWN_RESOURCES.includes(resource)) {
      throw new Error(`no such resource in the fake cluster: ${resourceName(resource)}`);
    }
    const request: FakeRequest = {
      verb,
      resource: resourceName(resource),
      namespace: about.namespace ?? null,
      name: about.name ?? null,
      projection: about.projection,
      consistency: about.consistency ?? null,
      labelSelector: about.labelSelector ?? null,
      fieldSelector: about.fieldSelector ?? null,
      ...(about.dryRun !== undefined && { dryRun: about.dryRun }),
    };
    this.requests.push(request);
    if (this.latencyMs > 0) await this.#clock.sleep(this.latencyMs, signal);
    await this.#faults.meet(request, signal);
    this.#rights.meet(request, resource, this.context.user);
    if (!this.sendsDate) return null;
    return {
      at: Math.floor(this.serverNow() / 1_000) * 1_000,
      receivedAt: this.#clock.mono(),
      roundTripMs: this.latencyMs,
    };
  }

  #items(
    resource: Resource,
    matches: (object: ClusterObject) => boolean,
    projection: ListProjection,
    revision: number,
  ): ClusterObject[] {
    return this.store
      .list(resource, revision)
      .filter(matches)
      .map((object) => projected(resource, object, projection));
  }

  #startOf(request: WatchRequest): number {
    const revision = Number(request.resourceVersion);
    if (!Number.isInteger(revision) || revision < 1 || revision > this.store.revision) {
      throw new Error(`a watch must start at a list's resourceVersion, not at "${request.resourceVersion}"`);
    }
    return revision;
  }

  #revisionFor(consistency: Consistency): number {
    return consistency === 'quorum' ? this.store.revision : this.#cachedRevision();
  }

  #cachedRevision(): number {
    if (this.#lag.ms === 0) return this.store.revision;
    const shown = this.store.changes.findLast((change) => change.at <= this.#clock.mono() - this.#lag.ms);
    return Math.max(this.#lag.floor, shown?.revision ?? 0);
  }

  #watchedRevision(): number {
    return this.#lag.watches ? this.#cachedRevision() : this.store.revision;
  }

  #nextChangeIn(): number | null {
    const shown = this.#watchedRevision();
    const next = this.store.changes.find((change) => change.revision > shown);
    if (!next || !Number.isFinite(this.#lag.ms)) return null;
    return next.at + this.#lag.ms - this.#clock.mono();
  }

  #deliver(): void {
    for (const watch of this.#watches) watch.deliver();
  }

  #mustServe(object: ClusterObject): void {
    const resource = resourceOf(object);
    if (!this.#rights.isServed(resource)) {
      throw new Error(`${resourceName(resource)} are not served by this fake cluster: call serve() first`);
    }
  }
}
