import type { Command } from './command.ts';
import { ls } from './ls.ts';
import { options } from './options.ts';
import { version } from './version.ts';

/** Every command but `help`, which is about these. */
export const COMMANDS: readonly Command[] = [ls, options, version];

/** What runs when no command is named. */
export const DEFAULT_COMMAND: Command = ls;
