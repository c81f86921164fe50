import type { Command } from './command.ts';
import { EXITS } from './errors.ts';
import { globalHelp } from './help.ts';

export const options: Command = {
  name: 'options',
  aliases: [],
  summary: 'Show the options that every command has',
  about: "Show the options that every command has: kubectl's connection flags, with kubectl's meaning.",
  examples: [],
  usage: '',
  flags: {},
  run(host) {
    host.stdout.write(globalHelp());
    return Promise.resolve(EXITS.ok);
  },
};
