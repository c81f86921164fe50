import { LeaderError } from '../core/errors.ts';
import type { Flag, FlagTable } from './flags.ts';

/** A command line, its flags told apart from its arguments. */
export interface Words {
  /**
   * Each flag in one spelling, in the order given: `--name=true`, and `--name==value` for a text, whose second `=` the
   * reader has to take off again. It keeps yargs from stripping quotes and from dropping texts that are empty.
   */
  options: string[];
  args: string[];
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

function usage(message: string): LeaderError {
  return new LeaderError('usage', message);
}

function option(name: string, flag: Flag, value: string): string {
  if (flag.type !== 'boolean') return `--${name}==${value}`;
  if (!Object.hasOwn(BOOLEANS, value)) {
    const spelled = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
    throw usage(`invalid argument "${value}" for "${spelled}" flag: it takes true or false`);
  }
  return `--${name}=${BOOLEANS[value]}`;
}

function readLong(word: string, rest: string[], flags: FlagTable): string {
  const [, name = '', given] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === '' || name.startsWith('-')) throw usage(`bad flag syntax: ${word}`);
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) throw usage(`unknown flag: --${name}`);
  const value = given ?? (flag.type === 'boolean' ? 'true' : rest.shift());
  if (value === undefined) throw usage(`flag needs an argument: ${word}`);
  return option(name, flag, value);
}

/** Letters after one dash: any number of booleans, the last of which may be a flag with its value attached. */
function readShort(word: string, rest: string[], flags: FlagTable): string[] {
  const options: string[] = [];
  let letters = word.slice(1);
  while (letters !== '') {
    const [letter = '', ...others] = letters;
    const tail = others.join('');
    const [name, flag] = Object.entries(flags).find(([, { short }]) => short === letter) ?? [];
    if (name === undefined || flag === undefined) {
      throw usage(`unknown shorthand flag: '${letter}' in ${word}`);
    }
    const attached = tail.length > 1 && tail.startsWith('=') ? tail.slice(1) : null;
    if (flag.type === 'boolean') {
      options.push(option(name, flag, attached ?? 'true'));
      letters = attached === null ? tail : '';
      continue;
    }
    const value = attached ?? (tail === '' ? rest.shift() : tail);
    if (value === undefined) throw usage(`flag needs an argument: '${letter}' in ${word}`);
    options.push(option(name, flag, value));
    letters = '';
  }
  return options;
}

/**
 * Reads a command line by the grammar of pflag, the library that kubectl parses with: a value is taken whatever it
 * looks like, letters can be joined, a boolean never takes the next word, `--` ends the flags. Throws `usage` errors.
 */
export function readWords(argv: readonly string[], flags: FlagTable): Words {
  const words: Words = { options: [], args: [] };
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      words.args.push(...rest.splice(0));
    } else if (word.startsWith('--')) {
      words.options.push(readLong(word, rest, flags));
    } else if (word.startsWith('-') && word !== '-') {
      words.options.push(...readShort(word, rest, flags));
    } else {
      words.args.push(word);
    }
  }
  return words;
}
