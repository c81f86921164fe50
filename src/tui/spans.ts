import { cellWidth, drawnIn, drawnWidth, shorten } from '../output/width.ts';

/** A piece of a line in one look. The text must be printable already. */
export interface Span {
  text: string;
  /** Parameters of the terminal's SGR sequence; absent for the terminal's own look. */
  sgr?: string;
}

/** One line of the screen. */
export type Line = readonly Span[];

export const STRONG = '1';
export const DIM = '2';
export const INVERSE = '7';

/** Attributes such as bold and inverse stay where colour is not wanted. */
function withoutColor(sgr: string): string {
  return sgr
    .split(';')
    .filter((code) => Number(code) < 30)
    .join(';');
}

/** Adds a look to whatever the spans have. */
export function restyle(line: Line, sgr: string): Line {
  return line.map((span) => ({ text: span.text, sgr: span.sgr === undefined ? sgr : `${sgr};${span.sgr}` }));
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellWidth(text), 0);
}

/** The line in at most `cells` cells. */
export function shortenLine(line: Line, cells: number): Line {
  const kept: Span[] = [];
  let left = cells;
  for (const span of line) {
    if (left <= 0) break;
    const text = shorten(span.text, left);
    kept.push({ ...span, text });
    left -= text === span.text ? cellWidth(text) : left;
  }
  return kept;
}

/** Two texts at the two ends of a line; the left one gives way. */
export function spread(left: Line, right: Line, cells: number): Line {
  const rest = cells - lineWidth(right);
  const kept = shortenLine(left, Math.max(0, rest - 1));
  return [...kept, { text: ' '.repeat(Math.max(0, rest - lineWidth(kept))) }, ...right];
}

/** The line as a terminal draws it. */
export function ansi(line: Line, color: boolean): string {
  return line
    .map(({ text, sgr }) => {
      const look = sgr === undefined || color ? (sgr ?? '') : withoutColor(sgr);
      return look === '' ? text : `\u001b[${look}m${text}\u001b[0m`;
    })
    .join('');
}

/** Breaks a text into lines of at most `cells` cells, wherever it has to. */
export function chop(text: string, cells: number): string[] {
  if (cells <= 0 || cellWidth(text) <= cells) return [text];
  const lines: string[] = [];
  let line = '';
  let left = cells;
  for (const drawn of drawnIn(text)) {
    const width = drawnWidth(drawn);
    if (width > left && line !== '') {
      lines.push(line);
      line = '';
      left = cells;
    }
    line += drawn;
    left -= width;
  }
  return [...lines, line];
}

/** Breaks a text into lines of at most `cells` cells, at spaces where there are any. */
export function wrap(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (cellWidth(longer) <= cells) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = chop(word, cells);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  return [...lines, line];
}
