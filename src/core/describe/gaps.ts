/** How regularly a lock is renewed, milliseconds. */
export interface GapStatistics {
  minMs: number;
  medianMs: number;
  maxMs: number;
}

/** Null when no gap was measured. */
export function gapStatistics(gapsMs: readonly number[]): GapStatistics | null {
  const sorted = gapsMs.toSorted((a, b) => a - b);
  const [minMs, maxMs] = [sorted.at(0), sorted.at(-1)];
  if (minMs === undefined || maxMs === undefined) return null;
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return { minMs, medianMs: (low + high) / 2, maxMs };
}
