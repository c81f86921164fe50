import { closeCases, type OpenCase, openCases } from '../core/assess.ts';
import { isLeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import { type LockHalf, type LockKind, lockId } from '../core/lock.ts';
import { withUnreadHalf } from '../core/other-half.ts';
import type { Snapshot } from '../core/report.ts';
import { serverNow } from '../core/server-clock.ts';
import { mapBounded } from './bounded.ts';
import { type FirstLook, firstLook, type LsScope, type ReadSource } from './first-look.ts';
import { findHolders } from './holders.ts';
import type { LockBook } from './lock-book.ts';
import { OtherHalves, SINGLE_READS } from './other-halves.ts';
import type { Clock, Cluster } from './ports.ts';
import { askFor } from './sought.ts';

function halvesOf({ lock }: OpenCase): LockHalf[] {
  return lock.secondary === null ? [lock.primary] : [lock.primary, lock.secondary];
}

/**
 * Reads again, through etcd, what looks bad: the first look came from a cache that may be stale. What cannot be read
 * again keeps its first reading.
 */
export async function readStored(
  cluster: Cluster,
  clock: Clock,
  { book, sources }: FirstLook,
  cases: readonly OpenCase[],
  see: 'see' | 'seeStored',
  signal: AbortSignal,
): Promise<void> {
  const halves = cases.flatMap(halvesOf);
  const listAgain = async (read: ReadSource): Promise<void> => {
    const wanted = new Set(halves.filter(({ ref }) => ref.kind === read.source.kind).map(({ uid }) => uid));
    const { projection, resource } = read.source;
    const answer = await cluster.list(resource, { ...read.scope, projection, consistency: 'quorum' }, signal);
    book.noteServerTime(answer.serverTime);
    for (const object of answer.items) {
      if (wanted.has(object.metadata.uid ?? '')) book[see](read.source, object, clock.mono());
    }
  };
  const readAgain = async (read: ReadSource, { ref }: LockHalf): Promise<void> => {
    const options = { projection: read.source.projection, consistency: 'quorum' } as const;
    try {
      const answer = await cluster.get(read.source.resource, ref.namespace, ref.name, options, signal);
      book.noteServerTime(answer.serverTime);
      book[see](read.source, answer.object, clock.mono());
    } catch (error) {
      if (isLeaderError(error, 'not-found')) book.removeRef(ref);
      // Not allowed to get what one may list, or a passing failure: the first reading stands.
      else if (!isLeaderError(error) || isLeaderError(error, 'interrupted')) throw error;
    }
  };
  await mapBounded(sources, async (read) => {
    const own = halves.filter(({ ref }) => ref.kind === read.source.kind);
    if (own.length > SINGLE_READS) {
      await listAgain(read).catch((error: unknown) => {
        if (!isLeaderError(error) || isLeaderError(error, 'interrupted')) throw error;
      });
    } else {
      await mapBounded(own, (half) => readAgain(read, half));
    }
  });
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
): Promise<Snapshot> {
  const moment = () => ({ now: clock.mono(), serverClock: book.serverClock });
  const electing = openCases(book.sights(), moment()).filter(({ heartbeat }) => heartbeat === null);
  const found = await findHolders(cluster, clock, electing.map(askFor), signal);
  const closed = closeCases(openCases(book.sights(), moment()), found, moment());
  const takenAt = book.serverClock === null ? clock.now() : serverNow(book.serverClock, clock.mono());
  const reports = closed.reports.map((report) =>
    withUnreadHalf(report, unread.get(lockId(report.lock.primary.ref)) ?? []),
  );
  return { reports, notes: [...notes, ...found.notes, ...closed.notes], takenAt };
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
): Promise<SecondLook> {
  const look = await firstLook(cluster, clock, scope, signal);
  const accused = () =>
    openCases(look.book.sights(), { now: clock.mono(), serverClock: look.book.serverClock }).filter(
      ({ suspicious }) => suspicious,
    );
  await readStored(cluster, clock, look, accused(), 'seeStored', signal);
  const others = new OtherHalves(cluster, clock, look);
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
  const { book, notes, others } = await lookTwice(cluster, clock, scope, signal);
  return concludeNow(cluster, clock, book, [...notes, ...others.notes], signal, others.unread);
}
