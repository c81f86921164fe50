import type { Completes, FlagTable } from './flags.ts';
import type { Host } from './host.ts';

type ParsedValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

interface Example {
  what: string;
  /** The words after the program's name. */
  line: string;
}

/** One command of the program. */
export interface Command {
  readonly name: string;
  readonly aliases: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does, in lines of at most 100 characters. */
  readonly about: string;
  readonly examples: readonly Example[];
  /** What may stand after the command's name. */
  readonly usage: string;
  /** What each word there can be completed to; absent where there is none. */
  readonly takes?: { readonly words: Completes; readonly atMost: number };
  /** Its own flags, beside those that every command has. */
  readonly flags: FlagTable;
  /** Does it. `args` are the words after the command's name. Resolves to the exit code, rejects with a LeaderError. */
  run(host: Host, values: ParsedValues, args: readonly string[]): Promise<number>;
}
