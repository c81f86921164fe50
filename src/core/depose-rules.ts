import { isDeposer } from './depose-identity.ts';
import { isOfCamel } from './formats/lease-classes.ts';
import type { Holder, PodFacts } from './holder.ts';
import { silenceProofMs } from './judge-renewal.ts';
import { holderOf, recordOf } from './lock.ts';
import { commandLine, leaderCommand, run, say, stepText } from './next-step.ts';
import { heldForLife, holderName, START_A_CANDIDATE } from './release-rules.ts';
import { isRenewed } from './renewal.ts';
import type { LockReport } from './report.ts';
import { printable } from './text.ts';
import { proseDuration } from './time.ts';
import type { VerdictCode } from './verdict.ts';

/** Why a holder is not deposed. Stable words for programs. */
export type DeposeRefusalCode =
  | 'not-an-election'
  | 'held-for-life'
  | 'coordinated'
  | 'membership'
  | 'being-deposed'
  | 'free'
  | 'invalid'
  | 'split'
  | 'hand-over'
  | 'not-renewed'
  | 'flapping'
  | 'undecided'
  | 'common-cause'
  | 'no-candidate';

/** A reason against deposing a holder. */
export interface DeposeObjection {
  code: DeposeRefusalCode;
  /** What stands against it, in sentences. */
  why: string;
  /** What to do instead: commands or sentences, the best first. */
  instead: readonly string[];
  /** True where force does not override it. */
  final: boolean;
}

/** What a verdict says about deposing: nothing against it (but perhaps something to know), or an objection. */
export type DeposeRuling =
  | { allowed: true; warnings: readonly string[] }
  | ({ allowed: false } & DeposeObjection);

type Rule = (report: LockReport) => DeposeRuling;

function allowed(...warnings: readonly string[]): DeposeRuling {
  return { allowed: true, warnings };
}

function objection(
  code: DeposeRefusalCode,
  final: boolean,
  why: string,
  ...instead: readonly string[]
): DeposeObjection {
  return { code, final, why, instead };
}

function refused(...parts: Parameters<typeof objection>): DeposeRuling {
  return { allowed: false, ...objection(...parts) };
}

function releaseIt(text: string, { lock }: LockReport): string {
  return printable(stepText(run(text, leaderCommand('release', lock.primary.ref))));
}

function deletePod({ pod }: Holder): string | null {
  if (pod === null) return null;
  const command = commandLine('kubectl', '-n', pod.namespace, 'delete', 'pod', pod.name);
  return printable(stepText(run('Delete the Pod that leads', command)));
}

/** Nobody renews it, so there is nobody who would have to be kept from leading. */
function notRenewed(report: LockReport, more = ''): DeposeRuling {
  const why = `It is not renewed${more}, so candidates take it without being kept out of it for one more duration`;
  return refused('not-renewed', false, why, releaseIt('Free it', report));
}

export function nobodyHolds({ verdict }: LockReport): DeposeObjection {
  const instead =
    verdict === 'Leaderless'
      ? START_A_CANDIDATE
      : 'A candidate takes a free lock within seconds: see whether one does';
  return objection('free', true, 'Nobody holds it: there is nobody to depose', instead);
}

function free(report: LockReport): DeposeRuling {
  return { allowed: false, ...nobodyHolds(report) };
}

function life(report: LockReport): DeposeObjection {
  const { why, instead } = heldForLife(report);
  return objection('held-for-life', true, why, ...instead);
}

/** What each verdict says about deposing the holder. A new verdict has to say it too. */
const RULES = {
  Ghost: () => allowed(),
  Frozen: (report) => notRenewed(report, ', though its holder is alive'),
  Split: ({ lock }) =>
    refused(
      'split',
      true,
      'Two holders renew it, one in each half: two lock types are two elections, and taking both deposes both',
      'Find out which process leads rightly, and stop the other one',
      `Bring all replicas to one lock type: ${printable(lock.primary.ref.name)} is used as two`,
    ),
  Invalid: (report) =>
    refused(
      'invalid',
      true,
      'Nobody can decode its record, so nobody leads by it and nobody would obey another one',
      releaseIt('Free it', report),
    ),
  Orphaned: (report) => notRenewed(report),
  Leaderless: free,
  Failing: ({ holder }) =>
    allowed(
      `The holder ${holderName(holder)} is there but not fit to lead (${printable(holder.found)}): see why first, or the next one may fare no better`,
    ),
  Late: () =>
    allowed(
      "It is renewed late: if the API server's latency is the cause, the next holder is as late, and taking the lock may take several tries",
    ),
  Flapping: () =>
    refused(
      'flapping',
      false,
      'Its holders change again and again: deposing one more gives no lasting leader',
      'See why its holders give up: restarts, throttled CPU, a slow API server',
    ),
  Stranger: ({ holder }) =>
    allowed(
      `Nothing in the cluster accounts for ${holderName(holder)}: if it leads rightly, from outside the cluster, it is stopped all the same, and whatever supervises it may start it again`,
    ),
  Silent: (report) => notRenewed(report),
  Undecided: ({ lock }) =>
    refused(
      'undecided',
      false,
      'It has not been watched for long enough to tell whether it is renewed, and clocks cannot tell',
      `Watch it without interruption for at least ${proseDuration(silenceProofMs(recordOf(lock.primary)))}: --observe`,
    ),
  Yielding: () =>
    refused(
      'hand-over',
      true,
      'The holder gives way to a better candidate: it stopped renewing on purpose, and the lock runs out',
      'Wait until its duration has passed: the preferred holder is elected then',
    ),
  Abandoned: (report) => notRenewed(report),
  Vacant: free,
  Held: (report) => ({ allowed: false, ...life(report) }),
  Healthy: ({ holder, unproven }) =>
    unproven
      ? allowed(`Whether ${holderName(holder)} exists could not be looked for: it may be the rightful leader`)
      : allowed(),
} as const satisfies Record<VerdictCode, Rule>;

