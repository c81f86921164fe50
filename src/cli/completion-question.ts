import { isLeaderError } from '../core/errors.ts';
import { commandNamed, DEFAULT_COMMAND, EVERY_FLAG, HELP } from './commands.ts';
import { type Completes, type FlagTable, GLOBAL_FLAGS, type GlobalValues } from './flags.ts';
import { parse } from './parse.ts';
import { readWords } from './words.ts';

/** What a word can become, as far as the words before it tell. */
export type Question =
  | { what: 'command'; word: string }
  | { what: 'flag'; word: string; flags: FlagTable; given: ReadonlySet<string> }
  | {
      what: 'value';
      word: string;
      of: Completes;
      /** The value of a flag that takes several, with commas between. */
      several: boolean;
      /** The flags that were given before. */
      given: GlobalValues;
      /** The command's words that were given before. */
      args: readonly string[];
    }
  | { what: 'nothing' };

const NOTHING: Question = { what: 'nothing' };

/** Stands where the word is that is being typed: how it is read tells what belongs there. No flag, no value. */
const HERE = '\u0000here';

/** The flag whose value is to come next. */
function awaited(before: readonly string[], flags: FlagTable): string | null {
  const last = readWords([...before, HERE], flags).options.at(-1) ?? '';
  return last.endsWith(`==${HERE}`) ? last.slice('--'.length, -`==${HERE}`.length) : null;
}

function readValue(flag: string, word: string, flags: FlagTable, before: readonly string[]): Question {
  const { completes, type } = (Object.hasOwn(flags, flag) ? flags[flag] : undefined) ?? {};
  if (completes === undefined) return NOTHING;
  const { values, args } = parse(before, flags);
  return { what: 'value', word, of: completes, several: type === 'list', given: values, args };
}

function readFlag(word: string, flags: FlagTable, before: readonly string[]): Question {
  const given = new Set(
    Object.keys(parse(before, flags).values).filter((name) => flags[name]?.type !== 'list'),
  );
  return { what: 'flag', word, flags, given };
}

function readArgument(name: string, word: string, flags: FlagTable, before: readonly string[]): Question {
  const takes = commandNamed(name)?.takes;
  const { values, args } = parse(before, flags);
  const own = args.slice(1);
  if (takes === undefined || own.length >= takes.atMost) return NOTHING;
  return { what: 'value', word, of: takes.words, several: false, given: values, args: own };
}

function read(before: readonly string[], word: string): Question {
  const [name, topic] = readWords([...before, HERE], EVERY_FLAG).args.filter((each) => each !== HERE);
  if (name === HELP) return topic === undefined ? { what: 'command', word } : NOTHING;
  const command = name === undefined ? DEFAULT_COMMAND : commandNamed(name);
  if (command === null) return NOTHING;
  // Flags may stand before the command, whichever it will be.
  const others = name === undefined ? EVERY_FLAG : {};
  const flags: FlagTable = { ...others, ...command.flags, ...GLOBAL_FLAGS };
  const waiting = awaited(before, flags);
  if (waiting !== null) return readValue(waiting, word, flags, before.slice(0, -1));
  const onlyArguments = before.includes('--');
  const [, flag, value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
  if (flag !== undefined && !onlyArguments) return readValue(flag, value, flags, before);
  if (word.startsWith('-') && !onlyArguments) return readFlag(word, flags, before);
  return name === undefined ? { what: 'command', word } : readArgument(name, word, flags, before);
}

/** Reads a command line whose last word is being typed. Where no command line can begin so, nothing fits. */
export function readQuestion(words: readonly string[]): Question {
  try {
    return read(words.slice(0, -1), words.at(-1) ?? '');
  } catch (error) {
    if (isLeaderError(error, 'usage')) return NOTHING;
    throw error;
  }
}
