import type { PrintedRow } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { type Asked, inWords } from './asked.ts';
import type { JsonAnswer } from './json-exchange.ts';
import { isJsonObject, textOf } from './wire-objects.ts';

/**
 * Plain JSON is left out on purpose: a server that cannot print rows would send every object in full, many
 * megabytes that are thrown away. It answers 406 instead, which is `not-served`.
 */
export const ACCEPT_TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io';

type Cell = PrintedRow[string];

function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    default:
      return value === null || value === undefined ? null : JSON.stringify(value);
  }
}

/** The rows of one page of a Table, cells by column name. Throws `not-served` when the server sent no Table. */
export function rowsOf(page: JsonAnswer, asked: Asked): PrintedRow[] {
  const { kind, columnDefinitions, rows } = page.body;
  if (kind !== 'Table') {
    throw new LeaderError(
      'not-served',
      `cannot ${inWords(asked)} as printed rows: ${asked.server} sent ${textOf(kind) === '' ? 'something else' : 'objects'}`,
    );
  }
  if (!Array.isArray(columnDefinitions) || !Array.isArray(rows ?? [])) {
    throw page.unfit('the table has no columns or rows');
  }
  const columns = columnDefinitions.map((column: unknown) =>
    isJsonObject(column) ? textOf(column['name']) : '',
  );
  return ((rows ?? []) as unknown[]).flatMap((row): PrintedRow[] => {
    const cells = isJsonObject(row) ? row['cells'] : null;
    if (!Array.isArray(cells)) return [];
    // Alike from the first to the last, which is what many of them are read fast by.
    const printed: Record<string, Cell> = {};
    for (const [index, name] of columns.entries()) printed[name] = cellOf(cells[index]);
    return [printed];
  });
}
