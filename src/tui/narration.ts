import { printable } from '../core/text.ts';
import { THEME } from '../output/theme.ts';
import { narrationRows } from './geometry.ts';
import { DIM, type Line, shortenLine, wrap } from './spans.ts';
import type { State } from './state.ts';

/** What is told, as many lines of it as there is room for: what happens first, then what to try. */
export function narrationLines(state: State): Line[] {
  const { narration, size } = state;
  if (narration === null) return [];
  const lines = narration.split('\n').flatMap((text, part): Line[] => {
    const sgr = part === 0 ? THEME.warn.sgr : DIM;
    return wrap(printable(text), size.columns - 2).map((line, at): Line => {
      const mark = part === 0 && at === 0 ? '▸ ' : '  ';
      return [{ text: `${mark}${line}`, sgr }];
    });
  });
  const rows = narrationRows(state);
  if (lines.length <= rows) return lines;
  const last = lines.slice(rows - 1).flat();
  return [...lines.slice(0, rows - 1), shortenLine(last, size.columns)];
}
