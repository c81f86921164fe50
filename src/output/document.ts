import type { Evidence, Note } from '../core/evidence.ts';
import { halvesOf, type LockHalf, type LockRecord, type LockRef, recordOf } from '../core/lock.ts';
import type { Place } from '../core/place.ts';
import type { LockReport, Snapshot } from '../core/report.ts';
import { formatMicroTime, type Instant, isDate } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { nodeOf } from './columns.ts';
import type { Refused } from './release-text.ts';

/**
 * The documented shape of structured output. Keys stand in this order and are never left out: what is unknown is
 * null. Times are RFC 3339 in UTC with microseconds, as far as the record had them (milliseconds at most).
 */
export const API_VERSION = 'leader.kubectl/v1';

export function time(at: Instant | null): string | null {
  // What no date can tell is as good as unknown.
  return at === null || !isDate(at) ? null : formatMicroTime(at);
}

/** Seconds, to the millisecond: no clock that was read tells more. */
export function seconds(ms: number | null): number | null {
  return ms === null || !Number.isFinite(ms) ? null : Math.round(ms) / 1000;
}

export function refDocument({
  kind,
  namespace,
  name,
}: {
  kind: string;
  namespace: string | null;
  name: string;
}) {
  return { kind: kind.toLowerCase(), namespace, name };
}

export function evidenceDocument({ text, grade, from }: Evidence) {
  return { text, grade, from };
}

export function noteDocument({ code, text, hint }: Note) {
  return { code, text, hint };
}

type RefusalOf<Code extends string> = Refused & { code: Code };

/** Why a command that writes does not. */
export function refusalDocument<Code extends string>({ code, why, instead, forceable }: RefusalOf<Code>) {
  return { code, why, instead: [...instead], forceable };
}

/** Everything that a command that writes came to, as far as it came. */
export interface WriteRecord<Planned, Result> {
  place: Place;
  report: LockReport;
  commonCause: boolean;
  planned: Planned;
  dryRun: 'none' | 'client' | 'server';
  /** Null where nothing was to be done, or the user did not confirm it. */
  result: Result | null;
  notes: readonly Note[];
}

export function clusterDocument({ context, server }: Place) {
  return { context, server };
}

function recordDocument(record: LockRecord) {
  return {
    holderIdentity: record.holderIdentity,
    leaseDurationSeconds: seconds(record.durationMs),
    acquireTime: time(record.acquireTime),
    renewTime: time(record.renewTime),
    transitions: record.transitions,
    strategy: record.strategy,
    preferredHolder: record.preferredHolder,
  };
}

export function address({ namespace, kind, name }: LockRef) {
  return { namespace, kind, name };
}

function halfDocument(half: LockHalf) {
  const record = recordOf(half);
  return {
    ...address(half.ref),
    format: half.format,
    uid: half.uid,
    resourceVersion: half.resourceVersion,
    creationTimestamp: time(half.createdAt),
    record: record === null ? null : recordDocument(record),
    invalid: half.content.state === 'invalid' ? half.content.why : null,
    warnings: half.content.state === 'record' ? [...half.content.warnings] : [],
  };
}

function holderDocument(report: LockReport) {
  const { holder } = report;
  return {
    presence: holder.presence,
    found: holder.found,
    kind: holder.ref?.kind.toLowerCase() ?? null,
    namespace: holder.ref?.namespace ?? null,
    name: holder.ref?.name ?? null,
    node: nodeOf(report),
    rule: holder.rule,
    alsoFits: holder.alsoFits.map(refDocument),
    was: holder.was,
    workload: holder.workload === null ? null : refDocument(holder.workload),
  };
}

function renewalDocument({ renewal }: LockReport) {
  return {
    state: renewal.state,
    grade: renewal.grade,
    lastSecondsAgo: seconds(renewal.lastRenewedAgoMs),
    seen: renewal.seen,
    gapsSeconds: renewal.gapsMs.map(seconds),
    watchedSilenceSeconds: seconds(renewal.watchedSilenceMs),
    holderSkewSeconds: seconds(renewal.holderSkewMs),
  };
}

/** One lock. `kind` is spelled as in the LOCK column; `halves` lists every object of the lock, the primary first. */
export function lockDocument(report: LockReport) {
  const { lock } = report;
  const { primary } = lock;
  const { format, uid, resourceVersion, creationTimestamp, record, invalid } = halfDocument(primary);
  return {
    ...address(primary.ref),
    format,
    verdict: report.verdict,
    severity: VERDICTS[report.verdict].severity,
    grade: report.grade,
    unproven: report.unproven,
    record,
    invalid,
    holder: holderDocument(report),
    renewal: renewalDocument(report),
    evidence: report.evidence.map(evidenceDocument),
    advice: [...report.advice],
    candidates: report.candidates,
    heartbeat: report.heartbeat?.id ?? null,
    uid,
    resourceVersion,
    creationTimestamp,
    pairing: lock.pairing,
    halves: halvesOf(lock).map(halfDocument),
  };
}

/** How the document of a command that writes begins: where, to which lock, and why not. */
export function openingOf<Code extends string, Kind extends string>(
  kind: Kind,
  {
    place,
    report,
    commonCause,
    planned,
  }: WriteRecord<{ is: 'plan' } | (RefusalOf<Code> & { is: 'refusal' }), unknown>,
) {
  return {
    apiVersion: API_VERSION,
    kind,
    cluster: clusterDocument(place),
    lock: lockDocument(report),
    commonCause,
    refusal: planned.is === 'plan' ? null : refusalDocument(planned),
  };
}

/** Everything that was found, `kind: LockList`. */
export function listDocument({ reports, notes, takenAt }: Snapshot) {
  return {
    apiVersion: API_VERSION,
    kind: 'LockList',
    takenAt: time(takenAt),
    items: reports.map(lockDocument),
    notes: notes.map(noteDocument),
  };
}
