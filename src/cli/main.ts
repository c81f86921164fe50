import { LeaderError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { COMMANDS, commandNamed, DEFAULT_COMMAND, EVERY_FLAG, HELP } from './commands.ts';
import { EXITS, errorText, exitCodeOf, verbosityOf } from './errors.ts';
import { GLOBAL_FLAGS } from './flags.ts';
import { commandHelp, programHelp } from './help.ts';
import type { Host } from './host.ts';
import { parse } from './parse.ts';
import { versionLine } from './version-line.ts';
import { readWords } from './words.ts';

function findCommand(name: string, program: string): Command {
  const found = commandNamed(name);
  if (found !== null) return found;
  const names = [...COMMANDS.map((command) => command.name), HELP].join(', ');
  throw new LeaderError('usage', `unknown command "${name}" for "${program}"`, {
    hint: `Commands are ${names}.`,
  });
}

function helpOn(host: Host, topic: string | undefined): number {
  const text =
    topic === undefined || topic === HELP
      ? programHelp(host.program, COMMANDS, DEFAULT_COMMAND)
      : commandHelp(host.program, findCommand(topic, host.program));
  host.stdout.write(text);
  return EXITS.ok;
}

/** What shells ask for, with descriptions and without: the words are not a command line yet. */
const COMPLETE = ['__complete', '__completeNoDesc'];

async function dispatch(host: Host): Promise<number> {
  const [first = '', ...words] = host.argv;
  if (COMPLETE.includes(first)) {
    const { complete } = await import('./completion-answer.ts');
    return complete(host, words, first === COMPLETE[0]);
  }
  const [name, topic] = readWords(host.argv, EVERY_FLAG).args;
  if (name === HELP) return helpOn(host, topic);
  const command = name === undefined ? DEFAULT_COMMAND : findCommand(name, host.program);
  const { values, args } = parse(host.argv, { ...command.flags, ...GLOBAL_FLAGS });
  if (!/^\d+$/.test(values.v ?? '0'))
    throw new LeaderError('usage', `invalid argument "${values.v}" for "-v, --v" flag`);
  if (values.help === true) return helpOn(host, name);
  if (values.version === true) {
    host.stdout.write(versionLine(host.version));
    return EXITS.ok;
  }
  return command.run(host, values, name === undefined ? args : args.slice(1));
}

function usageHint({ program, argv }: Host): string {
  const command = COMMANDS.find(({ name, aliases }) =>
    argv.some((word) => word === name || aliases.includes(word)),
  );
  return `See '${command === undefined ? program : `${program} ${command.name}`} --help' for usage.`;
}

/** Runs the program to its end. Resolves to its exit code; never rejects. */
export async function main(host: Host): Promise<number> {
  try {
    return await dispatch(host);
  } catch (error) {
    host.stderr.write(errorText(error, { usageHint: usageHint(host), verbosity: verbosityOf(host.argv) }));
    return exitCodeOf(error);
  }
}
