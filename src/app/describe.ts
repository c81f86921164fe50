import type { Absence } from '../core/absence.ts';
import { closeCase, type OpenCase, unsoughtHolder } from '../core/assess.ts';
import type { CaseFile } from '../core/describe/case-file.ts';
import { nextSteps } from '../core/describe/next-steps.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Evidence, Note } from '../core/evidence.ts';
import type { Holder } from '../core/holder.ts';
import { silenceProofMs } from '../core/judge-renewal.ts';
import { holderOf, lockId, recordOf } from '../core/lock.ts';
import { withUnreadHalf } from '../core/other-half.ts';
import type { LockReport } from '../core/report.ts';
import { mapBounded } from './bounded.ts';
import { shareTrouble } from './examine-lock.ts';
import { type FoundLock, findLock } from './find-lock.ts';
import { findHolders, meansFor } from './holders.ts';
import { consequenceFor } from './investigate/consequences.ts';
import { investigate } from './investigate/investigate.ts';
import type { LockBook } from './lock-book.ts';
import type { Clock, Cluster } from './ports.ts';
import { Reads } from './reads.ts';
import { askFor } from './sought.ts';
import { readStored, watchWithHolders } from './survey.ts';
import type { Means } from './traces.ts';
import { proofMs, type WatchProgress, watchLock } from './watch-lock.ts';
import { within } from './within.ts';

export interface DescribeOptions {
  /** From `--namespace`; null if it was not given. */
  namespace: string | null;
  /** How long to watch, milliseconds; null for as long as the lock needs. */
  observeMs: number | null;
  /** Ask the API server to check an unchanged write, without making it. */
  probe: boolean;
}

/** Of the lock that has to be watched longest; `done` of `total` locks are watched enough. */
export interface DescribeProgress extends WatchProgress {
  done: number;
  total: number;
}

/** A lock with a longer duration than this is not watched to the end unless that is asked for, milliseconds. */
const LONGEST_WATCH_MS = 120_000;

/** So many renewals show how far they are apart. */
const ENOUGH_RENEWALS = 3;

/** What comes after the watching takes a second; where the API server hangs it ends after so long, milliseconds. */
const HOLDER_WITHIN_MS = 8_000;
const INVESTIGATE_WITHIN_MS = 8_000;

/**
 * One duration and the jitter of candidates: for a free lock as well, since somebody should take it by then. Nothing
 * where watching tells nothing.
 */
function watchingMs(found: FoundLock, clock: Clock): number {
  const primary = found.book.openCases(clock)[0]?.lock.primary;
  if (primary === undefined || primary.content.state === 'invalid') return 0;
  if (primary.heartbeat === null && holderOf(primary) !== null) return 0;
  return Math.min(LONGEST_WATCH_MS, Math.max(proofMs(found, clock), silenceProofMs(recordOf(primary))));
}

async function watch(
  cluster: Cluster,
  clock: Clock,
  found: FoundLock,
  { observeMs }: DescribeOptions,
  signal: AbortSignal,
  onProgress: (progress: WatchProgress) => void,
): Promise<{ watchedMs: number; notes: Note[] }> {
  const forMs = observeMs ?? watchingMs(found, clock);
  // Who names a time wants to see all of it.
  const enough = observeMs === null ? ENOUGH_RENEWALS : Number.POSITIVE_INFINITY;
  const begun = clock.mono();
  const notes = await watchLock(cluster, clock, found, forMs, signal, onProgress, enough);
  const watchedMs = forMs <= 0 ? 0 : clock.mono() - begun;
  if (!signal.aborted || forMs <= 0) return { watchedMs, notes };
  const text = 'watching was ended early: the verdict rests on what was seen until then';
  return { watchedMs, notes: [...notes, { code: 'interrupted', text, hint: null }] };
}

function unanswered(identity: string | null): Holder {
  const text = 'the API server did not answer in time';
  const evidence: Evidence[] = [{ text, grade: 'read', from: 'the search' }];
  return { ...unsoughtHolder(identity), found: 'could not look', evidence };
}

interface FoundHolder {
  holder: Holder;
  candidates: number | null;
  absence: Absence | null;
}

/** Looks for the holder; where no answer comes, it is unknown. */
async function searchHolder(
  clock: Clock,
  { absences }: LockBook,
  open: OpenCase,
  meansUntil: (signal: AbortSignal) => Means,
): Promise<FoundHolder> {
  const id = lockId(open.lock.primary.ref);
  const nobody = { holder: unanswered(holderOf(open.lock.primary)), candidates: null, absence: null };
  if (open.heartbeat !== null) return nobody;
  const lookedAt = clock.mono();
  try {
    return await within(clock, HOLDER_WITHIN_MS, async (signal) => {
      const means = meansUntil(signal);
      const found = await findHolders(means.cluster, clock, [askFor(open)], signal, means);
      const holder = found.holders.get(id);
      if (holder === undefined) return nobody;
      absences.note(id, holder, lookedAt);
      return { holder, candidates: found.candidates.get(id) ?? null, absence: absences.all.get(id) ?? null };
    });
  } catch (error) {
    if (!isLeaderError(error, 'timeout', 'interrupted')) throw error;
    return nobody;
  }
}

