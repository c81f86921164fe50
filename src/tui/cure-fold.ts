import type { Glimpse } from '../app/live.ts';
import type { LiveLock } from '../app/live-judge.ts';
import { describeStanding, standingOf } from '../core/depose-standing.ts';
import type { LeaderError } from '../core/errors.ts';
import { halvesOf, type LockHalf, lockId, lockLabel } from '../core/lock.ts';
import { withFlags } from '../core/next-step.ts';
import { changeSince, describeChange } from '../core/release-change.ts';
import { printable } from '../core/text.ts';
import { VERDICTS } from '../core/verdict.ts';
import { refusalLine } from '../output/release-text.ts';
import type { Asking, Cure, CureEnding, CureNews, CureStage, Proposal, Saying, Working } from './cure.ts';
import { withCure, withEnding, withoutCure, withStage } from './cure-actions.ts';
import { pageRows } from './geometry.ts';
import { pageLines } from './pages.ts';
import { toasted, topOf } from './screens.ts';
import type { Screen, State } from './state.ts';

const TOAST_MS = 10_000;

const NOTHING_WRITTEN = 'Nothing was written';

function halfIn(lock: LiveLock | null, id: string): LockHalf | undefined {
  return lock === null ? undefined : halvesOf(lock.report.lock).find(({ ref }) => lockId(ref) === id);
}

/** What became of an object that the plan is about, as its write would find out; null for nothing. */
function recordNews(proposal: Proposal, half: LockHalf): Saying | null {
  const id = lockId(half.ref);
  if (proposal.verb === 'release') {
    const step = proposal.plan.steps.find(({ ref }) => lockId(ref) === id);
    const change = step === undefined ? null : changeSince(step, half);
    if (step === undefined || change === null || change.is === 'none') return null;
    return { ...describeChange(change, step), bad: false };
  }
  const { holder: deposed, identity, halves } = proposal.plan;
  const shown = halves.find(({ ref }) => lockId(ref) === id);
  if (shown === undefined) return null;
  const standing = standingOf({ shown, deposed, identity }, half);
  if (standing.is === 'theirs') return null;
  return {
    text: `It has changed meanwhile: ${describeStanding(standing, half.ref)}`,
    hint: null,
    bad: false,
  };
}

/** Losing sight of a lock is no change of it. */
function verdictNews({ proposal, shown }: Asking, { report }: LiveLock): Saying | null {
  const { verdict } = report;
  const before = shown === null || shown.pending ? proposal.report.verdict : shown.report.verdict;
  if (verdict === before || verdict === proposal.report.verdict || verdict === 'Undecided') return null;
  return { text: `It is ${verdict} now: ${VERDICTS[verdict].meaning}`, hint: null, bad: false };
}

/** What happened to a lock while it was asked about; null for nothing that matters. */
function newsFor(id: string, stage: Asking, state: State, { changed, gone }: Glimpse): Saying | null {
  const { ref } = stage.proposal.report.lock.primary;
  if (gone.includes(id)) {
    const known = [...state.locks.values()].some((lock) => halfIn(lock, lockId(ref)) !== undefined);
    const label = printable(lockLabel(ref));
    const text = known
      ? `${label} counts no longer by itself: it has another half now`
      : `${label} was deleted by somebody else meanwhile`;
    return { text, hint: null, bad: false };
  }
  const lock = changed.find((one) => one.id === id);
  if (lock === undefined || lock.pending) return null;
  const fresh = halvesOf(lock.report.lock).filter(
    (half) => halfIn(stage.shown, lockId(half.ref))?.resourceVersion !== half.resourceVersion,
  );
  const [news = null] = fresh.flatMap((half) => recordNews(stage.proposal, half) ?? []);
  return news ?? verdictNews(stage, lock);
}

/** A question about a lock that is no longer what was shown is withdrawn. */
export function foldCures(state: State, glimpse: Glimpse): State {
  if (state.cures.size === 0) return state;
  let folded = state;
  for (const [id, { ref, stage }] of state.cures) {
    const news = stage.is === 'asking' ? newsFor(id, stage, state, glimpse) : null;
    if (news !== null) {
      const hint = news.hint === null ? NOTHING_WRITTEN : `${NOTHING_WRITTEN}. ${news.hint}`;
      const said = `${printable(lockId(ref))}: ${news.text}. ${NOTHING_WRITTEN}`;
      folded = withStage(folded, id, { is: 'halted', saying: { ...news, hint } });
      folded = withEnding(folded, id, { is: 'unconfirmed', said });
    }
  }
  return folded;
}

