import { LeaderError } from '../core/errors.ts';
import type { LockReport } from '../core/report.ts';
import { COLUMNS, type Column, type SortKey, verdictRank } from './columns.ts';

/** What rows are sorted by. */
export interface Sort {
  column: Column;
  descending: boolean;
}

/** Reads `--sort-by`: a column in any case, with a leading `-` for descending. Throws a `usage` error. */
export function parseSort(text: string): Sort {
  const descending = text.startsWith('-');
  const wanted = text.slice(descending ? 1 : 0).toLowerCase();
  const column = COLUMNS.find(({ id, header }) => id === wanted || header.toLowerCase() === wanted);
  if (column === undefined) {
    const columns = COLUMNS.map(({ id }) => id).join(', ');
    throw new LeaderError('usage', `unknown column "${text}" for --sort-by`, {
      hint: `Columns are ${columns}; a leading "-" sorts in descending order.`,
    });
  }
  return { column, descending };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The default order: the worst verdict first, then by namespace, name and kind. */
function byVerdict(a: LockReport, b: LockReport): number {
  const [left, right] = [a.lock.primary.ref, b.lock.primary.ref];
  return (
    verdictRank(a.verdict) - verdictRank(b.verdict) ||
    compareText(left.namespace, right.namespace) ||
    compareText(left.name, right.name) ||
    compareText(left.kind, right.kind)
  );
}

function compareKeys(a: SortKey, b: SortKey, direction: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return direction * (a - b);
  return direction * compareText(String(a), String(b));
}

/** The reports in the order asked for, or in the default order. */
export function sortReports(reports: readonly LockReport[], sort: Sort | null): LockReport[] {
  if (sort === null) return reports.toSorted(byVerdict);
  const { column, descending } = sort;
  const direction = descending ? -1 : 1;
  return reports.toSorted(
    (a, b) => compareKeys(column.sortKey(a), column.sortKey(b), direction) || byVerdict(a, b),
  );
}
