import {
  COMMON_CAUSE,
  type DeposeObjection,
  type DeposeRefusalCode,
  deposeRulingOf,
  finalObjection,
  nobodyHolds,
  noCandidate,
  notTakeable,
  notWatched,
} from './depose-rules.ts';
import { type Term, termOf } from './depose-term.ts';
import { nextTransitions, takeHalf } from './formats/take.ts';
import type { PodFacts } from './holder.ts';
import { durationOf, RETRY_JITTER_MS } from './judge-renewal.ts';
import { holderOf, type LockHalf, lockLabel, recordOf } from './lock.ts';
import { halvesToFree, leftoverWords } from './release-plan.ts';
import { holderName } from './release-rules.ts';
import { isRenewed } from './renewal.ts';
import type { LockReport } from './report.ts';
import { printable } from './text.ts';
import { type Instant, proseDuration } from './time.ts';

export interface DeposeOptions {
  /** Under which the lock is held. */
  identity: string;
  /** Override whatever may be overridden, for this lock. */
  force: boolean;
  /** How long to hold the lock at least, milliseconds; null for as long as needed. */
  holdMs: number | null;
  /** This lock's trouble is shared by many: it is not its holder's fault. */
  commonCause: boolean;
}

export interface DeposeInput {
  report: LockReport;
  /** Running, ready Pods besides the holder that could take over; null where that cannot be told. */
  candidates: readonly PodFacts[] | null;
  options: DeposeOptions;
  /** The API server's time: claims are tried with it. */
  now: Instant;
}

export interface DeposePlan {
  is: 'plan';
  /** Who is deposed: the identity as it is recorded. */
  holder: string;
  /** Who takes its place meanwhile. */
  identity: string;
  /** In the order in which they are taken, renewed and freed: the half that candidates obey comes first. */
  halves: readonly LockHalf[];
  term: Term;
  /** What may go wrong, or is not known. */
  warnings: readonly string[];
  /** What is done, and what happens then. */
  steps: readonly string[];
  consequences: readonly string[];
  /** Without force this would have been refused. */
  forced: boolean;
}

export interface DeposeRefusal {
  is: 'refusal';
  code: DeposeRefusalCode;
  why: string;
  /** What to do instead: commands or sentences, the best first. */
  instead: readonly string[];
  /** Whether force would override it. */
  forceable: boolean;
}

function refusal({ code, why, instead, final }: DeposeObjection): DeposeRefusal {
  return { is: 'refusal', code, why, instead, forceable: !final };
}

/** Everything that stands against it, the most telling first: the first is what a refusal says. */
function objectionsTo({ report, candidates, options, now }: DeposeInput): DeposeObjection[] {
  const ruling = deposeRulingOf(report);
  const claim = { identity: options.identity, durationMs: 1_000, acquireTime: now, transitions: null };
  const halves = halvesToFree(report);
  return [
    finalObjection(report) ?? [],
    ruling.allowed ? [] : ruling,
    halves.flatMap((half) =>
      takeHalf(half, now, claim) === null ? notTakeable(printable(lockLabel(half.ref))) : [],
    ),
    options.commonCause ? COMMON_CAUSE : [],
    noCandidate(report, candidates) ?? [],
    notWatched(report) ?? [],
  ].flat();
}

/** What the loss of the lock means to the process that held it. */
function fateOfHolder({ holder }: LockReport): string {
  const who = holderName(holder);
  const exits = 'normally exits when it loses the lock';
  switch (holder.presence) {
    case 'gone':
      return `The process of ${who} ${exits}: as a ghost it has no kubelet that would start it again`;
    case 'unmatched':
      return `The process of ${who} ${exits}, and whatever looks after it, outside this cluster, may start it again`;
    default:
      if (holder.pod === null)
        return `The process of ${who} ${exits}; if it is started again, it competes like any other`;
      return holder.node?.ready === true
        ? `The process of ${who} ${exits}: its kubelet starts it again in its Pod, and it competes like any other`
        : `The process of ${who} ${exits}: if its node still works, its kubelet starts it again in its Pod, and it competes like any other`;
  }
}

