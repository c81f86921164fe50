import { closeCases, type OpenCase } from '../core/assess.ts';
import { isLeaderError, type LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import { halvesOf, holderOf, type LockHalf, type LockKind, lockId } from '../core/lock.ts';
import { withUnreadHalf } from '../core/other-half.ts';
import type { RenewalState } from '../core/renewal.ts';
import type { Snapshot } from '../core/report.ts';
import { mapBounded } from './bounded.ts';
import { type FirstLook, firstLook, type LsScope, type ReadSource } from './first-look.ts';
import { type FoundHolders, findHolders, meansFor, readAhead } from './holders.ts';
import type { LockBook } from './lock-book.ts';
import { OtherHalves, SINGLE_READS } from './other-halves.ts';
import type { Clock, Cluster } from './ports.ts';
import { Reads } from './reads.ts';
import { askFor } from './sought.ts';
import type { Means } from './traces.ts';

/** By what is known when a watching begins: such a lock may turn out to be renewed. */
const UNPROVEN: ReadonlySet<RenewalState> = new Set<RenewalState>(['renewing', 'late', 'undecided']);

/**
 * Reads again, through etcd, what looks bad: the first look came from a cache that may be stale. What cannot be read
 * again keeps its first reading. Resolves to why the API server did not answer; null if it did.
 */
export async function readStored(
  cluster: Cluster,
  clock: Clock,
  { book, sources }: FirstLook,
  cases: readonly OpenCase[],
  see: 'see' | 'seeStored',
  signal: AbortSignal,
): Promise<LeaderError | null> {
  // What was read by its name only is read again by `OtherHalves`.
  const halves = cases.flatMap(({ lock }) => halvesOf(lock)).filter(({ ref }) => !book.isUnwatched(ref));
  let unanswered: LeaderError | null = null;
  /** Not allowed to get what one may list, or a passing failure: the first reading stands. */
  const letPass = (error: unknown): void => {
    if (!isLeaderError(error) || isLeaderError(error, 'interrupted')) throw error;
    if (isLeaderError(error, 'unreachable', 'timeout')) unanswered ??= error;
  };
  const listAgain = async (read: ReadSource, own: readonly LockHalf[]): Promise<void> => {
    const missing = new Map(own.map((half) => [lockId(half.ref), half]));
    const { kind, projection, resource } = read.source;
    const answer = await cluster.list(resource, { ...read.scope, projection, consistency: 'quorum' }, signal);
    book.noteServerTime(answer.serverTime);
    for (const object of answer.items) {
      const { namespace = '', name = '' } = object.metadata;
      if (missing.delete(lockId({ kind, namespace, name }))) book[see](read.source, object, clock.mono());
    }
    // Deleted meanwhile, which only its name tells for sure.
    await mapBounded([...missing.values()], (half) => readAgain(read, half));
  };
  const readAgain = async (read: ReadSource, { ref }: LockHalf): Promise<void> => {
    const options = { projection: read.source.projection, consistency: 'quorum' } as const;
    try {
      const answer = await cluster.get(read.source.resource, ref.namespace, ref.name, options, signal);
      book.noteServerTime(answer.serverTime);
      book[see](read.source, answer.object, clock.mono());
    } catch (error) {
      if (isLeaderError(error, 'not-found')) book.removeRef(ref);
      else letPass(error);
    }
  };
  await mapBounded(sources, async (read) => {
    const own = halves.filter(({ ref }) => ref.kind === read.source.kind);
    if (own.length > SINGLE_READS) {
      await listAgain(read, own).catch(letPass);
    } else {
      await mapBounded(own, (half) => readAgain(read, half));
    }
  });
  return unanswered;
}

/** Looks for the holders of these locks, and remembers which of them are nowhere. Rejects only with `interrupted`. */
async function lookFor(
  cluster: Cluster,
  clock: Clock,
  book: LockBook,
  cases: readonly OpenCase[],
  signal: AbortSignal,
  means?: Means,
): Promise<FoundHolders> {
  const lookedAt = clock.mono();
  const found = await findHolders(cluster, clock, cases.map(askFor), signal, means);
  for (const [id, holder] of found.holders) book.absences.note(id, holder, lookedAt);
  return found;
}

/** What cannot be told is not remembered. Rejects with nothing but mistakes. */
async function lookAhead(cluster: Cluster, clock: Clock, book: LockBook, signal: AbortSignal): Promise<void> {
  const maybeRenewed = book
    .openCases(clock)
    .filter(
      ({ heartbeat, lock, renewal }) =>
        heartbeat === null && holderOf(lock.primary) !== null && UNPROVEN.has(renewal.state),
    );
  try {
    await lookFor(cluster, clock, book, maybeRenewed, signal);
  } catch (error) {
    if (!isLeaderError(error)) throw error;
  }
}

/**
 * Watches, and looks meanwhile which holders are there when that begins: one that is nowhere by its end may have
 * vanished on the way, and the renewals that were seen may be from before. It delays nothing.
 */
export async function watchWithHolders<T>(
  cluster: Cluster,
  clock: Clock,
  book: LockBook,
  watch: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const looking = lookAhead(cluster, clock, book, over.signal);
  try {
    return await watch();
  } finally {
    over.abort();
    await looking;
  }
}

/**
 * Looks for the holders of all locks in the book and joins everything into verdicts. `unread`: by `lockId`, the kinds in
 * which a lock's other half may be and could not be read.
 */
export async function concludeNow(
  cluster: Cluster,
  clock: Clock,
  book: LockBook,
  notes: readonly Note[],
  signal: AbortSignal,
  unread: ReadonlyMap<string, readonly LockKind[]> = new Map(),
  means?: Means,
): Promise<Snapshot> {
  const electing = book.openCases(clock).filter(({ heartbeat }) => heartbeat === null);
  const found = await lookFor(cluster, clock, book, electing, signal, means);
  const absences = book.absences.all;
  const moment = { now: clock.mono(), serverClock: book.serverClock };
  const closed = closeCases(book.openCases(clock), { ...found, absences }, moment);
  const reports = closed.reports.map((report) =>
    withUnreadHalf(report, unread.get(lockId(report.lock.primary.ref)) ?? []),
  );
  return { reports, notes: [...notes, ...found.notes, ...closed.notes], takenAt: book.serverTime(clock) };
}

/** The first look, what looked bad in it read again, and what it left out beside that. */
export interface SecondLook extends FirstLook {
  others: OtherHalves;
}

/** The first look with what looks bad in it read again through etcd: where watching starts from. */
export async function lookTwice(
  cluster: Cluster,
  clock: Clock,
  scope: LsScope,
  signal: AbortSignal,
  onRead?: (halves: readonly LockHalf[], areAll: boolean) => void,
): Promise<SecondLook> {
  const look = await firstLook(cluster, clock, scope, signal, onRead);
  const accused = () => look.book.openCases(clock).filter(({ suspicious }) => suspicious);
  const others = new OtherHalves(cluster, clock, look);
  const before = accused();
  if (before.length === 0) return { ...look, others };
  await readStored(cluster, clock, look, before, 'seeStored', signal);
  await others.read(accused(), 'seeStored', signal);
  return { ...look, others };
}

/** One look at every lock: verdicts at once, provisional where only clocks could be asked. */
export async function survey(
  cluster: Cluster,
  clock: Clock,
  scope: LsScope,
  signal: AbortSignal,
): Promise<Snapshot> {
  const means = meansFor(cluster, new Reads(), signal);
  const ahead = (halves: readonly LockHalf[], areAll: boolean) => readAhead(halves, areAll, means);
  const { book, notes, others } = await lookTwice(cluster, clock, scope, signal, ahead);
  return concludeNow(cluster, clock, book, [...notes, ...others.notes], signal, others.unread, means);
}
