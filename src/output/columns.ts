import { holderOf, lockLabel, recordOf } from '../core/lock.ts';
import type { LockReport } from '../core/report.ts';
import { humanDuration, type Instant } from '../core/time.ts';
import { VERDICTS, type VerdictCode } from '../core/verdict.ts';
import { cellWidth, cutMiddle, shorten, shortenMiddle } from './width.ts';

/** A value to sort by; null (unknown) comes last in either direction. */
export type SortKey = string | number | null;

export interface Column {
  id: string;
  header: string;
  /** The text as it is known, not yet made printable. `now` is the moment that ages count from. */
  cell(report: LockReport, now: Instant): string;
  sortKey(report: LockReport): SortKey;
  /** Shown only where a wide table was asked for. */
  wide: boolean;
  /** Where the terminal is too narrow the lowest number of all `cut` and `drop` is done first; null stays always. */
  drop: number | null;
  /** When it is cut down to `min`. */
  cut: number;
  /** Never wider than this many cells. */
  max: number | null;
  /** May be cut down to this many cells; null stays whole. */
  min: number | null;
  /** The printable text in at most so many cells. */
  fit(text: string, cells: number): string;
}

const UNKNOWN = '<unknown>';
const NONE = '<none>';
const NEVER = '<never>';

const BY_VERDICT = new Map(Object.keys(VERDICTS).map((code, rank) => [code, rank]));

/** Position in the order of verdicts, the worst first. */
export function verdictRank(verdict: VerdictCode): number {
  return BY_VERDICT.get(verdict) ?? BY_VERDICT.size;
}

/** True for an accusation that rests on clocks alone: watching proves or refutes it. */
export function isProvisional({ verdict, grade }: LockReport): boolean {
  const { severity } = VERDICTS[verdict];
  return grade === 'clock' && (severity === 'bad' || severity === 'warn');
}

/** The verdict, with a `?` where it is provisional or the holder's side could not be looked at. */
export function verdictText(report: LockReport): string {
  return report.unproven || isProvisional(report) ? `${report.verdict}?` : report.verdict;
}

/** `pod/NAME`, `pod/NAMESPACE/NAME` if that is not the lock's, or `node/NAME` when found, else the identity as written. */
function holderText({ holder, lock }: LockReport): string {
  if (holder.ref === null) return holder.identity || NONE;
  const { kind, namespace, name } = holder.ref;
  const isForeign = namespace !== null && namespace !== lock.primary.ref.namespace;
  return `${kind.toLowerCase()}/${isForeign ? `${namespace}/` : ''}${name}`;
}

