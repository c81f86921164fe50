/** How many cells of a terminal a text takes, and how to make it take fewer. The text must already be printable. */

import { isPrintableAscii } from '../core/text.ts';

// Expressions with Unicode properties stand where they are used: preparing one takes long, and most texts need none.

/** What is drawn as one character each: a flag, an emoji with a skin tone, a character with its combining marks. */
export function drawnIn(text: string): string[] {
  if (isPrintableAscii(text)) return Array.from(text);
  const drawn =
    /\p{Regional_Indicator}{2}|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\P{M}[\p{Mn}\p{Me}]+|[\p{Mn}\p{Me}]+|./gsu;
  return Array.from(text.matchAll(drawn), ([one]) => one);
}

/** East Asian Width W and F. JavaScript has no property for it; what Emoji_Presentation covers is left out. */
function takesTwoCells(drawn: string): boolean {
  return /^(?:[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u.test(
    drawn,
  );
}

/** Cells that one of them takes. */
export function drawnWidth(drawn: string): 0 | 1 | 2 {
  if (/^[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u.test(drawn)) return 0;
  return takesTwoCells(drawn) ? 2 : 1;
}

/** Cells that the text takes: 2 for East Asian wide characters and emoji, 0 for combining marks. */
export function cellWidth(text: string): number {
  if (isPrintableAscii(text)) return text.length;
  let width = 0;
  for (const drawn of drawnIn(text)) width += drawnWidth(drawn);
  return width;
}

/** The text without its middle, in `cells` cells at most: its end is what tells replicas apart. */
export function cutMiddle(text: string, cells: number): string {
  const drawn = drawnIn(text);
  let room = Math.max(0, cells - 1);
  let [head, tail] = ['', ''];
  let [from, to] = [0, drawn.length];
  while (from < to) {
    const atEnd = tail.length <= head.length;
    const one = drawn[atEnd ? to - 1 : from] ?? '';
    room -= drawnWidth(one);
    if (room < 0) break;
    if (atEnd) {
      tail = one + tail;
      to -= 1;
    } else {
      head += one;
      from += 1;
    }
  }
  return `${head}…${tail}`;
}

/** The text in at most `cells` cells; what was cut out of its middle is shown as `…`. */
export function shortenMiddle(text: string, cells: number): string {
  return cellWidth(text) <= cells ? text : cutMiddle(text, cells);
}

/** The text in at most `cells` cells; what was cut off its end is shown as `…`. */
export function shorten(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  let kept = '';
  let width = 0;
  for (const drawn of drawnIn(text)) {
    width += drawnWidth(drawn);
    if (width > cells - 1) break;
    kept += drawn;
  }
  return `${kept}…`;
}
