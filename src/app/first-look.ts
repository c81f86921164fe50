import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import type { Gap } from '../core/gap.ts';
import type { LockHalf, LockKind } from '../core/lock.ts';
import { LEASES, resourceName } from '../core/resources.ts';
import { LOCK_SOURCES, LockBook, type LockSource } from './lock-book.ts';
import type { Clock, Cluster, ListAnswer, ListScope } from './ports.ts';
import { refusedEverywhere } from './refused-everywhere.ts';

/** Which locks to look at. */
export interface LsScope {
  /** One namespace, or null for all of them. */
  namespace: string | null;
  labelSelector: string | null;
  /** Also the Leases that are no locks: node heartbeats, API server identities, mutexes. */
  heartbeats: boolean;
  /** Only the objects of this name; absent for all of them. */
  name?: string;
}

/** A source that could be read: where a watch can go on, and with which scope. */
export interface ReadSource {
  source: LockSource;
  scope: ListScope;
  resourceVersion: string;
}

export interface FirstLook {
  book: LockBook;
  sources: ReadSource[];
  notes: Note[];
  /** Of a look at one lock: the kinds in which its other half could not be looked for. */
  unread?: readonly LockKind[];
}

/** Node heartbeats are most of a cluster's Leases, and none of them is a lock. */
const NOT_NODE_HEARTBEATS = 'metadata.namespace!=kube-node-lease';

function fieldSelectorOf({ resource }: LockSource, scope: LsScope, namespace: string | null): string | null {
  if (scope.name !== undefined) return `metadata.name=${scope.name}`;
  return resource === LEASES && namespace === null && !scope.heartbeats ? NOT_NODE_HEARTBEATS : null;
}

function listScope(source: LockSource, scope: LsScope, namespace: string | null): ListScope {
  const fieldSelector = fieldSelectorOf(source, scope, namespace);
  return {
    ...(namespace === null ? {} : { namespace }),
    ...(scope.labelSelector === null ? {} : { labelSelector: scope.labelSelector }),
    ...(fieldSelector === null ? {} : { fieldSelector }),
  };
}

type Attempt =
  | { source: LockSource; scope: ListScope; answer: ListAnswer; note: Note | null }
  | { source: LockSource; error: LeaderError };

async function attempt(
  cluster: Cluster,
  source: LockSource,
  scope: LsScope,
  namespace: string | null,
  signal: AbortSignal,
): Promise<Attempt> {
  const where = listScope(source, scope, namespace);
  try {
    const { projection, annotations } = source;
    const request = {
      ...where,
      projection,
      consistency: 'cached',
      ...(annotations && { annotations }),
    } as const;
    return { source, scope: where, answer: await cluster.list(source.resource, request, signal), note: null };
  } catch (error) {
    if (!(error instanceof LeaderError)) throw error;
    const got = error.code === 'forbidden' ? await getOnly(cluster, source, scope, namespace, signal) : null;
    return got === null ? { source, error } : { source, scope: where, answer: got, note: null };
  }
}

/** The one object by itself: many may get a lock that they may not list. Null if that is not possible either. */
async function getOnly(
  cluster: Cluster,
  { resource, projection }: LockSource,
  { name }: LsScope,
  namespace: string | null,
  signal: AbortSignal,
): Promise<ListAnswer | null> {
  if (name === undefined || namespace === null) return null;
  try {
    const options = { projection, consistency: 'cached' } as const;
    const { object, serverTime } = await cluster.get(resource, namespace, name, options, signal);
    return { items: [object], resourceVersion: object.metadata.resourceVersion ?? '', serverTime };
  } catch (error) {
    if (!isLeaderError(error) || error.code === 'interrupted') throw error;
    return null;
  }
}

/** All namespaces if that is asked for and allowed; else the context's own, which a user of one namespace may read. */
async function readSource(
  cluster: Cluster,
  source: LockSource,
  scope: LsScope,
  signal: AbortSignal,
): Promise<Attempt> {
  const whole = await attempt(cluster, source, scope, scope.namespace, signal);
  if (!('error' in whole) || whole.error.code !== 'forbidden' || scope.namespace !== null) return whole;
  const own = await attempt(cluster, source, scope, cluster.context.namespace, signal);
  if ('error' in own) return whole;
  const name = resourceName(source.resource);
  const done = scope.name === undefined ? 'are shown' : 'were searched';
  const consequence = `only those of namespace ${cluster.context.namespace} ${done}`;
  const note: Note = {
    code: 'narrowed',
    text: `not allowed to list ${name} in all namespaces: ${consequence}`,
    hint: whole.error.hint,
    gap: gapOf(source, scope, whole.error, consequence),
  };
  return { ...own, note };
}

