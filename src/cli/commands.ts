import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { demo } from './demo.ts';
import { depose } from './depose.ts';
import { describe } from './describe.ts';
import { type FlagTable, GLOBAL_FLAGS } from './flags.ts';
import { ls } from './ls.ts';
import { options } from './options.ts';
import { release } from './release.ts';
import { version } from './version.ts';

/** Every command but `help`, which is about these. */
export const COMMANDS: readonly Command[] = [
  ls,
  describe,
  release,
  depose,
  demo,
  completion,
  options,
  version,
];

/** What runs when no command is named. */
export const DEFAULT_COMMAND: Command = ls;

/** Shows the help of the others. */
export const HELP = 'help';

// The command's name may stand behind flags, and which words are flags' values depends on the flags of them all.
export const EVERY_FLAG: FlagTable = Object.assign({}, GLOBAL_FLAGS, ...COMMANDS.map(({ flags }) => flags));

/** The command that is called so, by its name or by another; null if there is none. */
export function commandNamed(name: string): Command | null {
  return COMMANDS.find((command) => command.name === name || command.aliases.includes(name)) ?? null;
}