function isOpen(state: State, id: string): boolean {
  return state.screens.some((screen) => screen.name === 'cure' && screen.id === id);
}

function toldLines({ setting }: State, { ref }: Cure, sayings: readonly Saying[]): string[] {
  const label = printable(lockId(ref));
  return sayings.flatMap(({ text, hint }) => [
    `${label}: ${text}`,
    ...(hint === null ? [] : [`  ${printable(withFlags(hint, setting.sameCluster))}`]),
  ]);
}

function told(state: State, cure: Cure, sayings: readonly Saying[]): State {
  return { ...state, told: [...state.told, ...toldLines(state, cure, sayings)] };
}

type Ended = Extract<CureNews, { is: 'ended' }>;

function ended(state: State, id: string, cure: Cure, stage: Working, news: Ended): State {
  const { sayings } = news;
  const all = withEnding(told(state, cure, sayings), id, { is: news.ending, said: null });
  if (isOpen(state, id)) return withStage(all, id, { ...news, sayings: [...stage.sayings, ...sayings] });
  const last = sayings.at(-1) ?? stage.sayings.at(-1);
  const text = `${printable(lockLabel(cure.ref))}: ${last?.text ?? 'done'}`;
  return toasted(withoutCure(all, id), text, TOAST_MS);
}

function failed(state: State, id: string, cure: Cure, error: LeaderError): State {
  const { stage } = cure;
  const working = stage.is === 'working';
  if (working && stage.leaving) {
    const label = printable(lockLabel(cure.ref));
    return toasted(withoutCure(state, id), `${label}: nothing was written`, TOAST_MS);
  }
  const saying = { text: `${NOTHING_WRITTEN}: ${printable(error.message)}`, hint: error.hint, bad: true };
  const ending: CureEnding = {
    is: error.code === 'refused' ? 'unconfirmed' : 'failed',
    said: working ? null : `${printable(lockId(cure.ref))}: ${saying.text}`,
  };
  const halted = withEnding(withStage(state, id, { is: 'halted', saying }), id, ending);
  return working ? told(halted, cure, [saying]) : halted;
}

function advance(state: State, id: string, cure: Cure, news: CureNews): State {
  const { stage } = cure;
  const to = (next: CureStage): State => withCure(state, id, { ...cure, stage: next });
  switch (news.is) {
    case 'watching':
      return to({ is: 'examining', progress: news.progress });
    case 'refused': {
      const said = refusalLine(news.report, news.refused, cure.verb);
      return withEnding(to(news), id, { is: 'unconfirmed', said });
    }
    case 'proposed': {
      const { proposal, notes } = news;
      const shown = state.locks.get(id) ?? null;
      return to({ is: 'asking', proposal, notes, shown, typed: '', wrong: false });
    }
    case 'failed':
      return failed(state, id, cure, news.error);
    case 'said':
      if (stage.is !== 'working') return state;
      return told(
        to({
          ...stage,
          sayings: [...stage.sayings, news.saying],
          doing: null,
          written: stage.written || news.written,
        }),
        cure,
        [news.saying],
      );
    case 'doing':
      return stage.is === 'working' ? to({ ...stage, doing: news.text, left: news.left }) : state;
    case 'ended':
      return stage.is === 'working' ? ended(state, id, cure, stage, news) : state;
  }
}

/** The newest line of what goes on is always on screen. */
function toEnd(state: State): State {
  const top = topOf(state);
  const stage = top?.name === 'cure' ? state.cures.get(top.id)?.stage.is : undefined;
  if (top?.name !== 'cure' || (stage !== 'working' && stage !== 'ended')) return state;
  const last = Math.max(0, pageLines(state, top).length - pageRows(state));
  const screens = [...state.screens.slice(0, -1), { ...top, top: last } satisfies Screen];
  return { ...state, screens };
}

/** What is heard of a cure; of one that was abandoned nothing counts any more. */
export function takeCureNews(state: State, id: string, session: number, news: CureNews): State {
  const cure = state.cures.get(id);
  if (cure === undefined || cure.session !== session) return state;
  return toEnd(advance(state, id, cure, news));
}
