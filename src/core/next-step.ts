import { type LockRef, lockId } from './lock.ts';

/** One thing to do next. */
export interface NextStep {
  /** What, and why: a sentence without a full stop. */
  text: string;
  /** Can be pasted into a shell; null where there is nothing to type. */
  command: string | null;
}

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A word as a POSIX shell takes it, whatever is in it: names may come from objects that somebody else wrote. */
function shellWord(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command from its words. */
export function commandLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** A command of this program about a lock. */
export function leaderCommand(
  verb: 'describe' | 'release' | 'depose',
  ref: LockRef,
  ...flags: readonly string[]
): string {
  return commandLine('kubectl', 'leader', verb, lockId(ref), ...flags);
}

export function say(text: string): NextStep {
  return { text, command: null };
}

export function run(text: string, command: string): NextStep {
  return { text, command };
}

/** In one line. */
export function stepText({ text, command }: NextStep): string {
  return command === null ? text : `${text}: ${command}`;
}
