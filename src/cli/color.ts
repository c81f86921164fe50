import { LeaderError } from '../core/errors.ts';
import type { Flag } from './flags.ts';
import type { Host } from './host.ts';

export type ColorChoice = 'auto' | 'always' | 'never';

export const COLOR_FLAG = {
  type: 'text',
  fallback: 'auto',
  completes: ['auto', 'always', 'never'],
  help: 'auto, always or never. auto also obeys NO_COLOR.',
} as const satisfies Flag;

/** Reads `--color`. Throws a `usage` error. */
export function readColor(text: string | undefined): ColorChoice {
  const choice = text ?? 'auto';
  if (choice === 'auto' || choice === 'always' || choice === 'never') return choice;
  throw new LeaderError('usage', `invalid value "${choice}" for --color`, {
    hint: 'It is auto, always or never.',
  });
}

/** Whether standard output is to be coloured. */
export function isColored({ env, stdout }: Host, choice: ColorChoice): boolean {
  const auto = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return choice === 'always' || (choice === 'auto' && auto);
}
