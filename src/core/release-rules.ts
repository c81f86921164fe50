import { isDeposer } from './depose-identity.ts';
import type { Holder } from './holder.ts';
import { isOpaque } from './identity.ts';
import { durationOf, silenceProofMs } from './judge-renewal.ts';
import { recordOf } from './lock.ts';
import { leaderCommand } from './next-step.ts';
import type { LockReport } from './report.ts';
import { printable } from './text.ts';
import { proseDuration } from './time.ts';
import type { VerdictCode } from './verdict.ts';

/** How a lock is freed: its record emptied, or its object deleted. */
export type ReleaseStrategy = 'vacate' | 'delete';

/** Why a lock is not released. Stable words for programs. */
type RefusalCode =
  | 'not-an-election'
  | 'held-for-life'
  | 'common-cause'
  | 'renewing'
  | 'flapping'
  | 'split'
  | 'undecided'
  | 'not-watched'
  | 'not-allowed-to-look'
  | 'hand-over'
  | 'being-deposed'
  | 'free'
  | 'not-deletable'
  | 'not-vacatable';

/** A reason against releasing a lock. */
export interface Objection {
  code: RefusalCode;
  /** What stands against it, in sentences. */
  why: string;
  /** What to do instead: commands or sentences, the best first. */
  instead: readonly string[];
}

/** What a verdict says about releasing: nothing against it (but perhaps something to know), or an objection. */
export type Ruling = { allowed: true; warnings: readonly string[] } | ({ allowed: false } & Objection);

/** `asked`: the strategy that the user named; null for none. */
type Rule = (report: LockReport, asked: ReleaseStrategy | null) => Ruling;

function allowed(...warnings: readonly (string | null)[]): Ruling {
  return { allowed: true, warnings: warnings.filter((warning) => warning !== null) };
}

function refused(code: RefusalCode, why: string, ...instead: readonly string[]): Ruling {
  return { allowed: false, code, why, instead };
}

/** The holder's identity for a sentence. */
export function holderName(holder: Holder): string {
  return printable(holder.identity || 'nobody');
}

/** client-go's leaders go on believing for two thirds of the duration after they have lost the lock. Milliseconds. */
export function renewDeadlineMs({ lock }: LockReport): number {
  return (durationOf(recordOf(lock.primary)) * 2) / 3;
}

/** Measured against the real elector with two standbys waiting; trials of vacating and of deleting together. */
const MEASURED =
  'Measured with client-go, the same holder had it back in 29 of 32 trials (0.20) and in 8 of 16 (0.36)';

/** Words after which every freeing of a renewed lock is explained: who renews it, what happens, how often. */
function whyNotWhileRenewed(report: LockReport, who: string): string {
  const deadline = proseDuration(renewDeadlineMs(report));
  return `It is renewed by ${holderName(report.holder)}, ${who}. A live holder takes a freed lock back within about 2 s; if a standby is faster, two lead for up to about ${deadline}. ${MEASURED}`;
}

/** The command that moves a lock which is renewed, without two leaders at any time. */
export function deposeInstead({ lock }: LockReport): string {
  return `Depose the holder: ${printable(leaderCommand('depose', lock.primary.ref))} takes the lock, renews it until the old holder has stopped, and frees it then`;
}

function renewed(report: LockReport, who: string, ...first: readonly string[]): Ruling {
  return refused('renewing', whyNotWhileRenewed(report, who), ...first, deposeInstead(report));
}

/** What to do where nobody takes a lock that is free. */
export const START_A_CANDIDATE =
  'Start the workload, or see in the logs of its pods why it does not take the lock: it needs to get, create and update it';

function nobodyElse({ candidates }: LockReport): string | null {
  return candidates === 0
    ? `No process that could take it is running, so freeing it changes nothing. ${START_A_CANDIDATE}`
    : null;
}

function freeAlready({ lock }: LockReport, instead: string): Ruling {
  const { content } = lock.primary;
  const oddities = content.state === 'record' ? content.warnings : [];
  return refused('free', 'Nobody holds it: there is nothing to release', instead, ...oddities);
}

/** A lock that is never renewed by design: what its own clients take for free, only they can bring about. */
export function heldForLife({ lock, holder }: LockReport): Objection {
  const pod = lock.primary.ownerReferences.find(({ kind }) => kind === 'Pod')?.name;
  return {
    code: 'held-for-life',
    why: `It is held by ${holderName(holder)} for life and never renewed, so no silence shows that it is stuck`,
    instead: [
      pod === undefined
        ? 'Only its holder, or the operator of its workload, gives it up'
        : `Delete the Pod ${printable(pod)} once it is dead: the lock goes with it`,
    ],
  };
}

