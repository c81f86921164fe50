import type { LiveLock } from '../app/live-judge.ts';
import type { LockReport } from '../core/report.ts';
import { printable } from '../core/text.ts';
import type { Instant } from '../core/time.ts';
import { COLUMNS, type Column } from '../output/columns.ts';
import type { FitSlot } from '../output/fit.ts';
import { cellWidth, shorten } from '../output/width.ts';
import { PULSE_CELLS, pulseOf, timeLeft } from './pulse.ts';

/** A column of the list. Texts come from the table's columns where it has them. */
interface ListColumn {
  id: string;
  header: string;
  /** The text, printable. `isLost`: the lock is not seen any more, and the report is how it was last. */
  cell(report: LockReport, now: Instant, isLost: boolean): string;
  /** The text in at most so many cells. */
  fit(text: string, cells: number): string;
  wide: boolean;
  drop: number | null;
  min: number | null;
  /** Cells it always takes; null for as many as its texts need. */
  fixed: number | null;
}

/** Texts longer than this are cut even where there is room, so that one of them does not push all others out. */
const LONGEST = 60;

/** What the table spells out, in the few cells of a live list. */
const SHORT: Readonly<Record<string, string>> = { '<unknown>': '?', '<none>': '-', '<never>': 'never' };

function tableColumn(id: string): Column | undefined {
  return COLUMNS.find((column) => column.id === id);
}

function fromTable(id: string, traits: Partial<ListColumn> = {}): ListColumn {
  const column = tableColumn(id);
  return {
    id,
    header: column?.header ?? id.toUpperCase(),
    cell: (report, now, isLost) => {
      const text = column?.cell(report, now) ?? '';
      if (isLost && id === 'renewed' && /^\d/.test(text)) return `${text}?`;
      return Object.hasOwn(SHORT, text) ? (SHORT[text] ?? text) : printable(text);
    },
    fit: column?.fit ?? shorten,
    wide: column?.wide ?? false,
    drop: null,
    min: null,
    fixed: null,
    ...traits,
  };
}

/** Every column of the list, in its order; the verdict comes first, with its symbol in front. */
const LIST_COLUMNS: readonly ListColumn[] = [
  fromTable('verdict'),
  fromTable('namespace', { min: 9, drop: 8 }),
  fromTable('lock', { min: 24 }),
  fromTable('holder', { min: 16, drop: 5 }),
  fromTable('found', { min: 14, drop: 6 }),
  fromTable('renewed', { drop: 7, fixed: 8 }),
  {
    id: 'pulse',
    header: 'PULSE',
    cell: (report) => pulseOf(report),
    fit: shorten,
    wide: false,
    drop: 4,
    min: null,
    fixed: PULSE_CELLS,
  },
  {
    id: 'left',
    header: 'LEFT',
    cell: (report, _now, isLost) => timeLeft(report, isLost),
    fit: shorten,
    wide: false,
    drop: 3,
    min: null,
    fixed: 5,
  },
  fromTable('held', { drop: 2, fixed: 5 }),
  fromTable('age', { drop: 1, fixed: 5 }),
  ...COLUMNS.filter(({ wide }) => wide).map(({ id }) => fromTable(id)),
];

/** The widest text of each column so far, in cells, by the column's id. */
export type Widths = Readonly<Record<string, number>>;

const MEASURED = LIST_COLUMNS.filter(({ fixed }) => fixed === null);

/** The widths with these locks counted in: they only grow, so that the columns stand still. */
export function growWidths(widths: Widths, locks: readonly LiveLock[], now: Instant): Widths {
  const grown = new Map<string, number>();
  for (const { id, cell } of MEASURED) {
    const before = widths[id] ?? 0;
    let width = before;
    for (const { report, pending } of locks) {
      // There is no verdict to be shown yet.
      if (!pending || id !== 'verdict') width = Math.max(width, cellWidth(cell(report, now, false)));
    }
    if (width > before) grown.set(id, Math.min(LONGEST, width));
  }
  return grown.size === 0 ? widths : { ...widths, ...Object.fromEntries(grown) };
}

export interface ListSlot extends FitSlot {
  column: ListColumn;
}

/** Every column with the cells it would like to have. */
export function wishedSlots(widths: Widths, wide: boolean): ListSlot[] {
  return LIST_COLUMNS.filter((column) => wide || !column.wide).map((column) => {
    const text = column.fixed ?? widths[column.id] ?? 0;
    return { column, width: Math.max(text, column.header.length) };
  });
}

/** What the list can be sorted by. */
export const SORT_COLUMNS: readonly Column[] = COLUMNS.filter(
  ({ id }) => id !== 'evidence' && id !== 'grade',
);