function gapOf({ resource }: LockSource, scope: LsScope, error: LeaderError, consequence: string): Gap {
  const clusterWide = scope.namespace === null;
  const where = clusterWide ? ' in all namespaces' : ` in ${scope.namespace}`;
  const { code, message: why } = error;
  const what = { about: 'locks', verb: 'list', resource: resourceName(resource) } as const;
  return { ...what, where, clusterWide, code, why, consequence };
}

/** Failures that concern the connection or the credentials as a whole: there is nothing partial to show. */
function isTotal(error: LeaderError): boolean {
  return isLeaderError(error, 'unauthorized', 'credentials', 'config', 'unreachable', 'tls', 'interrupted');
}

function failureNote(source: LockSource, scope: LsScope, error: LeaderError): Note {
  const name = resourceName(source.resource);
  if (error.code === 'not-served') {
    return {
      code: 'not-served',
      text: `this API server does not serve ${name}: no locks of that kind`,
      hint: null,
    };
  }
  const missed =
    scope.name === undefined
      ? `locks in ${name} are not shown`
      : `whether ${name} hold such a lock, or its other half, is not known`;
  const consequence =
    scope.name === undefined ? 'locks in them are not shown' : 'whether they hold such a lock is not known';
  const gap = gapOf(source, scope, error, consequence);
  return { code: 'unreadable', text: `${missed}: ${error.message}`, hint: error.hint, gap };
}

/** One kind of lock, read or not. */
export interface SourceLook {
  /** Null when it could not be read. */
  read: ReadSource | null;
  /** What is to be said about it. */
  notes: Note[];
  error: LeaderError | null;
}

/** Reads one kind of lock into the book, from the API server's cache. Rejects only for what no LeaderError explains. */
export async function lookAt(
  cluster: Cluster,
  clock: Clock,
  source: LockSource,
  scope: LsScope,
  book: LockBook,
  signal: AbortSignal,
): Promise<SourceLook> {
  const done = await readSource(cluster, source, scope, signal);
  if ('error' in done) {
    return { read: null, notes: [failureNote(source, scope, done.error)], error: done.error };
  }
  const { answer, note } = done;
  book.noteServerTime(answer.serverTime);
  book.seeAll(source, answer.items, clock.mono());
  const read = { source, scope: done.scope, resourceVersion: answer.resourceVersion };
  return { read, notes: note === null ? [] : [note], error: null };
}

/** Why there is nothing to show at all; null when something could be read. */
export function totalFailure(looks: readonly SourceLook[]): LeaderError | null {
  const errors = looks.flatMap(({ error }) => error ?? []);
  const total = errors.find(isTotal);
  if (total !== undefined) return total;
  if (errors.length < looks.length) return null;
  const gaps = looks.flatMap(({ notes }) => notes.flatMap(({ gap }) => gap ?? []));
  return refusedEverywhere(errors, gaps) ?? errors[0] ?? null;
}

/**
 * Reads every kind of lock once, in parallel, from the API server's cache. A kind that cannot be read is a note and
 * hides nothing else; rejects only when nothing at all could be read. `onRead` is told of the locks of a kind as soon as
 * they are there, and in the end of all of them.
 */
export async function firstLook(
  cluster: Cluster,
  clock: Clock,
  scope: LsScope,
  signal: AbortSignal,
  onRead: (halves: readonly LockHalf[], areAll: boolean) => void = () => undefined,
): Promise<FirstLook> {
  const book = new LockBook({ heartbeats: scope.heartbeats });
  const halvesIn = (isWanted: (kind: LockKind) => boolean): LockHalf[] =>
    book
      .sights()
      .flatMap(({ half, heartbeat }) => (heartbeat === null && isWanted(half.ref.kind) ? [half] : []));
  const looks = await Promise.all(
    LOCK_SOURCES.map(async (source) => {
      const look = await lookAt(cluster, clock, source, scope, book, signal);
      onRead(
        halvesIn((kind) => kind === source.kind),
        false,
      );
      return look;
    }),
  );
  const total = totalFailure(looks);
  if (total !== null) throw total;
  onRead(
    halvesIn(() => true),
    true,
  );
  return {
    book,
    sources: looks.flatMap(({ read }) => read ?? []),
    notes: looks.flatMap(({ notes }) => notes),
  };
}
