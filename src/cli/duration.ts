import { LeaderError } from '../core/errors.ts';
import { parseDurationFlag } from '../core/time.ts';

/** The value of a flag that is a length of time, milliseconds; null when it was not given. Throws `usage` errors. */
export function readDuration(flag: string, text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const ms = parseDurationFlag(text);
  if (ms !== null) return ms;
  throw new LeaderError('usage', `invalid duration "${text}" for --${flag}`, {
    hint: 'Give a length of time such as 15s or 1m30s.',
  });
}
