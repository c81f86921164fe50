import { LeaderError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { COMMANDS, DEFAULT_COMMAND } from './commands.ts';
import { EXITS, errorText, exitCodeOf, verbosityOf } from './errors.ts';
import { type FlagTable, GLOBAL_FLAGS } from './flags.ts';
import { commandHelp, programHelp } from './help.ts';
import type { Host } from './host.ts';
import { parse } from './parse.ts';
import { versionLine } from './version-line.ts';
import { readWords } from './words.ts';

// The command's name may stand behind flags, and which words are flags' values depends on the flags of them all.
const EVERY_FLAG: FlagTable = Object.assign({}, GLOBAL_FLAGS, ...COMMANDS.map(({ flags }) => flags));

function findCommand(name: string, program: string): Command {
  const found = COMMANDS.find((command) => command.name === name || command.aliases.includes(name));
  if (found !== undefined) return found;
  const names = [...COMMANDS.map((command) => command.name), 'help'].join(', ');
  throw new LeaderError('usage', `unknown command "${name}" for "${program}"`, {
    hint: `Commands are ${names}.`,
  });
}

function helpOn(host: Host, topic: string | undefined): number {
  const text =
    topic === undefined || topic === 'help'
      ? programHelp(host.program, COMMANDS, DEFAULT_COMMAND)
      : commandHelp(host.program, findCommand(topic, host.program));
  host.stdout.write(text);
  return EXITS.ok;
}

async function dispatch(host: Host): Promise<number> {
  const [name, topic] = readWords(host.argv, EVERY_FLAG).args;
  if (name === 'help') return helpOn(host, topic);
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
