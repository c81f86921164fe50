import { closeCase, type Moment, type OpenCase, openCases, unsoughtHolder } from '../core/assess.ts';
import { commonCauseNote, findCommonCause } from '../core/common-cause.ts';
import type { Note } from '../core/evidence.ts';
import { durationOf } from '../core/judge-renewal.ts';
import { holderOf, type LockKind, type LockRef, lockId, recordOf } from '../core/lock.ts';
import { withUnreadHalf } from '../core/other-half.ts';
import type { LockReport } from '../core/report.ts';
import type { Mono } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import type { HolderMemory } from './holder-memory.ts';
import { LOCK_SOURCES, type LockBook } from './lock-book.ts';
import { ASK_AGAIN_AFTER_REFUSAL_MS } from './other-halves.ts';

/** One lock as it is known at the moment. */
export interface LiveLock {
  id: string;
  report: LockReport;
  /** True until its holder has been looked for: then the verdict is only a place for one. */
  pending: boolean;
  /** When it was judged: times in the report count from here. */
  at: Mono;
}

type Name = Pick<LockRef, 'namespace' | 'name'>;

/** Every lock is judged again after so many ticks, whether it changed or not: silence is no event. */
const SWEEP_TICKS = 8;

/** A lock that was renewed within this share of its duration cannot be late or silent. */
const SETTLED_SHARE = 0.5;

/** How long to wait before a lock in doubt is read once more, milliseconds. */
const ASK_AGAIN_MS = 5_000;

/** How often a half that is not watched is read by its name, milliseconds. */
const READ_BY_NAME_MS = 30_000;

/** How often locks in trouble are compared with each other, milliseconds. */
const COMPARE_MS = 1_000;

/** What stands under FOUND until the holder has been looked for. */
const NOT_YET = '…';

function nameKey({ namespace, name }: Name): string {
  return `${namespace}/${name}`;
}

/** What a reader of the list would notice. */
export function gistOf({ holder, renewal, verdict, grade }: LockReport): string {
  return [holder.identity, holder.presence, holder.found, renewal.state, verdict, grade].join('\n');
}

/** Whether time alone cannot change what is said of a lock for now: it was renewed a moment ago, or never is. */
function isSettled({ report, pending, at }: LiveLock, now: Mono): boolean {
  const { lock, renewal, verdict } = report;
  if (pending || VERDICTS[verdict].severity !== 'ok' || lock.secondary !== null) return false;
  if (renewal.state === 'perpetual') return true;
  if (renewal.state !== 'renewing' || renewal.grade !== 'watched') return false;
  const agoMs = (renewal.lastRenewedAgoMs ?? Number.POSITIVE_INFINITY) + now - at;
  return agoMs < durationOf(recordOf(lock.primary)) * SETTLED_SHARE;
}

function pendingReport(open: OpenCase, moment: Moment): LockReport {
  const holder = { ...unsoughtHolder(holderOf(open.lock.primary)), found: NOT_YET };
  const report = closeCase(open, { holder, candidates: null, absence: null }, moment, false);
  return { ...report, verdict: 'Undecided', grade: 'clock', unproven: false, advice: [] };
}

/** Judges the locks of a book one by one: those that changed at once, the rest in turn. */
export class LiveJudge {
  /** Locks that look bad and have to be read again before they are accused. */
  readonly doubtful = new Set<string>();
  /** Locks whose holder has to be looked for, or looked for again. */
  readonly unsought = new Set<string>();
  /** Locks that look bad and were read again, and when. */
  readonly #confirmed = new Map<string, Mono>();
  readonly locks = new Map<string, LiveLock>();
  readonly #book: LockBook;
  readonly #memory: HolderMemory;
  readonly #unread: ReadonlyMap<string, readonly LockKind[]>;
  #hurried: string[] = [];
  #sweep: Iterator<LiveLock> = [].values();
  #cause: ReadonlySet<string> = new Set();
  #causeNotes: readonly Note[] = [];
  #comparedAt: Mono = Number.NEGATIVE_INFINITY;
  #pending = 0;

