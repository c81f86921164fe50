/** How columns share a line that is too narrow for all of them. */

/** A column's place in the line, in cells of the terminal. */
export interface FitSlot {
  column: {
    header: string;
    /** Where the line is too narrow the lowest rank of all `cut` and `drop` is done first; null stays always. */
    drop: number | null;
    /** When its texts may be cut; absent: before anything else. */
    cut?: number;
    /** May be cut down to this many cells; null may not be cut. */
    min: number | null;
  };
  /** Cells for the text; the gap comes on top. */
  width: number;
}

export interface Spacing {
  /** Cells between two columns. */
  gap: number;
  /** A column and its gap together are at least this wide. */
  least: number;
}

export function slotWidth({ width }: FitSlot, { gap, least }: Spacing): number {
  return Math.max(least, width + gap);
}

/** Cells of the whole line; the last column needs no gap. */
export function lineWidth(slots: readonly FitSlot[], spacing: Spacing): number {
  const last = slots.at(-1);
  const total = slots.reduce((sum, slot) => sum + slotWidth(slot, spacing), 0);
  return last === undefined ? 0 : total - slotWidth(last, spacing) + last.width;
}

function narrowest({ column, width }: FitSlot): number {
  return Math.min(width, Math.max(column.min ?? width, column.header.length));
}

/** One sacrifice: a column is cut as short as it may be, or dropped. */
interface Step<Slot extends FitSlot> {
  rank: number;
  slot: Slot;
  drops: boolean;
}

function stepsOf<Slot extends FitSlot>(slots: readonly Slot[]): Step<Slot>[] {
  return slots.flatMap((slot) => {
    const { min, cut = 0, drop } = slot.column;
    return [
      ...(min === null ? [] : [{ rank: cut, slot, drops: false }]),
      ...(drop === null ? [] : [{ rank: drop, slot, drops: true }]),
    ];
  });
}

/** Cuts texts as little as needed, the lowest rank first and the widest of one rank first, until the line fits. */
function cutColumns<Slot extends FitSlot>(
  slots: readonly Slot[],
  lastRank: number,
  width: number,
  spacing: Spacing,
): readonly Slot[] {
  const excess = lineWidth(slots, spacing) - width;
  if (excess <= 0) return slots;
  const rankOf = ({ column }: Slot): number => column.cut ?? 0;
  const [next] = slots
    .filter((slot) => rankOf(slot) <= lastRank && narrowest(slot) < slot.width)
    .toSorted((a, b) => rankOf(a) - rankOf(b) || b.width - a.width);
  if (next === undefined) return slots;
  const cut = { ...next, width: Math.max(narrowest(next), next.width - excess) };
  return cutColumns(
    slots.map((slot) => (slot === next ? cut : slot)),
    lastRank,
    width,
    spacing,
  );
}

/** The columns that fit into `width` cells, each as wide as it may be: sacrifices are made by rank, as few as possible. */
export function fitSlots<Slot extends FitSlot>(
  slots: readonly Slot[],
  width: number,
  spacing: Spacing,
): readonly Slot[] {
  const steps = stepsOf(slots);
  let fitted = slots;
  for (const rank of new Set(steps.map((step) => step.rank).toSorted((a, b) => a - b))) {
    if (lineWidth(fitted, spacing) <= width) break;
    const dropped = new Set(steps.filter((step) => step.drops && step.rank <= rank).map((step) => step.slot));
    const kept = slots.filter((slot) => !dropped.has(slot));
    fitted = cutColumns(kept, rank, width, spacing);
  }
  return fitted;
}
