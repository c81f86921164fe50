import type { LockReport } from '../core/report.ts';
import { printable } from '../core/text.ts';
import type { Instant } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { COLUMNS, type Column } from './columns.ts';
import { type FitSlot, fitSlots, lineWidth, type Spacing, slotWidth } from './fit.ts';
import { paint } from './theme.ts';
import { cellWidth, shorten } from './width.ts';

// kubectl's table: columns at least this wide, and this far apart.
const SPACING: Spacing = { gap: 3, least: 6 };

interface Slot extends FitSlot {
  column: Column;
  /** Cells that its texts would take. */
  natural: number;
}

/** Which columns are shown, and how wide each is. */
export type Layout = readonly Slot[];

function cellText(column: Column, report: LockReport, now: Instant): string {
  return printable(column.cell(report, now));
}

/** Whatever is too narrow for the columns that stay always: no row is broken by the terminal. */
function squeezed(slots: readonly Slot[], width: number): Layout {
  const excess = lineWidth(slots, SPACING) - width;
  if (excess <= 0) return slots;
  return slots.map((slot) =>
    slot.column.id === 'lock' ? { ...slot, width: Math.max(1, slot.width - excess) } : slot,
  );
}

/** Lays out the columns for these reports; `width` in cells limits a table that is not wide, null does not. */
export function layOut(
  reports: readonly LockReport[],
  { wide, width, now }: { wide: boolean; width: number | null; now: Instant },
): Layout {
  const slots = COLUMNS.filter((column) => wide || !column.wide).map((column): Slot => {
    const { max, header } = column;
    let [natural, widest] = [header.length, header.length];
    for (const report of reports) {
      const text = cellText(column, report, now);
      natural = Math.max(natural, cellWidth(text));
      widest = Math.max(widest, cellWidth(max === null ? text : column.fit(text, max)));
    }
    return { column, natural, width: widest };
  });
  return wide || width === null ? slots : squeezed(fitSlots(slots, width, SPACING), width);
}

function line(layout: Layout, text: (slot: Slot) => { text: string; shown: string }): string {
  return layout
    .map((slot, at) => {
      const { text: plain, shown } = text(slot);
      // A later row may be wider than the layout: it still keeps its distance.
      const gap = Math.max(SPACING.gap, slotWidth(slot, SPACING) - cellWidth(plain));
      const fill = at === layout.length - 1 ? '' : ' '.repeat(gap);
      return shown + fill;
    })
    .join('');
}

export function headerLine(layout: Layout): string {
  return line(layout, ({ column: { header }, width }) => {
    const text = shorten(header, width);
    return { text, shown: text };
  });
}

/** One lock's row. `verdict` stands in for the verdict's text where something else is to be said. */
export function rowLine(
  layout: Layout,
  report: LockReport,
  { now, color, verdict }: { now: Instant; color: boolean; verdict?: string },
): string {
  return line(layout, ({ column, width, natural }) => {
    const isVerdict = column.id === 'verdict';
    const full = isVerdict && verdict !== undefined ? verdict : cellText(column, report, now);
    const text = column.max !== null || width < natural ? column.fit(full, width) : full;
    const colored = isVerdict && color && verdict === undefined;
    return { text, shown: colored ? paint(VERDICTS[report.verdict].severity, text) : text };
  });
}