  /** `unread`: by `lockId`, the kinds in which a lock's other half may be and could not be read. */
  constructor(book: LockBook, memory: HolderMemory, unread: ReadonlyMap<string, readonly LockKind[]>) {
    this.#book = book;
    this.#memory = memory;
    this.#unread = unread;
  }

  /** How many locks wait for their holder to be looked for. */
  get pending(): number {
    return this.#pending;
  }

  get notes(): readonly Note[] {
    return this.#causeNotes;
  }

  /** Something happened to the holders of these locks. */
  lookAgainFor(ids: readonly string[]): void {
    for (const id of ids) this.unsought.add(id);
    this.#hurried.push(...ids);
  }

  /** These were read again, with their other halves. */
  confirm(ids: readonly string[], at: Mono): void {
    for (const id of ids) this.#confirmed.set(id, at);
    this.#hurried.push(...ids);
  }

  /** The holders of these were looked for. */
  settle(ids: readonly string[]): void {
    for (const id of ids) this.unsought.delete(id);
    this.#hurried.push(...ids);
  }

  /** The open cases of these locks, as things stand. */
  casesOf(ids: Iterable<string>, now: Mono): OpenCase[] {
    const wanted = new Set(ids);
    const names = [...wanted].flatMap((id) => this.locks.get(id)?.report.lock.primary.ref ?? []);
    return this.#open(names, now).filter(({ lock }) => wanted.has(lockId(lock.primary.ref)));
  }

  /** One tick: judges what changed and the next part of the rest. Gives the locks to be shown anew, and those gone. */
  tick(now: Mono, uncertain: boolean): { changed: LiveLock[]; gone: string[] } {
    const names = new Map<string, Name>();
    const add = (name: Name): void => void names.set(nameKey(name), name);
    this.#book.takeChanged().forEach(add);
    const changedNames = new Set(names.keys());
    for (const id of this.#hurried.splice(0)) {
      const ref = this.locks.get(id)?.report.lock.primary.ref;
      if (ref !== undefined) add(ref);
    }
    this.#nextOfSweep(now).forEach(add);
    this.#compare(now).forEach(add);
    return this.#judge([...names.values()], changedNames, now, uncertain);
  }

