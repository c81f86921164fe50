import { printable } from '../core/text.ts';
import { surroundingsText } from '../output/describe.ts';
import { chop, DIM, type Line, STRONG, wrap } from './spans.ts';
import type { Surroundings } from './state.ts';

/** A heading as the other parts of the details have it. */
function headed(row: string): Line | null {
  const title = /^([A-Z][^:]*):$/.exec(row)?.[1];
  return title === undefined ? null : [{ text: title, sgr: STRONG }];
}

/** What was found around a lock, in lines of at most `cells` cells. */
export function surroundingLines(around: Surroundings, cells: number): Line[] {
  if (around.state === 'reading') return [[], [{ text: 'looking around it…', sgr: DIM }]];
  if (around.state === 'failed') {
    const text = `What is around it could not be looked at: ${printable(around.message)}`;
    return [[], ...wrap(text, cells).map((part): Line => [{ text: part, sgr: DIM }])];
  }
  const text = surroundingsText(around.file, { color: false, width: cells }).trimEnd();
  if (text === '') return [];
  const rows = text.split('\n').flatMap((row): Line[] => {
    const title = headed(row);
    return title === null ? chop(row, cells).map((part): Line => [{ text: part }]) : [title];
  });
  return [[], ...rows];
}
