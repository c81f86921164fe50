import type { ClusterObject } from '../cluster-object.ts';
import type { Evidence } from '../evidence.ts';
import { numberAt, objectAt, stringAt } from '../fields.ts';
import { holderOf, isZoneless, type LockHalf, lockLabel, recordOf } from '../lock.ts';
import { formatSecondTime, type Instant, parseRfc3339, proseDuration } from '../time.ts';
import type { History, HistoryEntry } from './case-file.ts';

/** A record's times and the API server's are compared with so much tolerance, milliseconds. */
const TOLERANCE_MS = 5_000;

/** client-go tells that it leads right after it acquired the lock. An acquisition this much later is another one, milliseconds. */
const SAME_ACQUISITION_MS = 30_000;

const TOLD = /^(.+) (became leader|stopped leading)$/s;

/** Kinds that carry locks; client-go before 0.23 left the kind out. */
const LOCK_KINDS: ReadonlySet<string> = new Set(['Lease', 'Endpoints', 'ConfigMap', '']);

interface Told extends HistoryEntry {
  identity: string | null;
  what: string | null;
}

function timeOf(event: ClusterObject): Instant | null {
  return (
    parseRfc3339(stringAt(event, 'lastTimestamp')) ??
    parseRfc3339(stringAt(event, 'eventTime')) ??
    parseRfc3339(stringAt(event, 'firstTimestamp'))
  );
}

function toldBy(event: ClusterObject): Told[] {
  const about = objectAt(event, 'involvedObject');
  if (!LOCK_KINDS.has(stringAt(about, 'kind') ?? '')) return [];
  const message = stringAt(event, 'message') ?? '';
  const reason = stringAt(event, 'reason') ?? '';
  const [, identity = null, what = null] = TOLD.exec(message) ?? [];
  const text = reason === 'LeaderElection' ? message : `${reason}: ${message}`;
  const from = `event ${event.metadata.namespace}/${event.metadata.name}`;
  return [{ at: timeOf(event), text, count: numberAt(event, 'count') ?? 1, from, identity, what }];
}

/** A multilock tells everything twice, once for each half. */
function withoutRepeats(told: readonly Told[]): Told[] {
  const seen = new Map<string, Told>();
  for (const one of told) {
    const key = `${one.at} ${one.text}`;
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}

/** An object younger than its term was deleted and made again by the holder that it named. */
function deletionSign(half: LockHalf): Evidence[] {
  const { createdAt, ref } = half;
  const acquired = holderOf(half) === null ? null : (recordOf(half)?.acquireTime ?? null);
  if (acquired === null || createdAt === null || isZoneless(half)) return [];
  if (createdAt - acquired <= TOLERANCE_MS) return [];
  const text = `the object was created ${formatSecondTime(createdAt)}, ${proseDuration(createdAt - acquired)} after the lock was acquired: it was deleted, or restored, and written again under the same holder`;
  return [{ text, grade: 'clock', from: lockLabel(ref) }];
}

function reacquisitionSign(told: readonly Told[], half: LockHalf): Evidence[] {
  const holder = holderOf(half);
  const acquired = recordOf(half)?.acquireTime ?? null;
  const last = told.findLast(({ identity, what }) => identity === holder && what === 'became leader');
  if (last === undefined || last.at === null || acquired === null) return [];
  if (acquired - last.at <= SAME_ACQUISITION_MS) return [];
  const text = `acquired again ${formatSecondTime(acquired)} without an event, which the holder did send ${formatSecondTime(last.at)}: the lock was freed under it, and it took it back`;
  return [{ text, grade: 'clock', from: last.from }];
}

function resignationSign(told: readonly Told[], half: LockHalf): Evidence[] {
  const holder = holderOf(half);
  const last = told.findLast(({ identity }) => identity === holder);
  if (holder === null || last?.what !== 'stopped leading' || last.at === null) return [];
  const text = `the holder told ${formatSecondTime(last.at)} that it stopped leading, and the record still names it`;
  return [{ text, grade: 'read', from: last.from }];
}

/** The timeline of a lock from the events about its objects, and what its record betrays. */
export function historyOf(events: readonly ClusterObject[], halves: readonly LockHalf[]): History {
  const told = withoutRepeats(events.flatMap(toldBy).toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)));
  const [primary] = halves;
  const leaders = told.flatMap(({ identity, what }) =>
    identity !== null && what === 'became leader' ? [identity] : [],
  );
  return {
    entries: told.map(({ at, text, count, from }) => ({ at, text, count, from })),
    leaders: [...new Set(leaders)],
    signs: [
      ...halves.flatMap(deletionSign),
      ...(primary === undefined
        ? []
        : [...reacquisitionSign(told, primary), ...resignationSign(told, primary)]),
    ],
  };
}
