import type { Mono } from '../core/time.ts';
import type { State } from './state.ts';

/** Lines above the rows: where one looks, what there is, the columns' headers. */
const HEADER_LINES = 3;

const FOOTER_LINES = 1;

/** Whether a line is given to the most important note. */
export function hasNoteLine({ notes, size }: State): boolean {
  return notes.length > 0 && size.rows >= 12;
}

/** Lines that are kept for what is told, however long that is: the list is not to jump. */
export function narrationRows({ narration, size }: State): number {
  if (narration === null) return 0;
  return size.rows >= 20 ? 4 : size.rows >= 14 ? 2 : 1;
}

/** How many rows of the list are on screen. */
export function bodyRows(state: State): number {
  const rest =
    state.size.rows - HEADER_LINES - FOOTER_LINES - (hasNoteLine(state) ? 1 : 0) - narrationRows(state);
  return Math.max(1, rest);
}

/** How many lines of a page are on screen: below its title and above the last line. */
export function pageRows(state: State): number {
  return Math.max(1, state.size.rows - 3 - narrationRows(state));
}

/** A watch that ends and goes on is no blindness before it has been down for so long, milliseconds. */
const BLINK_MS = 3_000;

/** Since when what is on screen may be out of date; null while it is not. */
export function blindSince({ sightline, now }: State): Mono | null {
  if (sightline.state !== 'blind') return null;
  const { since, why } = sightline;
  return why !== null || now - since >= BLINK_MS ? since : null;
}

/** Whether what is on screen may be out of date. */
export function isBlind(state: State): boolean {
  return blindSince(state) !== null;
}

/** Why nothing is seen; null while something is, and where that is not known. */
export function blindWhy({ sightline }: State): string | null {
  return sightline.state === 'blind' ? sightline.why : null;
}
