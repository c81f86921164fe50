import type { Absence } from './absence.ts';
import { commonCauseNote, findCommonCause } from './common-cause.ts';
import type { Note } from './evidence.ts';
import type { Holder } from './holder.ts';
import { type Case, judgeLock } from './judge.ts';
import { judgeRenewal } from './judge-renewal.ts';
import { holderOf, type LeaseClass, type Lock, type LockHalf, lockId } from './lock.ts';
import type { Observation } from './observation.ts';
import { pairLocks } from './pairing.ts';
import { isRenewed, type Renewal, type RenewalState } from './renewal.ts';
import type { LockReport } from './report.ts';
import { type ServerClock, serverNow } from './server-clock.ts';
import type { Mono } from './time.ts';
import { VERDICTS, type VerdictCode } from './verdict.ts';

/** One object with a lock's format, as seen last, and what was seen of it before. */
export interface Sight {
  half: LockHalf;
  observation: Observation | null;
  /** Set for a Lease that is no lock. */
  heartbeat: LeaseClass | null;
  /** The cached and the quorum read showed different records. */
  readsDisagree: boolean;
  /** How often the object was seen to change while its record stayed as it was. */
  otherWrites: number;
}

/** A lock whose renewal has been judged, and whose holder has still to be looked for. */
export interface OpenCase {
  lock: Lock;
  renewal: Renewal;
  observation: Observation | null;
  heartbeat: LeaseClass | null;
  /** Looks bad so far, so it deserves a second, more expensive look before it is accused. */
  suspicious: boolean;
}

export interface Moment {
  now: Mono;
  serverClock: ServerClock | null;
}

const TRUSTED: ReadonlySet<RenewalState> = new Set<RenewalState>(['renewing', 'perpetual']);

function renewalOf({ half, observation, readsDisagree }: Sight, { now, serverClock }: Moment): Renewal {
  const renewal = judgeRenewal({ half, observation, now, serverClock });
  if (!readsDisagree || renewal.grade === 'watched' || renewal.state !== 'silent') return renewal;
  // One of the two records is a second old or days old, and clocks cannot tell which: watching will.
  const text =
    "the API server's cache and its store show different records: renewed in between, or the cache is stale";
  return {
    ...renewal,
    state: 'undecided',
    evidence: [{ text, grade: 'read', from: 'two reads' }, ...renewal.evidence],
  };
}

function seenRenewing(renewal: Renewal | undefined): boolean | undefined {
  if (renewal === undefined || renewal.grade !== 'watched') return undefined;
  return isRenewed(renewal);
}

/** Joins the objects into locks and judges for each whether it is renewed. */
export function openCases(sights: readonly Sight[], moment: Moment): OpenCase[] {
  const byId = new Map(sights.map((sight) => [lockId(sight.half.ref), sight]));
  const renewals = new Map(sights.map((sight) => [lockId(sight.half.ref), renewalOf(sight, moment)]));
  const renewing = new Map([...renewals].map(([id, renewal]) => [id, seenRenewing(renewal)]));
  const serverTime = moment.serverClock === null ? null : serverNow(moment.serverClock, moment.now);
  const heartbeats = sights.filter(({ heartbeat }) => heartbeat !== null);
  const locks = [
    ...pairLocks(
      sights.filter(({ heartbeat }) => heartbeat === null).map(({ half }) => half),
      serverTime,
      renewing,
    ),
    ...heartbeats.map(({ half }): Lock => ({ primary: half, secondary: null, pairing: 'single' })),
  ];
  return locks.flatMap((lock) => {
    const id = lockId(lock.primary.ref);
    const sight = byId.get(id);
    const renewal = renewals.get(id);
    if (sight === undefined || renewal === undefined) return [];
    const { observation, heartbeat } = sight;
    const held = holderOf(lock.primary) !== null;
    const trusted = held ? TRUSTED.has(renewal.state) : renewal.state !== 'silent';
    const suspicious = !trusted || lock.primary.content.state === 'invalid' || lock.pairing === 'split';
    return [{ lock, renewal, observation, heartbeat, suspicious }];
  });
}

const HEARTBEAT_VERDICT = {
  renewing: 'Healthy',
  late: 'Late',
  silent: 'Silent',
  perpetual: 'Held',
  undecided: 'Undecided',
} as const satisfies Record<RenewalState, VerdictCode>;

const NO_HOLDER: Holder = {
  identity: null,
  presence: 'unknown',
  ref: null,
  pod: null,
  node: null,
  rule: null,
  alsoFits: [],
  reborn: false,
  was: null,
  workload: null,
  found: '',
  evidence: [],
};

/** A holder that has not been looked for yet: nothing is known of it but what the record says. */
export function unsoughtHolder(identity: string | null): Holder {
  return { ...NO_HOLDER, identity };
}

/** A sign of life is no election: there is no holder to look for and nobody to take over, only whether it goes on. */
function reportHeartbeat({ lock, renewal, heartbeat }: OpenCase): LockReport {
  const holder = { ...unsoughtHolder(holderOf(lock.primary)), found: heartbeat?.title ?? '' };
  const verdict = HEARTBEAT_VERDICT[renewal.state];
  const { grade, evidence } = renewal;
  return {
    lock,
    holder,
    renewal,
    verdict,
    grade,
    unproven: false,
    evidence,
    advice: [],
    candidates: null,
    heartbeat,
  };
}

/** What was found out about the holders, by `lockId` of a lock's primary half. */
export interface HolderFindings {
  holders: ReadonlyMap<string, Holder>;
  candidates: ReadonlyMap<string, number | null>;
  /** Since when those that are nowhere are known to be. */
  absences: ReadonlyMap<string, Absence>;
}

/** The verdict on one lock. `commonCause`: its trouble is shared by many, see `findCommonCause`. */
export function closeCase(
  open: OpenCase,
  found: { holder: Holder; candidates: number | null; absence: Absence | null },
  { now, serverClock }: Moment,
  commonCause: boolean,
): LockReport {
  if (open.heartbeat !== null) return reportHeartbeat(open);
  const { lock, renewal, observation } = open;
  const serverTime = serverClock === null ? null : serverNow(serverClock, now);
  const facts: Case = { lock, renewal, observation, ...found, now, serverTime, commonCause };
  return { ...judgeLock(facts), heartbeat: null };
}

/** Verdicts for all, those in trouble together told apart from those in trouble alone. */
export function closeCases(
  cases: readonly OpenCase[],
  { holders, candidates, absences }: HolderFindings,
  moment: Moment,
): { reports: LockReport[]; notes: Note[] } {
  const close = (open: OpenCase, commonCause: boolean): LockReport[] => {
    const id = lockId(open.lock.primary.ref);
    const holder = open.heartbeat === null ? holders.get(id) : NO_HOLDER;
    if (holder === undefined) return [];
    const known = { candidates: candidates.get(id) ?? null, absence: absences.get(id) ?? null };
    return [closeCase(open, { holder, ...known }, moment, commonCause)];
  };
  const judged = cases.flatMap((open) => close(open, false).map((report) => ({ open, report })));
  const cause = findCommonCause(judged.map(({ report }) => report));
  if (cause === null) return { reports: judged.map(({ report }) => report), notes: [] };
  const reports = judged.flatMap(({ open, report }) =>
    cause.reports.has(report) ? close(open, true) : [report],
  );
  return { reports, notes: [commonCauseNote(cause)] };
}

/** Whether a verdict is one to act on. */
export function isProblem(report: LockReport): boolean {
  const { severity } = VERDICTS[report.verdict];
  return severity === 'bad' || severity === 'warn';
}
