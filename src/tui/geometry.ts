import type { State } from './state.ts';

/** Lines above the rows: where one looks, what there is, the columns' headers. */
const HEADER_LINES = 3;

const FOOTER_LINES = 1;

/** Whether a line is given to the most important note. */
export function hasNoteLine({ notes, size }: State): boolean {
  return notes.length > 0 && size.rows >= 12;
}

/** How many rows of the list are on screen. */
export function bodyRows(state: State): number {
  const rest = state.size.rows - HEADER_LINES - FOOTER_LINES - (hasNoteLine(state) ? 1 : 0);
  return Math.max(1, rest);
}

/** How many lines of a page are on screen: below its title and above the last line. */
export function pageRows({ size }: State): number {
  return Math.max(1, size.rows - 3);
}

/** A watch that ends and goes on is no blindness before it has been down for so long, milliseconds. */
const BLINK_MS = 3_000;

/** Whether what is on screen may be out of date. */
export function isBlind({ sightline, now }: State): boolean {
  return sightline.state === 'blind' && (sightline.why !== null || now - sightline.since >= BLINK_MS);
}
