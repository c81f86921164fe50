import type { Command } from './command.ts';
import { DEPOSE_FLAGS, type DeposeValues, readDeposeRequest } from './depose-request.ts';

export const depose: Command = {
  name: 'depose',
  aliases: [],
  summary: 'Make whoever leads step down, even a ghost that nobody can find',
  about:
    'Make the holder of a lock that is renewed step down, wherever it runs, and let a candidate take over.\n' +
    'LOCK is NAME, NS/NAME, KIND/NAME or NS/KIND/NAME; kinds are lease, endpoints (ep) and configmap (cm).\n' +
    '\n' +
    'The lock is taken, if its holder still is the one that was shown, and renewed as a leader does it, until\n' +
    'no elector can believe any more that it leads: its duration and a few seconds. The process that lost the\n' +
    'lock normally exits; a ghost, which no kubelet starts again, stays dead. Then the lock is freed, and it is\n' +
    'watched who takes it, and for one more duration whether the old holder comes back. Nobody leads in\n' +
    'between, and never two at once. If this command dies while it holds the lock, the lock runs out like any\n' +
    "leader's.\n" +
    '\n' +
    'The plan is shown first, you type the name of the lock, and the object is saved to a file.\n' +
    '\n' +
    'Exit codes: 0 taken over by a holder that exists, 1 an error, 3 refused or not confirmed: nothing was\n' +
    'written, 4 done, but not as hoped, 130 interrupted.',
  examples: [
    {
      what: 'Get rid of a ghost; asks before it writes',
      line: 'depose volumes/endpoints/volume-provisioner',
    },
    { what: 'See what would be done, and who could take over', line: 'depose my-operator --dry-run=client' },
    {
      what: 'In a script, with every event as it happens',
      line: 'depose ops/lease/my-operator --yes -o jsonl',
    },
    { what: 'Keep everybody from leading for five minutes', line: 'depose ops/lease/my-operator --hold 5m' },
  ],
  usage: 'LOCK [options]',
  takes: { words: 'locks', atMost: 1 },
  flags: DEPOSE_FLAGS,
  async run(host, values: DeposeValues, args) {
    const request = readDeposeRequest(values, args);
    const { runDepose } = await import('./run-depose.ts');
    return runDepose(host, request);
  },
};