async function judge(
  cluster: Cluster,
  clock: Clock,
  { book, unread = [] }: FoundLock,
  open: OpenCase,
  meansUntil: (signal: AbortSignal) => Means,
): Promise<{ report: LockReport; commonCause: boolean; notes: readonly Note[] }> {
  const holder = await searchHolder(clock, book, open, meansUntil);
  const moment = { now: clock.mono(), serverClock: book.serverClock };
  const report = withUnreadHalf(closeCase(open, holder, moment, false), unread);
  if (open.heartbeat !== null) return { report, commonCause: false, notes: [] };
  const { commonCause, notes } = await within(clock, INVESTIGATE_WITHIN_MS, (signal) =>
    shareTrouble(cluster, clock, report, signal),
  ).catch((error: unknown) => {
    if (!isLeaderError(error, 'timeout', 'interrupted')) throw error;
    return { commonCause: false, notes: [] };
  });
  const shared = commonCause ? withUnreadHalf(closeCase(open, holder, moment, true), unread) : report;
  return { report: shared, commonCause, notes };
}

function vanished({ ref }: FoundLock): LeaderError {
  return new LeaderError('not-found', `${lockId(ref)} was deleted while it was looked at`, {
    hint: 'Look again: candidates create it anew, and a ghost does so at once.',
  });
}

/**
 * Watches one lock, judges it and looks at everything around it. An abort ends the watching early. Rejects with
 * `not-found` when the lock is deleted meanwhile; what cannot be read otherwise is a note in the case.
 */
async function describeLock(
  cluster: Cluster,
  clock: Clock,
  found: FoundLock,
  options: DescribeOptions,
  signal: AbortSignal,
  onProgress: (progress: WatchProgress) => void,
): Promise<CaseFile> {
  // The interruption ends the watching, not the answer: what follows takes about a second.
  const answering = new AbortController().signal;
  await readStored(cluster, clock, found, found.book.openCases(clock), 'seeStored', answering);
  const watched = await watchWithHolders(cluster, clock, found.book, () =>
    watch(cluster, clock, found, options, signal, onProgress),
  );
  await readStored(cluster, clock, found, found.book.openCases(clock), 'see', answering);
  const [open] = found.book.openCases(clock);
  if (open === undefined) throw vanished(found);
  const reads = new Reads(consequenceFor);
  const meansUntil = (until: AbortSignal) => meansFor(cluster, reads, until);
  const { report, commonCause, notes } = await judge(cluster, clock, found, open, meansUntil);
  const { book } = found;
  const inquest = { report, asked: askFor(open), book, probe: options.probe };
  const investigation = await within(clock, INVESTIGATE_WITHIN_MS, (until) =>
    investigate(inquest, meansUntil(until), clock),
  );
  const { lock, holder, candidates } = report;
  const steps =
    report.heartbeat === null
      ? nextSteps(report.verdict, { lock, holder, candidates, commonCause }, investigation)
      : [];
  const allNotes = [...found.notes, ...watched.notes, ...notes, ...investigation.notes];
  return {
    ...investigation,
    report,
    takenAt: found.book.serverTime(clock),
    watchedMs: watched.watchedMs,
    nextSteps: steps,
    notes: [...new Map(allNotes.map((note) => [note.text, note])).values()],
  };
}

/**
 * The case of each lock that is named, in the order of the names. All names are looked up before any lock is watched.
 * Rejects with `usage` or `not-found` for a name that does not lead to one lock, and with what kept everything from
 * being read.
 */
export async function describeLocks(
  cluster: Cluster,
  clock: Clock,
  names: readonly string[],
  options: DescribeOptions,
  signal: AbortSignal,
  onProgress: (progress: DescribeProgress) => void = () => {},
): Promise<CaseFile[]> {
  const all = await mapBounded(names, (name) => findLock(cluster, clock, name, options, signal));
  const distinct = [...new Map(all.map((found) => [lockId(found.ref), found])).values()];
  const under = new Map<FoundLock, WatchProgress>();
  let done = 0;
  return mapBounded(distinct, async (found) => {
    const onWatch = (progress: WatchProgress): void => {
      under.set(found, progress);
      const longest = [...under.values()].reduce((a, b) =>
        b.forMs - b.elapsedMs > a.forMs - a.elapsedMs ? b : a,
      );
      onProgress({ ...longest, done, total: distinct.length });
    };
    const described = await describeLock(cluster, clock, found, options, signal, onWatch);
    under.delete(found);
    done += 1;
    return described;
  });
}
