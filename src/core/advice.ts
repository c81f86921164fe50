import { isDeposer } from './depose-identity.ts';
import { LEADER_ANNOTATION } from './formats/annotation.ts';
import { isOpaque } from './identity.ts';
import type { Case } from './judge.ts';
import { durationOf } from './judge-renewal.ts';
import { halvesOf, type LockRef, lockLabel, recordOf } from './lock.ts';
import { LOCK_RESOURCES } from './lock-resources.ts';
import { commandLine, leaderCommand, type NextStep, run, say } from './next-step.ts';
import { resourceName } from './resources.ts';
import { proseDuration } from './time.ts';
import type { VerdictCode } from './verdict.ts';

/** What advice rests on, besides the verdict. */
export type AdviceFacts = Pick<Case, 'lock' | 'holder' | 'candidates' | 'commonCause'>;

function get(text: string, { kind, namespace, name }: LockRef): NextStep {
  return run(
    text,
    commandLine('kubectl', '-n', namespace, 'get', resourceName(LOCK_RESOURCES[kind]), name, '-o', 'yaml'),
  );
}

/** The command that leaves the object as it is but for the record, unless it has changed since. */
function withoutRecord({ kind, namespace, name }: LockRef, resourceVersion: string): string {
  const object = [resourceName(LOCK_RESOURCES[kind]), name];
  const version = `--resource-version=${resourceVersion}`;
  return commandLine('kubectl', '-n', namespace, 'annotate', ...object, `${LEADER_ANNOTATION}-`, version);
}

function describe(text: string, { lock }: AdviceFacts): NextStep {
  return run(text, leaderCommand('describe', lock.primary.ref));
}

function release(text: string, { lock }: AdviceFacts, ...flags: readonly string[]): NextStep {
  return run(text, leaderCommand('release', lock.primary.ref, ...flags));
}

function depose(text: string, { lock }: AdviceFacts): NextStep {
  return run(text, leaderCommand('depose', lock.primary.ref));
}

/** The holder's log; of a process that runs outside Pods only its machine has one. */
function logs(text: string, { holder }: AdviceFacts): NextStep {
  const { pod, node } = holder;
  if (pod !== null)
    return run(text, commandLine('kubectl', '-n', pod.namespace, 'logs', pod.name, '--tail=50'));
  return say(node === null ? text : `${text} (the process runs on node ${node.name})`);
}

function workloadSteps({ lock, holder }: AdviceFacts): NextStep[] {
  const { workload } = holder;
  const { namespace } = lock.primary.ref;
  return workload === null || workload.namespace === null
    ? [
        run(
          'See what runs in its namespace',
          commandLine('kubectl', '-n', namespace, 'get', 'pods', '-o', 'wide'),
        ),
      ]
    : [
        run(
          'See why none of its pods runs',
          commandLine('kubectl', '-n', workload.namespace, 'describe', workload.kind, workload.name),
        ),
      ];
}

const SHARED_CAUSE = say(
  'Do not release: many locks are late together, so look at the API server, etcd, admission webhooks or the network first',
);

