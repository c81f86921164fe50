import { printable } from '../core/text.ts';
import { formatSecondTime, humanDuration, type Instant, isDate } from '../core/time.ts';
import { type SheetEntry, sheet, wrapped } from './sheet.ts';
import { cellWidth } from './width.ts';

/** How a case is laid out. */
export interface Page {
  /** The moment that ages count from. */
  now: Instant;
  /** Cells of a line, as far as it can be broken. */
  width: number;
  color: boolean;
}

const INDENT = '  ';

/** Absolute and relative: `2026-11-21T12:00:00Z (5d2h ago)`. */
export function timeText(at: Instant | null, { now }: Page): string {
  if (at === null || !isDate(at)) return '<unknown>';
  const ago = now - at;
  return `${formatSecondTime(at)} (${ago >= 0 ? `${humanDuration(ago)} ago` : `in ${humanDuration(-ago)}`})`;
}

/** A field and what it says; null leaves it out. */
export type Field = readonly [label: string, text: string | readonly string[] | null];

function entryOf([label, text]: Field): SheetEntry {
  const texts = text === null ? [] : typeof text === 'string' ? [text] : text;
  return { label, texts: texts.map(printable) };
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, INDENT);
}

/** Labels and texts side by side. */
export function fields(entries: readonly Field[], { width }: Page): string {
  return sheet(entries.map(entryOf), width);
}

/** Fields under a title; empty when there are none. */
export function section(title: string, body: readonly string[]): string {
  const text = body.join('');
  return text === '' ? '' : `${title}:\n${indent(text)}`;
}

/** The same for a body that is narrower by its indentation. */
export function within(page: Page): Page {
  return { ...page, width: page.width - INDENT.length };
}

/** A paragraph behind a mark, its lines below each other. `mark` must already be printable. */
export function item(mark: string, text: string, { width }: Page): string {
  const hang = ' '.repeat(cellWidth(mark));
  return wrapped(printable(text), width - cellWidth(mark))
    .map((line, at) => `${at === 0 ? mark : hang}${line}\n`)
    .join('');
}

/** Lines that must stay as they are: commands, manifests. */
export function verbatim(text: string, indentation = ''): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `${indentation}${printable(line)}\n`))
    .join('');
}

/** Columns below each other, as kubectl prints a table. */
export function grid(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const columns = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...cells.map((row) => cellWidth(row[at] ?? ''))),
  );
  return cells
    .map((row) => {
      const line = row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - cellWidth(cell))).join(INDENT);
      return `${line.trimEnd()}\n`;
    })
    .join('');
}
