import type { LiveLock } from '../app/live-judge.ts';
import { printable } from '../core/text.ts';
import { VERDICTS } from '../core/verdict.ts';
import { verdictText } from '../output/columns.ts';
import { fitSlots, type Spacing, lineWidth as slotsWidth } from '../output/fit.ts';
import { THEME } from '../output/theme.ts';
import { cellWidth, shorten } from '../output/width.ts';
import { type ListSlot, wishedSlots } from './columns.ts';
import { bodyRows } from './geometry.ts';
import { serverTime } from './pages.ts';
import { type Sighted, sighted } from './sight.ts';
import { DIM, INVERSE, type Line, lineWidth, restyle, STRONG, shortenLine } from './spans.ts';
import type { State } from './state.ts';

/** Columns stand closer than in the plain table: every cell counts. */
const SPACING: Spacing = { gap: 2, least: 0 };

/** In front of each row: the cursor, the mark of a fresh verdict, the symbol of its severity, and a space. */
const GUTTER = 4;

/** Columns of a wide list that never leave the screen, and how much of the line they may take. */
const FIXED_COLUMNS = 3;
const FIXED_SHARE = 2 / 3;

export interface Row {
  id: string;
  line: Line;
  /** The same for a screen reader. */
  label: string;
}

/** The columns that fit, the name of the lock cut as short as it takes. */
function fitted(slots: readonly ListSlot[], width: number): readonly ListSlot[] {
  const fitting = fitSlots(slots, width, SPACING);
  const excess = slotsWidth(fitting, SPACING) - width;
  return fitting.map((slot) =>
    slot.column.id === 'lock' && excess > 0 ? { ...slot, width: Math.max(8, slot.width - excess) } : slot,
  );
}

/** The columns of a wide list: those that stay, and those that can be pushed out at the left. */
function wideColumns({ size, widths }: State) {
  const slots = wishedSlots(widths, true);
  const width = Math.floor((size.columns - GUTTER) * FIXED_SHARE);
  return { fixed: fitted(slots.slice(0, FIXED_COLUMNS), width), movable: slots.slice(FIXED_COLUMNS) };
}

/** How many columns of a wide list can be pushed out until the last one is on screen. */
export function lastShift(state: State): number {
  const { fixed, movable } = wideColumns(state);
  const width = state.size.columns - GUTTER;
  const fits = movable.findIndex(
    (_, shift) => slotsWidth([...fixed, ...movable.slice(shift)], SPACING) <= width,
  );
  return fits === -1 ? movable.length - 1 : fits;
}

/** The columns on screen. Those of a wide list that can be pushed sideways keep their texts whole. */
function listLayout(state: State): readonly ListSlot[] {
  const { size, widths, wide, shift } = state;
  if (!wide) return fitted(wishedSlots(widths, wide), size.columns - GUTTER);
  const { fixed, movable } = wideColumns(state);
  return [...fixed, ...movable.slice(Math.min(shift, lastShift(state)))];
}

function pad(text: string, cells: number, cut = shorten): string {
  const short = cut(text, cells);
  return short + ' '.repeat(Math.max(0, cells - cellWidth(short)));
}

/** The header of the columns; the one that is sorted by says so. */
export function columnHeader(state: State): Line {
  const { sort, size } = state;
  const cells = listLayout(state).map(({ column, width }) => {
    const arrow = column.id === sort?.column.id ? (sort.descending ? '↓' : '↑') : '';
    return pad(`${column.header}${arrow}`, width + SPACING.gap);
  });
  return shortenLine([{ text: ' '.repeat(GUTTER) + cells.join('').trimEnd(), sgr: STRONG }], size.columns);
}

function rowLine(state: State, lock: LiveLock, sight: Sighted, layout: readonly ListSlot[]): Line {
  const { report } = sight;
  const isLost = sight.lostAt !== null;
  const { severity } = VERDICTS[report.verdict];
  const { symbol, sgr } = lock.pending ? { symbol: '…', sgr: DIM } : THEME[severity];
  const isSelected = lock.id === state.selected;
  const isFresh = state.fresh.has(lock.id);
  const now = serverTime(state);
  const cursor = { text: `${isSelected ? '>' : ' '}${isFresh ? '*' : ' '}` };
  const verdictSgr = isFresh ? `${INVERSE};${sgr}` : sgr;
  const spans = layout.map(({ column, width }) => {
    const isVerdict = column.id === 'verdict';
    const text = pad(isVerdict && lock.pending ? '' : column.cell(report, now, isLost), width, column.fit);
    return isVerdict ? { text, sgr: verdictSgr } : { text };
  });
  const gap = { text: ' '.repeat(SPACING.gap) };
  const spaced = spans.flatMap((span, at) => (at === 0 ? [span] : [gap, span]));
  const whole = shortenLine([cursor, { text: `${symbol} `, sgr }, ...spaced], state.size.columns);
  const line = isLost ? restyle(whole, DIM) : whole;
  if (isSelected) {
    const fill = { text: ' '.repeat(Math.max(0, state.size.columns - lineWidth(line))) };
    return restyle([...line, fill], INVERSE);
  }
  return line;
}

function spoken(state: State, lock: LiveLock, { report, lostAt }: Sighted): string {
  const now = serverTime(state);
  const { ref } = report.lock.primary;
  const verdict = lock.pending ? 'not judged yet' : verdictText(report);
  const details = wishedSlots(state.widths, state.wide)
    .filter(({ column }) => !['verdict', 'namespace', 'lock', 'pulse'].includes(column.id))
    .map(({ column }) => `${column.header.toLowerCase()} ${column.cell(report, now, lostAt !== null)}`);
  const selected = lock.id === state.selected ? 'selected: ' : '';
  return `${selected}${verdict}, ${printable(ref.name)}, ${ref.kind} in ${printable(ref.namespace)}, ${details.join(', ')}`;
}

/** The rows on screen, and no others. */
export function visibleRows(state: State): Row[] {
  const layout = listLayout(state);
  return state.order.slice(state.top, state.top + bodyRows(state)).flatMap((id) => {
    const lock = state.locks.get(id);
    if (lock === undefined) return [];
    const sight = sighted(state, lock);
    const label = state.setting.screenReader ? spoken(state, lock, sight) : '';
    return [{ id, line: rowLine(state, lock, sight, layout), label }];
  });
}
