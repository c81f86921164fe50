import { isLeaderError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { screenOf } from './list-on-screen.ts';
import { asksForDialog, RELEASE_FLAGS, type ReleaseValues, readReleaseRequest } from './release-request.ts';

export const release: Command = {
  name: 'release',
  aliases: [],
  summary: 'Free a lock that is stuck, and see who takes it',
  about:
    'Free a lock whose holder no longer renews it, so that a candidate can take it. LOCK is NAME, NS/NAME,\n' +
    'KIND/NAME or NS/KIND/NAME; kinds are lease, endpoints (ep) and configmap (cm).\n' +
    '\n' +
    'The lock is watched first, for its whole duration. One that is renewed is not stuck: it is refused, since\n' +
    'its holder would take it back at once, or two would lead. The plan is shown, you type the name of the lock,\n' +
    'the object is saved to a file (kubectl apply -f takes it), and then it is written to, if it still is what\n' +
    'was shown. At last it is watched until somebody takes it.\n' +
    '\n' +
    'On a terminal that happens in a dialog of the live list; without LOCK, the list opens to choose from, and r\n' +
    'releases. With any of the options below but --backup-dir, with TERM=dumb and in a pipe it is all printed\n' +
    'line by line, and asked at a prompt. The exit code tells how the lock was left, not how the list was.\n' +
    '\n' +
    'Exit codes: 0 taken as hoped, 1 an error, 3 refused or not confirmed: nothing was written, 4 freed, but\n' +
    'not taken as hoped, 130 interrupted.',
  examples: [
    {
      what: 'Free a lock; asks before it writes',
      line: 'release kube-system/endpoints/kube-controller-manager',
    },
    { what: 'Choose the lock from the live list', line: 'release' },
    { what: 'See what would be done', line: 'release my-operator -n operators --dry-run=client' },
    {
      what: 'Delete the object, where every update of it fails',
      line: 'release ep/my-lock -n prod --strategy delete',
    },
    { what: 'In a script', line: 'release operators/lease/my-operator --yes --timeout 1m -o json' },
  ],
  usage: '[LOCK] [options]',
  takes: { words: 'locks', atMost: 1 },
  flags: RELEASE_FLAGS,
  async run(host, values: ReleaseValues, args) {
    const screen = asksForDialog(values, args) ? screenOf(host) : null;
    if (screen !== null) {
      const { releaseOnScreen } = await import('./release-on-screen.ts');
      const [lock = null] = args;
      try {
        return await releaseOnScreen(host, screen, values, lock);
      } catch (error) {
        // Rights for this one lock show no list, and are enough to release it.
        if (lock === null || !isLeaderError(error, 'forbidden')) throw error;
      }
    }
    const request = readReleaseRequest(values, args);
    const { runRelease } = await import('./run-release.ts');
    return runRelease(host, request);
  },
};