/** What to do about each verdict, most important first. An advice never says to free a lock that is being renewed. */
const ADVICE: Record<VerdictCode, (facts: AdviceFacts) => NextStep[]> = {
  Ghost: (facts) => [
    say('Do not delete the lock and do not release it: the ghost takes it back at once'),
    depose(
      'Depose the ghost: the lock is taken and renewed until the ghost has given up, wherever it runs, and freed then',
      facts,
    ),
    describe('See where it may run and how it authenticates', facts),
    release(
      'Else stop its container or its machine, or take its credentials away, and free the lock then',
      facts,
    ),
  ],
  Frozen: (facts) => [
    logs(
      'See why its updates fail: the log says "failed to renew lease" or "the object has been modified"',
      facts,
    ),
    run(
      'Try an unchanged write as a dry run: 409 Conflict shows that the API server itself has a stale view',
      leaderCommand('describe', facts.lock.primary.ref, '--probe'),
    ),
    release(
      'Free the lock once the holder has stopped leading; if every update is answered 409 Conflict, only deleting the object helps (--strategy delete)',
      facts,
    ),
  ],
  Split: ({ lock }) => [
    say('Do not release: two holders renew, find which process leads rightly and stop the other one'),
    ...halvesOf(lock).map(({ ref }) => get(`Read ${lockLabel(ref)}`, ref)),
  ],
  Invalid: (facts) => [
    get(
      'Read the record: every candidate fails on it until it is repaired or removed',
      facts.lock.primary.ref,
    ),
    release('Free the lock: the record is emptied or removed, after a backup', facts),
  ],
  Orphaned: (facts) =>
    facts.candidates === 0
      ? [
          say('Nobody is running who could take it: start the workload, freeing the lock changes nothing'),
          ...workloadSteps(facts),
        ]
      : [
          say(
            facts.candidates === null
              ? 'Candidates take the lock when its duration has passed: if they do not, read their logs and check their rights'
              : `${facts.candidates} could take it and have not: read their logs and check their rights`,
          ),
          describe('See who could take it, and whether they may', facts),
          release('Free it, if it is held for longer than candidates wait', facts),
        ],
  Leaderless: (facts) => [
    say(
      'The lock is free and nobody takes it, so there is nothing to release: see that the workload runs and may update the lock',
    ),
    describe('See who could take it, and whether they may', facts),
    ...workloadSteps(facts),
  ],
  Failing: (facts) => [
    say('Do not release: the holder renews, but it is not fit to lead: see what is wrong with it'),
    logs('Read its log', facts),
    depose('Move the lock to another candidate without two leaders at any time', facts),
  ],
  Late: (facts) => [
    say(
      `Do not release: renewals come close to the duration of ${proseDuration(durationOf(recordOf(facts.lock.primary)))}, look at the API server's latency and the holder's CPU before touching the lock`,
    ),
    run('See whether others are late too', 'kubectl leader ls --problems --observe 20s'),
    logs('Read its log for "context deadline exceeded" and client-side throttling', facts),
  ],
  Flapping: (facts) => [
    say('Do not release: leaders give up by themselves, see why: restarts, throttled CPU, a slow API server'),
    logs('Read the log of the present holder', facts),
  ],
  Stranger: (facts) => [
    say(
      'Something outside this cluster, or under an unknown name, renews it: find out whose identity this is before acting',
    ),
    describe('See who writes it', facts),
    depose('Only if it leads wrongly: depose it', facts),
  ],
  Silent: (facts) =>
    isOpaque(facts.lock.primary)
      ? [
          say(
            'Whether the holder is there cannot be told from its identity, which names nothing in the cluster: find out whose it is, and look yourself',
          ),
        ]
      : [
          say(
            'Whether the holder is there could not be told: ask for the right to read pods and nodes, or look yourself',
          ),
          describe('See what could not be looked at', facts),
        ],
  Undecided: (facts) => [describe('Watch it for one duration', facts)],
  Yielding: ({ holder }) => [
    say(
      isDeposer(holder.identity ?? '')
        ? 'Wait: it is being deposed and is freed by itself; if the process that deposes it is gone, it runs out'
        : 'Do not release: wait until its duration has passed, the control plane then elects the better candidate',
    ),
  ],
  Abandoned: (facts) => {
    const { ref, resourceVersion } = facts.lock.primary;
    const isOnlyALock = ref.kind === 'lease';
    return [
      say(
        isOnlyALock
          ? 'Nothing uses it any more: it may be deleted, it blocks nobody'
          : 'Nothing uses the lock any more and it blocks nobody; the object may hold other data, so do not delete it unread',
      ),
      get('Read it once more', ref),
      isOnlyALock
        ? release('Remove it', facts, '--strategy', 'delete')
        : run('Take the record out of it', withoutRecord(ref, resourceVersion)),
    ];
  },
  Vacant: () => [],
  Held: () => [],
  Healthy: () => [],
};

/** What to do next about a lock with this verdict. */
export function stepsFor(verdict: VerdictCode, facts: AdviceFacts): NextStep[] {
  return facts.commonCause ? [SHARED_CAUSE] : ADVICE[verdict](facts);
}
