import type { Command } from './command.ts';
import { type FlagTable, GLOBAL_FLAGS, shownFlags } from './flags.ts';

function flagHelp(flags: FlagTable): string {
  return shownFlags(flags)
    .map(([name, { short, fallback, help }]) => {
      const letter = short === undefined ? '' : `-${short}, `;
      return `    ${letter}--${name}=${fallback}:\n        ${help}\n`;
    })
    .join('\n');
}

function section(title: string, body: string): string {
  return `${title}:\n${body}`;
}

/** Like kubectl's help of a command. */
export function commandHelp(program: string, command: Command): string {
  const examples = command.examples.map(
    ({ what, line }) => `  # ${what}\n  ${`${program} ${line}`.trimEnd()}\n`,
  );
  const options = flagHelp(command.flags);
  const parts = [
    `${command.about}\n`,
    command.aliases.length === 0
      ? ''
      : section('Aliases', `  ${[command.name, ...command.aliases].join(', ')}\n`),
    examples.length === 0 ? '' : section('Examples', examples.join('\n')),
    options === '' ? '' : section('Options', options),
    section('Usage', `  ${program} ${command.name} ${command.usage}`.trimEnd().concat('\n')),
    `Use "${program} options" for the options that every command has.\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** What the program is and which commands it has. `first` is the command that runs when none is named. */
export function programHelp(program: string, commands: readonly Command[], first: Command): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`).join('');
  return [
    'Every leader-election lock of a cluster: who holds it, whether the holder still exists,\n' +
      'and whether the lock is really being renewed.\n',
    section('Available Commands', list),
    section('Usage', `  ${program} [command] [options]\n`),
    `Without a command, "${program} ${first.name}" runs.\n` +
      `Use "${program} <command> --help" for more about a command.\n` +
      `Use "${program} options" for the options that every command has.\n`,
  ].join('\n');
}

/** The options that every command has. */
export function globalHelp(): string {
  return `Every command has these options:\n\n${flagHelp(GLOBAL_FLAGS)}`;
}
