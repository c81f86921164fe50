import { LeaderError } from '../core/errors.ts';

/** The value of a flag that is one of these words; null when it was not given. Throws `usage` errors. */
export function oneOf<Word extends string>(
  flag: string,
  given: string | undefined,
  words: readonly Word[],
): Word | null {
  if (given === undefined || given === '') return null;
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw new LeaderError('usage', `invalid value "${given}" for --${flag}`, {
    hint: `It is ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`,
  });
}
