import type { OpenCase } from '../core/assess.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import { halvesOf, type LockRef, lockId } from '../core/lock.ts';
import { fitsLockName, type LockName, lockNameText, nearNames, parseLockName } from '../core/lock-name.ts';
import { printable } from '../core/text.ts';
import { type FirstLook, firstLook } from './first-look.ts';
import { LOCK_SOURCES, type LockBook } from './lock-book.ts';
import type { Clock, Cluster } from './ports.ts';

/** The first look at one lock: its book holds the objects of that lock and no others, its sources watch only them. */
export interface FoundLock extends FirstLook {
  /** The half whose record counts, as far as the first look can tell. */
  ref: LockRef;
}

/** So many locks that fit one name are listed in the error. */
const LISTED = 10;

/** The locks in the book that fit the name; Leases that are no locks only if nothing else does. */
function fitting(book: LockBook, name: LockName, clock: Clock): OpenCase[] {
  const cases = book
    .openCases(clock)
    .filter(({ lock }) => halvesOf(lock).some(({ ref }) => fitsLockName(name, ref)));
  const elections = cases.filter(({ heartbeat }) => heartbeat === null);
  return elections.length > 0 ? elections : cases;
}

/** What the cache does not know yet may be in the store. */
async function lookIntoStore(
  cluster: Cluster,
  clock: Clock,
  look: FirstLook,
  { namespace, name }: LockName,
  signal: AbortSignal,
): Promise<void> {
  if (namespace === null) return;
  const sources = LOCK_SOURCES.filter((source) => look.sources.some((read) => read.source === source));
  await Promise.all(
    sources.map(async (source) => {
      try {
        const options = { projection: source.projection, consistency: 'quorum' } as const;
        const { object, serverTime } = await cluster.get(source.resource, namespace, name, options, signal);
        look.book.noteServerTime(serverTime);
        look.book.see(source, object, clock.mono());
      } catch (error) {
        // Not there, or not to be got one by one: then the list was the answer.
        if (!isLeaderError(error) || error.code === 'interrupted') throw error;
      }
    }),
  );
}

/** Locks of that name in other namespaces, and of nearly that name anywhere, in full; none where nothing can be read. */
async function suggestions(
  cluster: Cluster,
  clock: Clock,
  name: LockName,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const everywhere = { namespace: null, labelSelector: null, heartbeats: false };
    const { book } = await firstLook(cluster, clock, everywhere, signal);
    const refs = book
      .sights()
      .map(({ half }) => half.ref)
      .toSorted((a, b) => Number(b.namespace === name.namespace) - Number(a.namespace === name.namespace));
    const near = [name.name, ...nearNames(name.name, new Set(refs.map((ref) => ref.name)))];
    return near.flatMap((one) => refs.filter((ref) => ref.name === one).map(lockId)).slice(0, LISTED);
  } catch (error) {
    if (!isLeaderError(error) || error.code === 'interrupted') throw error;
    return [];
  }
}

async function notFound(
  cluster: Cluster,
  clock: Clock,
  name: LockName,
  { notes }: FirstLook,
  signal: AbortSignal,
): Promise<LeaderError> {
  const gaps = notes.filter(({ code }) => code === 'unreadable' || code === 'narrowed');
  const near = (await suggestions(cluster, clock, name, signal)).map(printable);
  const where = gaps.length === 0 ? '' : ' in what could be read';
  const why = gaps.map(({ text }) => `; ${text}`).join('');
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : (gaps[0]?.hint ?? '"kubectl leader ls" lists the locks there are.');
  return new LeaderError('not-found', `no lock ${lockNameText(name)}${where}${why}`, { hint });
}

function ambiguous(name: LockName, cases: readonly OpenCase[]): LeaderError {
  const ids = cases.map(({ lock }) => printable(lockId(lock.primary.ref))).sort();
  const rest = ids.length > LISTED ? ` and ${ids.length - LISTED} more` : '';
  return new LeaderError('usage', `${lockNameText(name)} fits ${cases.length} locks`, {
    hint: `Name one of them: ${ids.slice(0, LISTED).join(', ')}${rest}.`,
  });
}

/** Leaves nothing in the look but one lock. */
function restrictTo({ book, sources, notes }: FirstLook, { lock }: OpenCase): FoundLock {
  const own = new Set(halvesOf(lock).map(({ ref }) => lockId(ref)));
  for (const { half } of book.sights()) {
    if (!own.has(lockId(half.ref))) book.removeRef(half.ref);
  }
  const { ref } = lock.primary;
  const kinds = new Set(halvesOf(lock).map((half) => half.ref.kind));
  const scope = { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}` };
  return {
    book,
    sources: sources.filter(({ source }) => kinds.has(source.kind)).map((read) => ({ ...read, scope })),
    unread: LOCK_SOURCES.filter((one) => !sources.some(({ source }) => source === one)).map(
      ({ kind }) => kind,
    ),
    notes,
    ref,
  };
}

/**
 * Finds the one lock that a user names, both halves of a multilock together. Without a namespace all of them are
 * searched, or the context's own where no more may be read. Rejects with `usage` for a name that cannot be read or
 * that fits several locks, with `not-found`, and with whatever kept everything from being read.
 */
export async function findLock(
  cluster: Cluster,
  clock: Clock,
  text: string,
  { namespace }: { namespace: string | null },
  signal: AbortSignal,
): Promise<FoundLock> {
  return findNamed(cluster, clock, parseLockName(text, namespace), signal);
}

async function findNamed(
  cluster: Cluster,
  clock: Clock,
  name: LockName,
  signal: AbortSignal,
): Promise<FoundLock> {
  const scope = { namespace: name.namespace, labelSelector: null, heartbeats: true, name: name.name };
  const look = await firstLook(cluster, clock, scope, signal);
  if (fitting(look.book, name, clock).length === 0) await lookIntoStore(cluster, clock, look, name, signal);
  const found = fitting(look.book, name, clock);
  const [only] = found;
  if (only === undefined) throw await notFound(cluster, clock, name, look, signal);
  if (found.length > 1) throw ambiguous(name, found);
  const { ref } = only.lock.primary;
  // Some kind could not be searched everywhere: where the lock is, its other half may be readable.
  if (name.namespace === null && look.notes.some(({ code }) => code !== 'not-served')) {
    return findNamed(cluster, clock, { ...name, namespace: ref.namespace }, signal);
  }
  return restrictTo(look, only);
}