/** What the verdict of a lock says about deposing its holder. */
export function deposeRulingOf(report: LockReport): DeposeRuling {
  const rule: Rule = RULES[report.verdict];
  return rule(report);
}

/** Leases that are no election, and who gives them up. */
const NOT_ELECTIONS: Readonly<Record<string, string>> = {
  'terraform-state-lock': 'If its owner is gone for good: terraform force-unlock with the ID of the lock',
  'medik8s-node-lock':
    'The operator that took the node gives it back: look at its maintenance or remediation',
  mutex: 'Only whoever took it gives it up: ask the owner of the process',
};

function noElection({ heartbeat }: LockReport): DeposeObjection | null {
  if (heartbeat === null) return null;
  const why = `It is no election but a ${heartbeat.title}: nobody leads by it, and nobody waits to take it`;
  const instead = NOT_ELECTIONS[heartbeat.id] ?? 'Leave it to the component that writes it';
  return objection('not-an-election', true, why, instead);
}

function perpetual(report: LockReport): DeposeObjection | null {
  const { primary, secondary } = report.lock;
  return primary.heartbeat === null || secondary?.heartbeat === null ? life(report) : null;
}

/** Coordinated leader election: the control plane writes the holder, and candidates obey it alone. */
function coordinated({ lock, holder }: LockReport): DeposeObjection | null {
  if ((recordOf(lock.primary)?.strategy ?? null) === null) return null;
  const { namespace } = lock.primary.ref;
  const candidate = commandLine(
    'kubectl',
    '-n',
    namespace,
    'delete',
    'leasecandidate',
    holderOf(lock.primary) ?? '',
  );
  return objection(
    'coordinated',
    true,
    'The control plane elects its holder from the LeaseCandidates, and candidates never take it by themselves',
    deletePod(holder) ?? 'Stop the process that leads',
    `Of a holder that is gone: ${printable(candidate)}, and free the lock once it is not renewed any more`,
  );
}

function membership({ lock, holder }: LockReport): DeposeObjection | null {
  if (!isOfCamel(lock.primary)) return null;
  return objection(
    'membership',
    true,
    'The members of a Camel cluster obey whoever is a ready Pod among them, and not how long a record lasts: they take it back from anybody else at once',
    deletePod(holder) ?? 'Stop the process that leads',
  );
}

function deposing({ lock }: LockReport): DeposeObjection | null {
  const holder = holderOf(lock.primary);
  if (holder === null || !isDeposer(holder)) return null;
  return objection(
    'being-deposed',
    true,
    `Its holder is being deposed already, by ${printable(holder)}`,
    'Wait until that is done: the lock is freed then, and if that process is gone it runs out by itself',
    stepText(say('See who takes it: kubectl leader ls --watch')),
  );
}

/** What stands against it whoever holds the lock: nothing would obey the claim, or others see to it. No force overrides it. */
export function finalObjection(report: LockReport): DeposeObjection | null {
  const checks = [noElection, perpetual, coordinated, membership, deposing];
  for (const check of checks) {
    const found = check(report);
    if (found !== null) return found;
  }
  return null;
}

/** A half that nothing can be put into, so that its clients would go on obeying the old holder. */
export function notTakeable(label: string): DeposeObjection {
  const why = `${label} carries no record that could be taken over`;
  return objection('invalid', true, why, 'Look at its two halves: the clients of a multilock need both');
}

export const COMMON_CAUSE: DeposeObjection = objection(
  'common-cause',
  false,
  'Many locks are late or silent together: the cause is shared, and the next holder fares no better',
  'Look at the API server, etcd, admission webhooks or the network first',
);

/** How long it has to be held depends on how often its holder tries, which only watching tells. */
export function notWatched({ renewal, lock }: LockReport): DeposeObjection | null {
  if (renewal.grade === 'watched' || !isRenewed(renewal)) return null;
  return objection(
    'undecided',
    false,
    'That it is renewed is concluded from clocks: it was not seen while watching, so how often its holder tries is not known',
    `Watch it for at least ${proseDuration(silenceProofMs(recordOf(lock.primary)))}: --observe`,
  );
}

/** Nobody waits for the lock, as far as the cluster shows; null also where that cannot be told. */
export function noCandidate(
  { holder }: LockReport,
  candidates: readonly PodFacts[] | null,
): DeposeObjection | null {
  if (candidates === null || candidates.length > 0) return null;
  const pod = deletePod(holder);
  return objection(
    'no-candidate',
    false,
    'Nobody else is there to take it: no other Pod of its workload is running and ready, so nobody would lead afterwards',
    START_A_CANDIDATE,
    ...(pod === null ? [] : [`${pod}, if a new one may lead as well`]),
  );
}