/** So many candidates are named; the rest is counted. */
const NAMED = 3;

function successors(candidates: readonly PodFacts[] | null): string {
  if (candidates === null) {
    return 'Who could take over is not known: without a candidate nobody leads afterwards';
  }
  if (candidates.length === 0)
    return 'Nobody is there to take over: nobody leads until a candidate is started';
  const names = candidates.slice(0, NAMED).map(({ namespace, name }) => printable(`${namespace}/${name}`));
  const rest = candidates.length - names.length;
  return `A candidate takes it at its next try, 2 to 4.4 s by client-go's defaults: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function nobodyLeads(report: LockReport, { holdMs }: Term): string {
  // Once it is freed nobody may lead until a candidate tries.
  const time = `${proseDuration(holdMs)} to ${proseDuration(holdMs + RETRY_JITTER_MS)}`;
  if (!isRenewed(report.renewal)) return `Nobody else can lead for ${time}`;
  return `Nobody leads for ${time}${report.renewal.grade === 'watched' ? ': never two at once' : ''}`;
}

function warningsOf({ report, candidates, options }: DeposeInput, { holdMs }: Term): string[] {
  const ruling = deposeRulingOf(report);
  // Whether a holder that does not renew ever stops cannot be told: no elector's deadline is known to run.
  const silent = isRenewed(report.renewal)
    ? []
    : [
        `If the process of ${holderName(report.holder)} works without renewing, two lead once the lock is freed, until it notices: see that it has stopped`,
      ];
  const asked = options.holdMs;
  const tooShort =
    asked !== null && asked < holdMs
      ? [
          `It is held for ${proseDuration(holdMs)} and not for ${proseDuration(asked)}: after less two could lead`,
        ]
      : [];
  return [
    ...(ruling.allowed ? ruling.warnings : []),
    ...silent,
    ...tooShort,
    ...(candidates === null ? ['Whether anybody is there to take over could not be told'] : []),
  ];
}

function planned(input: DeposeInput, holder: string, overridden: readonly DeposeObjection[]): DeposePlan {
  const { report, candidates, options } = input;
  const halves = halvesToFree(report);
  const term = termOf(report, halves, options.holdMs);
  const labels = halves.map(({ ref }) => printable(lockLabel(ref))).join(', then ');
  const hold = proseDuration(term.holdMs);
  return {
    is: 'plan',
    holder,
    identity: options.identity,
    halves,
    term,
    warnings: [...overridden.map(({ why }) => why), ...warningsOf(input, term)],
    steps: [
      `Take ${labels} as ${printable(options.identity)}, if ${holderName(report.holder)} still holds it`,
      `Renew it every ${proseDuration(term.renewEveryMs)} for ${hold}: its duration of ${proseDuration(term.durationMs)} and a retry period, after which no elector believes any more that it leads`,
      'Free it, and watch who takes it',
    ],
    consequences: [
      nobodyLeads(report, term),
      fateOfHolder(report),
      successors(candidates),
      ...leftoverWords(report),
    ],
    forced: overridden.length > 0,
  };
}

/** How to make the holder of a lock step down, or why not to. Pure; it holds for the lock as the report shows it. */
export function planDepose(input: DeposeInput): DeposePlan | DeposeRefusal {
  const objections = objectionsTo(input);
  const final = objections.find((objection) => objection.final);
  const holder = holderOf(input.report.lock.primary);
  if (final !== undefined || holder === null) return refusal(final ?? nobodyHolds(input.report));
  const [first] = objections;
  if (first !== undefined && !input.options.force) return refusal(first);
  return planned(input, holder, objections);
}

/** What is claimed for a half when it is taken at `at`: its own duration, and one more transition. */
export function claimFor(half: LockHalf, identity: string, at: Instant) {
  return {
    identity,
    durationMs: durationOf(recordOf(half)),
    acquireTime: at,
    transitions: nextTransitions(half),
  };
}