  #nextOfSweep(now: Mono): Name[] {
    const part: Name[] = [];
    for (let left = Math.ceil(this.locks.size / SWEEP_TICKS); left > 0; left -= 1) {
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = this.locks.values();
        break;
      }
      if (!isSettled(next.value, now)) part.push(next.value.report.lock.primary.ref);
    }
    return part;
  }

  /** Finds trouble that many locks share; gives the names of those for which that is news. */
  #compare(now: Mono): Name[] {
    if (now - this.#comparedAt < COMPARE_MS) return [];
    this.#comparedAt = now;
    const locks = [...this.locks.values()].filter(({ pending }) => !pending);
    const inTrouble = locks.some(
      ({ report }) => report.renewal.state === 'late' || report.renewal.state === 'silent',
    );
    const cause = inTrouble ? findCommonCause(locks.map(({ report }) => report)) : null;
    const ids = new Set([...(cause?.reports ?? [])].map(({ lock }) => lockId(lock.primary.ref)));
    const news = [...ids.symmetricDifference(this.#cause)];
    this.#cause = ids;
    this.#causeNotes = cause === null ? [] : [commonCauseNote(cause)];
    return news.flatMap((id) => this.locks.get(id)?.report.lock.primary.ref ?? []);
  }

  #open(names: readonly Name[], now: Mono): OpenCase[] {
    const sights = names.flatMap(({ namespace, name }) =>
      LOCK_SOURCES.flatMap(({ kind }) => this.#book.sight({ kind, namespace, name }) ?? []),
    );
    return openCases(sights, { now, serverClock: this.#book.serverClock });
  }

  #judge(
    names: readonly Name[],
    changedNames: ReadonlySet<string>,
    now: Mono,
    uncertain: boolean,
  ): { changed: LiveLock[]; gone: string[] } {
    const cases = this.#open(names, now);
    const present = new Set<string>();
    const changed: LiveLock[] = [];
    for (const open of cases) {
      const { ref } = open.lock.primary;
      const id = lockId(ref);
      present.add(id);
      const before = this.locks.get(id);
      const lock = this.#judgeOne(id, open, before, now, uncertain);
      if (lock === before) continue;
      this.#put(lock);
      const quiet = before !== undefined && !changedNames.has(nameKey(ref)) && this.#isNoNews(before, lock);
      if (!quiet) changed.push(lock);
    }
    return { changed, gone: this.#removeAbsent(names, present) };
  }

  /** A lock that is well and stays so is told of only when it is renewed. */
  #isNoNews(before: LiveLock, after: LiveLock): boolean {
    return (
      before.pending === after.pending &&
      VERDICTS[after.report.verdict].severity === 'ok' &&
      gistOf(before.report) === gistOf(after.report)
    );
  }

  #judgeOne(
    id: string,
    open: OpenCase,
    before: LiveLock | undefined,
    now: Mono,
    uncertain: boolean,
  ): LiveLock {
    const moment = { now, serverClock: this.#book.serverClock };
    if (this.#memory.isStale(open, now, uncertain)) this.unsought.add(id);
    const unheard = this.#isUnheardOf(open, now);
    const inDoubt = open.suspicious || unheard;
    const stale = unheard || open.renewal.unconfirmed;
    if (!inDoubt || this.#isDueAgain(id, stale, now)) this.#confirmed.delete(id);
    if (!inDoubt || this.#confirmed.has(id)) this.doubtful.delete(id);
    else if (open.heartbeat === null) this.doubtful.add(id);
    const waiting = this.unsought.has(id) || this.doubtful.has(id);
    const known = this.#memory.find(id);
    const identity = holderOf(open.lock.primary);
    // Nobody is accused before the store and the holder have been looked at: until then it is said what was said.
    const holdsBack = waiting && open.suspicious;
    const sameHolder = before !== undefined && before.report.holder.identity === identity;
    if (holdsBack && sameHolder && !before.pending) return before;
    const isKnown = open.heartbeat !== null || known?.holder.identity === identity;
    if (holdsBack || !isKnown) return { id, report: pendingReport(open, moment), pending: true, at: now };
    const found = {
      holder: known?.holder ?? unsoughtHolder(identity),
      candidates: known?.candidates ?? null,
      absence: this.#book.absences.all.get(id) ?? null,
    };
    const report = closeCase(open, found, moment, this.#cause.has(id));
    return { id, report: withUnreadHalf(report, this.#unread.get(id) ?? []), pending: false, at: now };
  }

  /**
   * A silence is proven by reading the unchanged lock once more; where that fails it is tried again after a while, and
   * after a long one where only its other half could not be read.
   */
  #isDueAgain(id: string, stale: boolean, now: Mono): boolean {
    const afterMs = stale ? ASK_AGAIN_MS : this.#unread.has(id) ? ASK_AGAIN_AFTER_REFUSAL_MS : null;
    const at = this.#confirmed.get(id);
    return at !== undefined && afterMs !== null && now - at >= afterMs;
  }

  /** What no watch tells of has to be read again now and then, or it would stay for ever what it was. */
  #isUnheardOf({ lock, observation }: OpenCase, now: Mono): boolean {
    if (observation === null || !this.#book.isUnwatched(lock.primary.ref)) return false;
    return now - observation.lastSight >= READ_BY_NAME_MS;
  }

  #put(lock: LiveLock): void {
    this.#pending += Number(lock.pending) - Number(this.locks.get(lock.id)?.pending ?? false);
    this.locks.set(lock.id, lock);
  }

  #removeAbsent(names: readonly Name[], present: ReadonlySet<string>): string[] {
    const gone: string[] = [];
    for (const { namespace, name } of names) {
      const ids = LOCK_SOURCES.map(({ kind }) => lockId({ kind, namespace, name }));
      gone.push(...ids.filter((id) => this.locks.has(id) && !present.has(id)));
    }
    for (const id of gone) {
      this.#pending -= Number(this.locks.get(id)?.pending ?? false);
      this.locks.delete(id);
      this.#memory.forget(id);
      for (const set of [this.doubtful, this.unsought, this.#confirmed]) set.delete(id);
    }
    return gone;
  }
}
