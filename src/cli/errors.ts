import { isLeaderError, type LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

/** What the program's exit code says. */
export const EXITS = {
  ok: 0,
  error: 1,
  /** Problems were found, and `--exit-code` was given. */
  problems: 2,
  /** Not done because it would do harm. */
  refused: 3,
  /** Done, but what it was done for did not come about. */
  notAsHoped: 4,
  /** Stopped by ctrl-C before it was done. */
  interrupted: 130,
} as const;

/** From this `-v` on each request is told. */
export const REQUEST_VERBOSITY = 6;

/** From this `-v` on unexpected errors come with their stack. */
const STACK_VERBOSITY = 6;

export function exitCodeOf(error: unknown): number {
  if (isLeaderError(error, 'refused')) return EXITS.refused;
  return isLeaderError(error, 'interrupted') ? EXITS.interrupted : EXITS.error;
}

/** The level of `-v`, wherever it stands: it has to be known even if the rest cannot be parsed. */
export function verbosityOf(argv: readonly string[]): number {
  const given = / (?:-v|--v)[ =]?(\d+)(?= )/.exec(` ${argv.join(' ')} `)?.[1];
  return Number(given ?? 0);
}

function hintOf(error: LeaderError, usageHint: string): string | null {
  return error.hint ?? (error.code === 'usage' ? usageHint : null);
}

function unexpected(error: unknown, verbosity: number): string[] {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return [
    `error: this should not have happened: ${text}`,
    ...(verbosity >= STACK_VERBOSITY ? stack.split('\n').slice(1) : ['Repeat it with -v=6 to see where.']),
  ];
}

/**
 * What the user is told about a failure: one line, and one more where there is something to be done about it.
 * An interruption by the user needs no words. Ends with a newline unless empty.
 */
export function errorText(
  error: unknown,
  { usageHint, verbosity }: { usageHint: string; verbosity: number },
): string {
  if (isLeaderError(error, 'interrupted')) return '';
  const hint = isLeaderError(error) ? hintOf(error, usageHint) : null;
  const lines = isLeaderError(error)
    ? [`error: ${error.message}`, ...(hint === null ? [] : [hint])]
    : unexpected(error, verbosity);
  return lines.map((line) => `${printable(line)}\n`).join('');
}
