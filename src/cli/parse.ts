import { Parser } from 'yargs/helpers';
import type { FlagTable, Values } from './flags.ts';
import { readWords } from './words.ts';

export interface Parsed<T extends FlagTable> {
  values: Values<T>;
  args: string[];
}

// What yargs does on its own account and pflag does not.
const CONFIGURATION = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
};

/**
 * The flags' values and the other words of a command line. The parser of yargs is used without its front: that
 * would take settings from a `package.json` in the current folder and texts from the locale.
 */
export function parse<T extends FlagTable>(argv: readonly string[], flags: T): Parsed<T> {
  const { options, args } = readWords(argv, flags);
  const named = (type: string): string[] =>
    Object.entries(flags).flatMap(([name, flag]) => (flag.type === type ? [name] : []));
  const parsed: Record<string, unknown> = Parser(options, {
    boolean: named('boolean'),
    string: [...named('text'), ...named('list')],
    array: named('list'),
    configuration: CONFIGURATION,
  });
  const given = Object.entries(flags).flatMap(([name, flag]) => {
    const value = parsed[name];
    if (value === undefined) return [];
    const all = [value].flat().map((each) => (typeof each === 'string' ? each.slice(1) : each));
    return [[name, flag.type === 'list' ? all : all.at(-1)]];
  });
  return { values: Object.fromEntries(given), args };
}
