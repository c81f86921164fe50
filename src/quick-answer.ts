import { commandLineOf } from './cli/command-line.ts';
import { asksVersionOnly, versionLine } from './cli/version-line.ts';
import { VERSION } from './version.ts';

/** Answers what can be answered without the program, which takes longer to load. False if that was not asked. */
export function answeredQuickly(): boolean {
  if (!asksVersionOnly(commandLineOf(process.argv).argv)) return false;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // A reader that has gone is no reason to fail.
    if (code === 'EPIPE') return;
    process.stderr.write(`error: cannot write to standard output: ${message}\n`);
    process.exitCode = 1;
  });
  process.stdout.write(versionLine(VERSION));
  return true;
}
