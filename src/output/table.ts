import type { LockReport } from '../core/report.ts';
import { printable } from '../core/text.ts';
import type { Instant } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { COLUMNS, type Column } from './columns.ts';
import { paint } from './theme.ts';
import { cellWidth, shorten } from './width.ts';

// kubectl's table: columns at least this wide, and this far apart.
const MIN_WIDTH = 6;
const GAP = 3;

interface Slot {
  column: Column;
  /** Cells for the text; the gap comes on top. */
  width: number;
}

/** Which columns are shown, and how wide each is. */
export type Layout = readonly Slot[];

function cellText(column: Column, report: LockReport, now: Instant): string {
  return printable(column.cell(report, now));
}

function slotWidth({ width }: Slot): number {
  return Math.max(MIN_WIDTH, width + GAP);
}

function totalWidth(slots: Layout): number {
  const last = slots.at(-1);
  return (
    slots.reduce((sum, slot) => sum + slotWidth(slot), 0) -
    (last === undefined ? 0 : slotWidth(last) - last.width)
  );
}

function narrowest({ column, width }: Slot): number {
  return Math.min(width, Math.max(column.min ?? width, column.header.length));
}

/** Drops columns until the rest fits with its texts cut as short as they may be. */
function dropColumns(slots: Layout, width: number): Layout {
  const smallest = slots.map((slot) => ({ ...slot, width: narrowest(slot) }));
  const victim = slots
    .filter(({ column }) => column.drop !== null)
    .toSorted((a, b) => (a.column.drop ?? 0) - (b.column.drop ?? 0))[0];
  if (victim === undefined || totalWidth(smallest) <= width) return slots;
  return dropColumns(
    slots.filter((slot) => slot !== victim),
    width,
  );
}

/** Cuts the texts that may be cut, the widest first, until the row fits. */
function cutColumns(slots: Layout, width: number): Layout {
  const excess = totalWidth(slots) - width;
  if (excess <= 0) return slots;
  const [widest] = slots.filter((slot) => narrowest(slot) < slot.width).toSorted((a, b) => b.width - a.width);
  if (widest === undefined) return slots;
  const cut = { ...widest, width: Math.max(narrowest(widest), widest.width - excess) };
  return cutColumns(
    slots.map((slot) => (slot === widest ? cut : slot)),
    width,
  );
}

/** Lays out the columns for these reports; `width` in cells limits a table that is not wide, null does not. */
export function layOut(
  reports: readonly LockReport[],
  { wide, width, now }: { wide: boolean; width: number | null; now: Instant },
): Layout {
  const slots = COLUMNS.filter((column) => wide || !column.wide).map((column): Slot => {
    const texts = reports.map((report) => cellWidth(cellText(column, report, now)));
    const natural = texts.reduce((widest, text) => Math.max(widest, text), column.header.length);
    return { column, width: Math.min(natural, column.max ?? natural) };
  });
  return wide || width === null ? slots : cutColumns(dropColumns(slots, width), width);
}

function line(layout: Layout, text: (slot: Slot) => { text: string; shown: string }): string {
  return layout
    .map((slot, at) => {
      const { text: plain, shown } = text(slot);
      // A later row may be wider than the layout: it still keeps its distance.
      const gap = Math.max(GAP, slotWidth(slot) - cellWidth(plain));
      const fill = at === layout.length - 1 ? '' : ' '.repeat(gap);
      return shown + fill;
    })
    .join('');
}

export function headerLine(layout: Layout): string {
  return line(layout, ({ column: { header } }) => ({ text: header, shown: header }));
}

/** One lock's row. `verdict` stands in for the verdict's text where something else is to be said. */
export function rowLine(
  layout: Layout,
  report: LockReport,
  { now, color, verdict }: { now: Instant; color: boolean; verdict?: string },
): string {
  return line(layout, ({ column, width }) => {
    const isVerdict = column.id === 'verdict';
    const full = isVerdict && verdict !== undefined ? verdict : cellText(column, report, now);
    const text = column.max === null ? full : shorten(full, width);
    const colored = isVerdict && color && verdict === undefined;
    return { text, shown: colored ? paint(VERDICTS[report.verdict].severity, text) : text };
  });
}
