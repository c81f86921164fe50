import { silenceProofMs } from './judge-renewal.ts';
import { halvesOf, holderOf, type LockHalf, lockId, lockLabel, recordOf } from './lock.ts';
import type { LockObjectFacts } from './lock-object.ts';
import { heldForLife, type Objection, type ReleaseStrategy, rulingOf } from './release-rules.ts';
import { planStep, type ReleaseStep } from './release-steps.ts';
import { isRenewed } from './renewal.ts';
import type { LockReport } from './report.ts';
import { printable } from './text.ts';
import { type Instant, proseDuration } from './time.ts';

export interface ReleaseOptions {
  /** As asked for; null leaves the choice to the plan. */
  strategy: ReleaseStrategy | null;
  /** Override whatever may be overridden, for this lock. */
  force: boolean;
  /** This lock's trouble is shared by many: it is not its holder's fault. */
  commonCause: boolean;
}

export interface ReleaseInput {
  report: LockReport;
  /** By `lockId`: what each object of the lock is besides. One that could not be read in full is missing. */
  objects: ReadonlyMap<string, LockObjectFacts>;
  options: ReleaseOptions;
  /** The API server's time, which is written into a vacated record. */
  now: Instant;
}

export interface ReleasePlan {
  is: 'plan';
  /** `delete` as soon as one object is deleted. */
  strategy: ReleaseStrategy;
  /** In the order in which they are to be done: the half that candidates obey comes first. */
  steps: readonly ReleaseStep[];
  /** What may go wrong, or is not known. */
  warnings: readonly string[];
  /** What each step changes, and what happens then. */
  consequences: readonly string[];
  /** Without force this would have been refused. */
  forced: boolean;
}

export interface Refusal extends Objection {
  is: 'refusal';
  /** Whether force would override it. */
  forceable: boolean;
}

/** The halves that have to be free before anybody takes the lock; one that was left behind counts for nobody. */
export function halvesToFree({ lock }: LockReport): LockHalf[] {
  return lock.pairing === 'leftover-half' ? [lock.primary] : halvesOf(lock);
}

/** What no force overrides: freeing it would harm others, or free nothing. */
function finalObjection(report: LockReport): Objection | null {
  if (report.heartbeat !== null) {
    const why = `It is no election but a ${report.heartbeat.title}: nobody waits to take it`;
    return { code: 'not-an-election', why, instead: ['Leave it to the component that writes it'] };
  }
  return halvesToFree(report).some(({ heartbeat }) => heartbeat === null) ? heldForLife(report) : null;
}

function commonCauseObjection({ options }: ReleaseInput): Objection | null {
  if (!options.commonCause) return null;
  const why =
    'Many locks are late or silent together: the cause is shared, and freeing one of them cures none';
  const instead = ['Look at the API server, etcd, admission webhooks or the network first'];
  return { code: 'common-cause', why, instead };
}

function verdictObjection({ report, options }: ReleaseInput): Objection | null {
  const ruling = rulingOf(report, options.strategy);
  return ruling.allowed ? null : ruling;
}

/** Clocks say that it is overdue, and clocks may be wrong: followers never trust them either. */
function unwatchedObjection({ report }: ReleaseInput): Objection | null {
  const { renewal, lock } = report;
  if (renewal.state !== 'silent' || renewal.grade === 'watched' || holderOf(lock.primary) === null)
    return null;
  const enough = proseDuration(silenceProofMs(recordOf(lock.primary)));
  const why =
    'That it is not renewed is concluded from clocks, which may be wrong: it was not watched for a whole duration';
  return { code: 'not-watched', why, instead: [`Watch it without interruption for ${enough}`] };
}

function handOverObjection({ report }: ReleaseInput): Objection | null {
  const { preferredHolder = null, strategy = null } = recordOf(report.lock.primary) ?? {};
  if (preferredHolder === null || strategy === null) return null;
  const why = `The control plane is handing it over to ${printable(preferredHolder)}: a holder that sees this stops renewing on purpose, and the lock runs out`;
  const instead = ['Wait until its duration has passed: the preferred holder is elected then'];
  return { code: 'hand-over', why, instead };
}

/** Most telling first: the first is what a refusal says. */
const OBJECTIONS: readonly ((input: ReleaseInput) => Objection | null)[] = [
  commonCauseObjection,
  verdictObjection,
  handOverObjection,
  unwatchedObjection,
];

function refusal({ code, why, instead }: Objection, forceable: boolean): Refusal {
  return { is: 'refusal', code, why, instead, forceable };
}

/** That a half which a migration left behind stays as it is; empty where there is none. */
export function leftoverWords({ lock }: LockReport): string[] {
  if (lock.pairing !== 'leftover-half' || lock.secondary === null) return [];
  return [
    `${printable(lockLabel(lock.secondary.ref))} is a leftover half that nobody obeys, and is not touched`,
  ];
}

function whatFollows(report: LockReport, strategy: ReleaseStrategy): string[] {
  const { lock, holder, renewal, candidates } = report;
  const leftover = leftoverWords(report);
  if (isRenewed(renewal)) {
    return [
      ...leftover,
      'Whoever tries first takes it: most likely its holder, or a candidate, and then two lead for a while',
    ];
  }
  // A holder that is alive is no candidate beside itself, and takes the lock all the same.
  if (candidates === 0 && holder.presence !== 'alive') {
    return [...leftover, 'Nothing is running that could take it: it stays free until something does'];
  }
  const javaWaits =
    strategy === 'vacate' && lock.primary.content.state === 'record'
      ? '; official Java clients wait one lease duration of their own first'
      : '';
  return [
    ...leftover,
    recordOf(lock.primary)?.strategy != null
      ? 'The control plane elects the next holder from its candidates'
      : `A candidate takes it at its next try, 2 to 4.4 s by client-go's defaults${javaWaits}`,
  ];
}

/**
 * How to free a lock, or why not to. Pure: what is planned holds for the objects as the report shows them, and each
 * step carries what it rests on.
 */
export function planRelease(input: ReleaseInput): ReleasePlan | Refusal {
  const { report, options } = input;
  const final = finalObjection(report);
  if (final !== null) return refusal(final, false);
  const objections = OBJECTIONS.flatMap((objection) => objection(input) ?? []);
  const [first] = objections;
  if (first !== undefined && !options.force) return refusal(first, true);

  const parts = halvesToFree(report).map((half) =>
    planStep(half, input.objects.get(lockId(half.ref)) ?? null, options.strategy, input.now),
  );
  const obstacles = parts.flatMap(({ obstacle }) => obstacle ?? []);
  const worst = obstacles.find((obstacle) => obstacle.final) ?? obstacles[0];
  if (worst !== undefined && (worst.final || !options.force)) return refusal(worst, !worst.final);

  const planned = parts.filter((part) => part.step !== null);
  const strategy = planned.some(({ step }) => step.action === 'delete') ? 'delete' : 'vacate';
  const ruling = rulingOf(report, options.strategy);
  const overridden = [...objections, ...obstacles];
  return {
    is: 'plan',
    strategy,
    steps: planned.map(({ step }) => step),
    warnings: [...overridden.map(({ why }) => why), ...(ruling.allowed ? ruling.warnings : [])],
    consequences: [...planned.map(({ consequence }) => consequence), ...whatFollows(report, strategy)],
    forced: overridden.length > 0,
  };
}
