import { cellWidth } from './width.ts';

/** A label and what belongs to it; `numbered` for things that are done one after the other. */
export interface SheetEntry {
  label: string;
  /** Each on lines of its own. The text must already be printable. */
  texts: readonly string[];
  numbered?: true;
}

/** Texts are not squeezed into less than this, cells: below it the terminal may break lines as it likes. */
const NARROWEST = 20;

/** The text in lines of at most `width` cells, broken at spaces; a word that is longer stays whole. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && cellWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** Labels to the left, texts to the right, as `kubectl describe` has it. `width` in cells; null for any. */
export function sheet(entries: readonly SheetEntry[], width: number | null): string {
  const filled = entries.filter(({ texts }) => texts.length > 0);
  const left = Math.max(0, ...filled.map(({ label }) => label.length)) + 3;
  const right = width === null ? null : Math.max(NARROWEST, width - left);
  return filled
    .flatMap(({ label, texts, numbered }) =>
      texts.flatMap((text, at) => {
        const mark = numbered === true ? `${at + 1}. ` : '';
        const lines = right === null ? [text] : wrapped(text, right - mark.length);
        return lines.map((line, row) => {
          const head = at === 0 && row === 0 ? `${label}:` : '';
          return `${head.padEnd(left)}${row === 0 ? mark : ' '.repeat(mark.length)}${line}\n`;
        });
      }),
    )
    .join('');
}
