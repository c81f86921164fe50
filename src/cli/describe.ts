import type { Command } from './command.ts';
import { DESCRIBE_FLAGS, type DescribeValues, readDescribeRequest } from './describe-request.ts';

export const describe: Command = {
  name: 'describe',
  aliases: ['desc'],
  summary: 'Show the whole case of a lock: evidence, candidates, what is in the way, what to do',
  about:
    'Look at one lock thoroughly, watch it while looking, and say what is wrong and what to do about it.\n' +
    'LOCK is NAME, NS/NAME, KIND/NAME or NS/KIND/NAME; kinds are lease, endpoints (ep) and configmap (cm).\n' +
    '\n' +
    'It is watched until enough is seen, at most for its duration and the retry jitter of candidates; ctrl-C ends\n' +
    'the watching early. Everything else takes about a second: the holder and its owners, the events, the\n' +
    'candidates and their rights, Services and webhooks in the way, and, for a ghost, where it may live and how it\n' +
    'authenticates. What may not be read is said, and hides nothing else. Nothing is written.',
  examples: [
    { what: 'The whole case of a lock', line: 'describe kube-system/kube-controller-manager' },
    { what: 'At once, without watching', line: 'describe lease/my-operator -n operators --observe 0' },
    {
      what: 'Have the API server check an unchanged write as well: does it answer 409 Conflict?',
      line: 'describe kube-system/ep/kube-controller-manager --probe',
    },
    { what: 'Several locks, for programs', line: 'describe operators/a operators/b -o json' },
  ],
  usage: 'LOCK... [options]',
  takes: { words: 'locks', atMost: Number.POSITIVE_INFINITY },
  flags: DESCRIBE_FLAGS,
  async run(host, values: DescribeValues, args) {
    const request = readDescribeRequest(values, args);
    const { runDescribe } = await import('./run-describe.ts');
    return runDescribe(host, request);
  },
};