const UUID_BEHIND = /(?<=.)[_-][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A holder in few cells: a UUID behind its name tells the least, then the middle of the name. */
function fitHolder(text: string, cells: number): string {
  const name = text.replace(UUID_BEHIND, '');
  if (name === text || cellWidth(text) <= cells) return shortenMiddle(text, cells);
  return cellWidth(name) < cells ? `${name}…` : cutMiddle(name, cells);
}

/** What is wrong with a Pod stands behind its node: in few cells it comes first, and says enough by itself. */
function fitFound(text: string, cells: number): string {
  const [, status = '', mark = ''] = /^(.+?) on \S+ \((.+)\)$/.exec(text) ?? [];
  if (mark === '' || cellWidth(text) <= cells) return shorten(text, cells);
  const both = `${status} (${mark})`;
  return cellWidth(both) <= cells ? both : shorten(mark, cells);
}

const SHORT_KINDS: readonly [RegExp, string][] = [
  [/^endpoints(?=\/)/, 'ep'],
  [/^configmap(?=\/)/, 'cm'],
];

/** A lock in few cells: kubectl's short word for its kind, then without the middle of its name. */
function fitLock(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  return shortenMiddle(
    SHORT_KINDS.reduce((shorter, [kind, short]) => shorter.replace(kind, short), text),
    cells,
  );
}

function age(since: Instant | null | undefined, now: Instant): string {
  return since === null || since === undefined ? UNKNOWN : humanDuration(now - since);
}

function renewed({ renewal }: LockReport): string {
  if (renewal.state === 'perpetual') return NEVER;
  return renewal.lastRenewedAgoMs === null ? UNKNOWN : humanDuration(renewal.lastRenewedAgoMs);
}

function held({ lock }: LockReport, now: Instant): string {
  if (holderOf(lock.primary) === null) return NONE;
  return age(recordOf(lock.primary)?.acquireTime, now);
}

function formats({ lock, heartbeat }: LockReport): string {
  const both = lock.secondary === null ? '' : `+${lock.secondary.format}`;
  return `${lock.primary.format}${both}${heartbeat === null ? '' : ` (${heartbeat.title})`}`;
}

/** The node a holder is, or runs on. */
export function nodeOf({ holder }: LockReport): string | null {
  return holder.node?.name ?? holder.pod?.node ?? null;
}

/** An age as a sort key: the longer ago, the greater. */
function ago(since: Instant | null | undefined): number | null {
  return since === null || since === undefined ? null : -since;
}

type Draft = Partial<Column> & Pick<Column, 'id' | 'cell'>;

/** A column's defaults: headed by its id, sorted by its text, shown always. */
function column({ id, cell, ...rest }: Draft): Column {
  const sortKey = (report: LockReport): SortKey => cell(report, 0);
  return {
    id,
    header: id.toUpperCase(),
    cell,
    sortKey,
    wide: false,
    drop: null,
    cut: 0,
    max: null,
    min: null,
    fit: shorten,
    ...rest,
  };
}

/** Every column, in the order of the table. */
export const COLUMNS: readonly Column[] = [
  column({
    id: 'namespace',
    cell: ({ lock }) => lock.primary.ref.namespace,
    cut: 6,
    min: 12,
    fit: shortenMiddle,
    drop: 7,
  }),
  column({ id: 'lock', cell: ({ lock }) => lockLabel(lock.primary.ref), cut: 4, min: 20, fit: fitLock }),
  column({
    id: 'holder',
    cell: holderText,
    sortKey: ({ holder }) => holder.ref?.name ?? (holder.identity || null),
    cut: 3,
    max: 40,
    min: 16,
    fit: fitHolder,
    drop: 8,
  }),
  column({
    id: 'found',
    cell: ({ holder }) => holder.found || NONE,
    sortKey: ({ holder }) => holder.found || null,
    fit: fitFound,
    cut: 5,
    max: 40,
    min: 16,
    drop: 10,
  }),
  column({
    id: 'renewed',
    cell: renewed,
    sortKey: ({ renewal }) => (renewal.state === 'perpetual' ? null : renewal.lastRenewedAgoMs),
    drop: 9,
  }),
  column({
    id: 'held',
    cell: held,
    sortKey: ({ lock }) =>
      holderOf(lock.primary) === null ? null : ago(recordOf(lock.primary)?.acquireTime),
    drop: 2,
  }),
  column({
    id: 'age',
    cell: ({ lock }, now) => age(lock.primary.createdAt, now),
    sortKey: ({ lock }) => ago(lock.primary.createdAt),
    drop: 1,
  }),
  column({ id: 'verdict', cell: verdictText, sortKey: ({ verdict }) => verdictRank(verdict) }),
  column({
    id: 'identity',
    cell: ({ holder }) => holder.identity || NONE,
    sortKey: ({ holder }) => holder.identity || null,
    max: 100,
    wide: true,
  }),
  column({
    id: 'duration',
    cell: ({ lock }) => {
      const ms = recordOf(lock.primary)?.durationMs ?? null;
      return ms === null ? NONE : humanDuration(ms);
    },
    sortKey: ({ lock }) => recordOf(lock.primary)?.durationMs ?? null,
    wide: true,
  }),
  column({
    id: 'transitions',
    cell: ({ lock }) => `${recordOf(lock.primary)?.transitions ?? NONE}`,
    sortKey: ({ lock }) => recordOf(lock.primary)?.transitions ?? null,
    wide: true,
  }),
  column({ id: 'format', cell: formats, wide: true }),
  column({ id: 'node', cell: (report) => nodeOf(report) ?? NONE, sortKey: nodeOf, wide: true }),
  column({ id: 'grade', cell: ({ grade }) => grade, wide: true }),
  column({ id: 'evidence', cell: ({ evidence }) => evidence[0]?.text ?? NONE, max: 120, wide: true }),
];
