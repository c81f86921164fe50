import { readFileSync } from 'node:fs';
import type { RunPlugin } from './exec-plugin.ts';

/** What a connection needs of the machine it runs on. */
export interface ConnectionHost {
  env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder, in which `.kube/config` is looked for. */
  homeDir: string;
  /** True when an exec plugin may ask the user something. */
  stdinIsTerminal: boolean;
  /** The version of this program, for the user agent. */
  version: string;
  /** Rejects as node:fs does. */
  readFile: (path: string) => Promise<Buffer>;
  /** True while a full-screen program has the terminal: exec plugins neither read from it nor write to it then. */
  screenTaken: () => boolean;
  /** Runs an exec plugin to its end. */
  runPlugin: RunPlugin;
  /** Wall clock, milliseconds since the epoch: credentials expire by it. */
  now: () => number;
}

/** The parts of a host that only the process knows; the rest has working defaults. */
export type HostFacts = Pick<ConnectionHost, 'env' | 'homeDir' | 'stdinIsTerminal' | 'version'> &
  Partial<ConnectionHost>;

export function hostOf(facts: HostFacts): ConnectionHost {
  return {
    // They are small: to start the threads that read in the background takes longer.
    readFile: async (path) => readFileSync(path),
    runPlugin: async (plugin) => (await import('./exec-plugin.ts')).runPlugin(plugin),
    screenTaken: () => false,
    now: Date.now,
    ...facts,
  };
}

export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Why a file could not be read, in the words of the operating system. */
export function errnoText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  switch (code) {
    case 'ENOENT':
      return 'no such file or directory';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'is a directory';
    default:
      return code === '' ? 'cannot be read' : `cannot be read (${String(code)})`;
  }
}
