import type { SaveBackup } from '../app/back-up.ts';
import { carryOutDepose } from '../app/depose.ts';
import { planDeposeFor } from '../app/depose-planning.ts';
import type { ExaminedLock } from '../app/examine-lock.ts';
import type { Clock, Cluster } from '../app/ports.ts';
import { carryOutRelease, planFor, type ReleaseEvent } from '../app/release.ts';
import type { DeposeEvent, DeposeResult } from '../core/depose-result.ts';
import {
  DEPOSE_DOING,
  deposeVerdictOf,
  describeEnding,
  describeHappening,
  describeInterruption,
  timeOfDay,
} from '../core/depose-words.ts';
import { DEPOSE_WAIT_MS, RELEASE_WAIT_MS } from '../core/patience.ts';
import { describeProgress } from '../core/progress-words.ts';
import type { ReleasePlan } from '../core/release-plan.ts';
import { mayRefuseUpdates, type ReleaseStrategy } from '../core/release-rules.ts';
import {
  describeBackup,
  describeResult,
  describeWrite,
  endingOf,
  refusesUpdates,
  WAITING,
} from '../core/release-words.ts';
import type { CureNews, CureVerb, Left, Proposal, Saying } from './cure.ts';

/** What writing takes, beside the cluster. */
export interface Writing {
  save: SaveBackup;
  /** A new identity to hold a lock under. */
  identity: () => string;
}

export interface Means {
  cluster: Cluster;
  clock: Clock;
  writing: Writing;
}

export type Tell = (news: CureNews) => void;

/** What is to be told of an examined lock, and how to carry out what was confirmed of it; null where it is refused. */
export interface Prepared {
  news: CureNews;
  carryOut: ((confirmed: Proposal, signal: AbortSignal, tell: Tell) => Promise<void>) | null;
}

function releaseNews(event: ReleaseEvent): CureNews {
  switch (event.is) {
    case 'backed-up': {
      const saying = { text: describeBackup(event.step, event.path), hint: null, bad: false };
      return { is: 'said', saying, written: false };
    }
    case 'wrote': {
      const written = event.result.is === 'written';
      return { is: 'said', saying: { ...describeWrite(event, false), bad: !written }, written };
    }
    case 'waiting':
      return {
        is: 'doing',
        text: describeProgress(WAITING, event.elapsedMs, event.forMs),
        left: 'takeover',
      };
  }
}

/** The plan that deletes the lock, where updates may not get through to it and one planned to update it. */
function deletionFor(clock: Clock, examined: ExaminedLock, { strategy }: ReleasePlan): ReleasePlan | null {
  if (strategy === 'delete' || !mayRefuseUpdates(examined.report)) return null;
  const planned = planFor(clock, examined, { strategy: 'delete', force: false });
  return planned.is === 'plan' ? planned : null;
}

function prepareRelease(
  { cluster, clock, writing }: Means,
  examined: ExaminedLock,
  strategy: ReleaseStrategy | null,
): Promise<Prepared> {
  const { report, notes } = examined;
  const planned = planFor(clock, examined, { strategy, force: false });
  if (planned.is === 'refusal') {
    return Promise.resolve({ news: { is: 'refused', report, refused: planned, notes }, carryOut: null });
  }
  const deletion = deletionFor(clock, examined, planned);
  const proposal: Proposal = { verb: 'release', report, plan: planned, deletion };
  const carryOut: Prepared['carryOut'] = async (confirmed, signal, tell) => {
    const plan = confirmed.verb === 'release' ? confirmed.plan : planned;
    const order = { examined, plan, save: writing.save, dryRun: false, waitMs: RELEASE_WAIT_MS };
    const result = await carryOutRelease(cluster, clock, order, signal, (event) => tell(releaseNews(event)));
    const { rest, outcome } = describeResult(plan, result, report);
    const ending = endingOf(plan, result, report);
    const bad = ending !== 'as-hoped';
    const sayings: Saying[] = [
      ...(rest === null ? [] : [{ ...rest, bad: true }]),
      ...(outcome === null ? [] : [{ text: outcome.text, hint: outcome.hint, bad }]),
    ];
    tell({ is: 'ended', sayings, deletable: refusesUpdates(result), ending });
  };
  return Promise.resolve({ news: { is: 'proposed', proposal, notes }, carryOut });
}

type Ended = Extract<CureNews, { is: 'ended' }>;

const LEFT: Readonly<Record<keyof typeof DEPOSE_DOING, Left>> = {
  holding: 'work',
  takeover: 'takeover',
  confirmation: 'return',
};

function deposeNews(event: DeposeEvent, holder: string): CureNews[] {
  const text = describeHappening(event, holder);
  if (text === null) return [];
  const bad = event.is === 'not-renewed' || event.is === 'not-freed';
  const saying = { text: `${timeOfDay(event.at)}  ${text}`, hint: null, bad };
  return [{ is: 'said', saying, written: event.is === 'taken' }];
}

async function prepareDepose(
  { cluster, clock, writing }: Means,
  examined: ExaminedLock,
  _strategy: ReleaseStrategy | null,
  signal: AbortSignal,
): Promise<Prepared> {
  const options = { identity: writing.identity(), force: false, holdMs: null };
  const { planned, report, notes } = await planDeposeFor(cluster, clock, examined, options, signal);
  if (planned.is === 'refusal') {
    return { news: { is: 'refused', report, refused: planned, notes }, carryOut: null };
  }
  const proposal: Proposal = { verb: 'depose', report, plan: planned };
  const order = { examined, plan: planned, save: writing.save, dryRun: false, waitMs: DEPOSE_WAIT_MS };
  const endOf = (result: DeposeResult): Pick<Ended, 'sayings' | 'ending'> => {
    const ending = deposeVerdictOf(result, planned, report);
    const bad = ending !== 'as-hoped';
    const { text, hint } = describeEnding(result, planned, report);
    const cut = result.interrupted ? describeInterruption(result, planned, report) : null;
    const rest = cut === null ? [] : [{ text: cut, hint: null, bad: true }];
    return { sayings: [{ text, hint, bad }, ...rest], ending };
  };
  const carryOut: Prepared['carryOut'] = async (_confirmed, leaving, tell) => {
    const result = await carryOutDepose(cluster, clock, order, leaving, {
      happened: (event) => deposeNews(event, planned.holder).forEach(tell),
      progress: ({ doing, elapsedMs, forMs }) =>
        tell({
          is: 'doing',
          text: describeProgress(DEPOSE_DOING[doing], elapsedMs, forMs),
          left: LEFT[doing],
        }),
    });
    tell({ is: 'ended', ...endOf(result), deletable: false });
  };
  return { news: { is: 'proposed', proposal, notes }, carryOut };
}

/** What is to be done with an examined lock, by the same rules as the command of that name. */
export const PREPARE: Readonly<
  Record<
    CureVerb,
    (
      means: Means,
      examined: ExaminedLock,
      strategy: ReleaseStrategy | null,
      signal: AbortSignal,
    ) => Promise<Prepared>
  >
> = { release: prepareRelease, depose: prepareDepose };