/** Why an orphan's holder may still be at work somewhere. */
function maybeStillThere({ holder }: LockReport): string | null {
  const who = holderName(holder);
  switch (holder.presence) {
    case 'failing':
      return `The holder ${who} was found, but is unfit (${printable(holder.found)}): if its process still works without renewing, two lead until it stops`;
    case 'unmatched':
      return `Nothing shows that ${who} ever was in this cluster: if it works elsewhere without renewing, two lead until it stops`;
    default:
      return null;
  }
}

/** What each verdict says about releasing. A new verdict has to say it too. */
const RULES = {
  Ghost: (report) => renewed(report, 'which exists nowhere in the cluster'),
  Frozen: ({ holder }, asked) =>
    allowed(
      `The holder ${holderName(holder)} is alive (${printable(holder.found)}): see that it has stopped leading, or two lead until it notices`,
      asked === 'delete'
        ? null
        : 'If vacating is answered 409 Conflict again and again, --strategy delete is what cured such a lock',
    ),
  Split: () =>
    refused(
      'split',
      'Both halves are renewed, by different holders: clients that use one half, or each half by itself, lead side by side. Freed, each half is taken back by its own holder within about 2 s',
      'Find out which process leads rightly, and stop the other one',
      'Bring all replicas to one version and one lock type: two lock types are two elections',
    ),
  Invalid: (report) => allowed(nobodyElse(report)),
  Orphaned: (report) => allowed(nobodyElse(report), maybeStillThere(report)),
  Leaderless: (report) => freeAlready(report, START_A_CANDIDATE),
  Failing: (report) =>
    renewed(report, `which is there but not fit to lead (${printable(report.holder.found)})`),
  Late: (report) =>
    renewed(
      report,
      'though late',
      "Look at the API server's latency and the holder's CPU first: the next holder may be as late",
    ),
  Flapping: () =>
    refused(
      'flapping',
      'Its holders change again and again, so it is being taken all the time: freeing it adds one more change, and may give two leaders',
      'See why its holders give up: restarts, throttled CPU, a slow API server',
    ),
  Stranger: (report) =>
    renewed(
      report,
      'which nothing in the cluster accounts for',
      'Find out first whose identity this is: it may lead rightly, from outside the cluster',
    ),
  Silent: (report) =>
    isOpaque(report.lock.primary)
      ? allowed(
          `The identity ${holderName(report.holder)} names nothing that could be looked for: if its process works without renewing, two lead until it stops`,
          nobodyElse(report),
        )
      : refused(
          'not-allowed-to-look',
          `It is not renewed, but whether its holder ${holderName(report.holder)} is there could not be told (${printable(report.holder.found)})`,
          'Ask for the right to read pods and nodes, or have somebody look who may',
        ),
  Undecided: ({ lock }) =>
    refused(
      'undecided',
      'It has not been watched for long enough to tell whether it is renewed, and clocks cannot tell',
      `Watch it without interruption for at least ${proseDuration(silenceProofMs(recordOf(lock.primary)))}`,
    ),
  Yielding: ({ holder }) => {
    if (isDeposer(holder.identity ?? '')) {
      return refused(
        'being-deposed',
        `Its holder is being deposed already, by ${holderName(holder)}`,
        'Wait until that is done: the lock is freed then, and if that process is gone it runs out by itself',
      );
    }
    return refused(
      'hand-over',
      'The holder gives way to a better candidate: it stopped renewing on purpose, and the lock runs out',
      'Wait until its duration has passed: the preferred holder is elected then',
    );
  },
  Abandoned: () => allowed(),
  Vacant: (report) =>
    freeAlready(report, 'A candidate takes a free lock within seconds: see whether one does'),
  Held: (report) => ({ allowed: false, ...heldForLife(report) }),
  Healthy: (report) =>
    renewed(report, report.unproven ? 'whose Pod or Node could not be looked at' : 'which is alive'),
} as const satisfies Record<VerdictCode, Rule>;

/** Whether a lock may be one that no update gets through to, so that deleting it is to be at hand. */
export function mayRefuseUpdates({ verdict }: LockReport): boolean {
  return verdict === 'Frozen';
}

/** What the verdict of a lock says about releasing it. */
export function rulingOf(report: LockReport, asked: ReleaseStrategy | null): Ruling {
  const rule: Rule = RULES[report.verdict];
  return rule(report, asked);
}
