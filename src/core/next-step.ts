import { type LockRef, lockId } from './lock.ts';
import { printable } from './text.ts';

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

/** Where a command of kubectl, or of this program, begins in a text that advises it. */
const COMMAND = /(^|: | && )(kubectl(?: leader [a-z]+)?) /g;

/**
 * The text with `flags` in every command that it advises, so that pasted into a shell it goes to the same cluster. They
 * stand in front, because where a command ends in a sentence cannot be told.
 */
export function withFlags(text: string, flags: readonly string[]): string {
  if (flags.length === 0) return text;
  return text.replace(
    COMMAND,
    (_, before: string, command: string) => `${before}${command} ${commandLine(...flags)} `,
  );
}

/** The step with `flags` in its command. */
export function stepWithFlags({ text, command }: NextStep, flags: readonly string[]): NextStep {
  return { text, command: command === null ? null : withFlags(command, flags) };
}

/** In one line. */
export function stepText({ text, command }: NextStep): string {
  return command === null ? text : `${text}: ${command}`;
}

/** Why to look at a lock, and the command that shows it, in one line and printable. */
export function seeIn(ref: LockRef, why: string): string {
  return printable(stepText(run(why, leaderCommand('describe', ref))));
}
