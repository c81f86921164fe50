import type { ClusterObject } from '../core/cluster-object.ts';
import { findCommonCause } from '../core/common-cause.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import { type LockHalf, type LockRef, lockId } from '../core/lock.ts';
import { type LockObjectFacts, objectFactsOf } from '../core/lock-object.ts';
import type { LockReport } from '../core/report.ts';
import { SERVICES } from '../core/resources.ts';
import type { FirstLook, ReadSource } from './first-look.ts';
import type { Clock, Cluster } from './ports.ts';
import { concludeNow, survey, watchWithHolders } from './survey.ts';
import { proofMs, type WatchProgress, watchLock } from './watch-lock.ts';

/** One lock as it is stored, watched and judged: what a change of it is planned on. */
export interface ExaminedLock {
  report: LockReport;
  /** By `lockId`: every object of the lock in full, in the version that the report shows. */
  objects: ReadonlyMap<string, ClusterObject>;
  /** By `lockId`: what each object is besides a lock. */
  facts: ReadonlyMap<string, LockObjectFacts>;
  /** Many locks are in trouble together with this one. */
  commonCause: boolean;
  notes: readonly Note[];
  /** Everything seen of it so far: a later sight is judged against it. */
  look: FirstLook;
}

/** An object that went away while it was looked at is null. */
export async function readWhole(
  cluster: Cluster,
  clock: Clock,
  { book }: FirstLook,
  { source }: ReadSource,
  { namespace, name }: LockRef,
  signal: AbortSignal,
): Promise<ClusterObject | null> {
  const options = { projection: 'full', consistency: 'quorum' } as const;
  try {
    const { object, serverTime } = await cluster.get(source.resource, namespace, name, options, signal);
    book.noteServerTime(serverTime);
    book.see(source, object, clock.mono());
    return object;
  } catch (error) {
    if (!isLeaderError(error, 'not-found')) throw error;
    book.removeRef({ kind: source.kind, namespace, name });
    return null;
  }
}

export function sourceOf({ sources }: FirstLook, { kind }: LockRef): ReadSource | undefined {
  return sources.find(({ source }) => source.kind === kind);
}

/** Whether a Service has the lock's name; null when that may not be read. */
async function hasService(
  cluster: Cluster,
  { namespace, name }: LockRef,
  signal: AbortSignal,
): Promise<boolean | null> {
  const options = { projection: 'metadata', consistency: 'quorum' } as const;
  try {
    await cluster.get(SERVICES, namespace, name, options, signal);
    return true;
  } catch (error) {
    if (!isLeaderError(error) || error.code === 'interrupted') throw error;
    return error.code === 'not-found' ? false : null;
  }
}

async function readObjects(
  cluster: Cluster,
  clock: Clock,
  look: FirstLook,
  signal: AbortSignal,
): Promise<Pick<ExaminedLock, 'objects' | 'facts'>> {
  const objects = new Map<string, ClusterObject>();
  const facts = new Map<string, LockObjectFacts>();
  const read = async (half: LockHalf): Promise<void> => {
    const source = sourceOf(look, half.ref);
    if (source === undefined) return;
    const object = await readWhole(cluster, clock, look, source, half.ref, signal);
    if (object === null) return;
    const id = lockId(half.ref);
    objects.set(id, object);
    const service = half.ref.kind === 'endpoints' ? await hasService(cluster, half.ref, signal) : false;
    const found = objectFactsOf(object, service);
    if (found !== null) facts.set(id, found);
  };
  await Promise.all(look.book.sights().map(({ half }) => read(half)));
  return { objects, facts };
}

/** Looks at all other locks, once, to see whether many are in trouble together. What cannot be told is a note. */
export async function shareTrouble(
  cluster: Cluster,
  clock: Clock,
  report: LockReport,
  signal: AbortSignal,
): Promise<{ commonCause: boolean; notes: Note[] }> {
  const { state } = report.renewal;
  if (state !== 'late' && state !== 'silent') return { commonCause: false, notes: [] };
  try {
    const everywhere = { namespace: null, labelSelector: null, heartbeats: false };
    const { reports, notes } = await survey(cluster, clock, everywhere, signal);
    const id = lockId(report.lock.primary.ref);
    const others = reports.filter(({ lock }) => lockId(lock.primary.ref) !== id);
    const commonCause = findCommonCause([...others, report])?.reports.has(report) === true;
    const narrowed = notes.find(({ code }) => code === 'narrowed' || code === 'unreadable');
    return { commonCause, notes: narrowed === undefined ? [] : [unseen(narrowed.text, narrowed.hint)] };
  } catch (error) {
    if (!isLeaderError(error) || error.code === 'interrupted') throw error;
    return { commonCause: false, notes: [unseen(error.message, error.hint)] };
  }
}

function unseen(why: string, hint: string | null): Note {
  const text = `whether many locks are in trouble together was looked for only in what could be read: ${why}`;
  return { code: 'narrowed', text, hint };
}

function withoutRepeats(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [note.text, note])).values()];
}

/** The judgement of the lock as its book shows it now; null if it is no longer there. */
export async function judgeAgain(
  cluster: Cluster,
  clock: Clock,
  look: FirstLook,
  signal: AbortSignal,
): Promise<{ report: LockReport | null; notes: readonly Note[] }> {
  const unread = new Map(look.book.sights().map(({ half }) => [lockId(half.ref), look.unread ?? []]));
  const { reports, notes } = await concludeNow(cluster, clock, look.book, look.notes, signal, unread);
  return { report: reports[0] ?? null, notes };
}

/**
 * Watches a lock until its silence or its renewal is proven (or for `observeMs`, if given), reads it in full from the
 * store and judges it. Rejects with `interrupted` when the signal aborts, with `not-found` when the lock vanished, and
 * with whatever kept it from being read.
 */
export async function examineLock(
  cluster: Cluster,
  clock: Clock,
  look: FirstLook,
  { observeMs }: { observeMs: number | null },
  signal: AbortSignal,
  onProgress?: (progress: WatchProgress) => void,
): Promise<ExaminedLock> {
  const forMs = observeMs ?? proofMs(look, clock);
  const watchNotes = await watchWithHolders(cluster, clock, look.book, () =>
    watchLock(cluster, clock, look, forMs, signal, onProgress),
  );
  if (signal.aborted) throw new LeaderError('interrupted', 'interrupted while watching');
  const read = await readObjects(cluster, clock, look, signal);
  const { report, notes } = await judgeAgain(cluster, clock, look, signal);
  if (report === null) throw new LeaderError('not-found', 'the lock vanished while it was watched');
  const shared = await shareTrouble(cluster, clock, report, signal);
  return {
    ...read,
    report,
    commonCause: shared.commonCause,
    notes: withoutRepeats([...watchNotes, ...notes, ...shared.notes]),
    look,
  };
}
