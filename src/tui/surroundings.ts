import { printable } from '../core/text.ts';
import { humanDuration, type Instant } from '../core/time.ts';
import { surroundingsText } from '../output/describe.ts';
import { chop, DIM, type Line, STRONG, wrap } from './spans.ts';
import type { Surroundings } from './state.ts';

/** A heading as the other parts of the details have it. */
function headed(row: string): Line | null {
  const title = /^([A-Z][^:]*):$/.exec(row)?.[1];
  return title === undefined ? null : [{ text: title, sgr: STRONG }];
}

/** What was found around a lock, and how long ago that was, in lines of at most `cells` cells. `now`: the API server's clock. */
export function surroundingLines(around: Surroundings, now: Instant, cells: number): Line[] {
  if (around.state === 'reading') return [[], [{ text: 'looking around it…', sgr: DIM }]];
  if (around.state === 'failed') {
    const text = `What is around it could not be looked at: ${printable(around.message)}`;
    return [[], ...wrap(text, cells).map((part): Line => [{ text: part, sgr: DIM }])];
  }
  // Ages count from now, as all others on the page do.
  const text = surroundingsText({ ...around.file, takenAt: now }, { color: false, width: cells }).trimEnd();
  if (text === '') return [];
  const ago = humanDuration(Math.max(0, now - around.file.takenAt));
  const rows = text.split('\n').flatMap((row): Line[] => {
    const title = headed(row);
    return title === null ? chop(row, cells).map((part): Line => [{ text: part }]) : [title];
  });
  return [[], [{ text: `around it, looked at ${ago} ago`, sgr: DIM }], ...rows];
}
