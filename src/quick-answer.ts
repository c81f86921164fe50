import { commandLineOf } from './cli/command-line.ts';
import { asksVersionOnly, versionLine } from './cli/version-line.ts';
import { VERSION } from './version.ts';

/** Answers what can be answered without the program, which takes longer to load. False if that was not asked. */
export function answeredQuickly(): boolean {
  if (!asksVersionOnly(commandLineOf(process.argv).argv)) return false;
  // A reader that has gone is no reason to fail.
  process.stdout.on('error', () => undefined);
  process.stdout.write(versionLine(VERSION));
  return true;
}
