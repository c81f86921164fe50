import { basename } from 'node:path';

/** By which name this process was called, and with which words. */
export interface CommandLine {
  calledAs: string;
  argv: readonly string[];
}

/** `argv` is that of node:process. Stands alone so that little has to be loaded to answer what is simple. */
export function commandLineOf([, file = '', ...words]: readonly string[]): CommandLine {
  const calledAs = basename(file);
  // Called by this name, the program is asked by kubectl how `kubectl leader ...` may go on.
  return { calledAs, argv: calledAs.startsWith('kubectl_complete-') ? ['__complete', ...words] : words };
}
