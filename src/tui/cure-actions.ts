import { confirms } from '../core/confirmation.ts';
import { type LockRef, lockId, lockLabel } from '../core/lock.ts';
import { deposeInstead as adviceToDepose } from '../core/release-rules.ts';
import { printable } from '../core/text.ts';
import {
  type Asking,
  type Cure,
  type CureEnding,
  type CureStage,
  type CureVerb,
  deletionOf,
  type Left,
  type Working,
} from './cure.ts';
import { currentLock, type Outcome, only, pop, push, replaceTop, toasted, topOf } from './screens.ts';
import type { Effect, State } from './state.ts';

/** A lock's name is at most this long, characters; more than that is no name. */
const LONGEST_NAME = 253;

const TOAST_MS = 8_000;

/** The cure whose dialog is open. */
export function openedCure(state: State): { id: string; cure: Cure } | null {
  const top = topOf(state);
  if (top?.name !== 'cure') return null;
  const cure = state.cures.get(top.id);
  return cure === undefined ? null : { id: top.id, cure };
}

export function withCure(state: State, id: string, cure: Cure): State {
  return { ...state, cures: new Map(state.cures).set(id, cure) };
}

export function withStage(state: State, id: string, stage: CureStage): State {
  const cure = state.cures.get(id);
  return cure === undefined ? state : withCure(state, id, { ...cure, stage });
}

/** Without the cure and its dialog. */
export function withoutCure(state: State, id: string): State {
  const cures = new Map(state.cures);
  cures.delete(id);
  return { ...state, cures, screens: state.screens.filter((one) => one.name !== 'cure' || one.id !== id) };
}

/** What came of it. That nothing was written this time does not undo what was before. */
export function withEnding(state: State, id: string, ending: CureEnding): State {
  const before = state.endings.get(id)?.is;
  const isDone = before === 'as-hoped' || before === 'not-as-hoped';
  if (isDone && ending.is === 'unconfirmed') return state;
  return { ...state, endings: new Map(state.endings).set(id, ending) };
}

/** The dialog that is open from its first line on. */
function fromTop(state: State): State {
  const top = topOf(state);
  return top?.name === 'cure' ? replaceTop(state, { ...top, top: 0 }) : state;
}

type Wish = Pick<Cure, 'verb' | 'ref' | 'strategy'>;

function examine(state: State, id: string, { verb, ref, strategy }: Wish): Outcome {
  const session = state.sessions + 1;
  const cure: Cure = { verb, ref, strategy, session, stage: { is: 'examining', progress: null } };
  return {
    state: withEnding(withCure({ ...fromTop(state), sessions: session }, id, cure), id, {
      is: 'unconfirmed',
      said: `${printable(lockId(ref))}: not confirmed, nothing was written`,
    }),
    effects: [{ do: 'examine', id, session, verb, ref, strategy }],
  };
}

/** Opens the dialog about the current lock: the one that goes on already, or a new one. */
export function openCure(state: State, verb: CureVerb): Outcome {
  const lock = currentLock(state);
  return lock === undefined ? only(state) : openDialog(state, verb, lock.id, lock.report.lock.primary.ref);
}

/** The same about a lock that the list may not know yet, or not show; its row is selected as soon as it does. */
export function openCureOf(state: State, verb: CureVerb, ref: LockRef): Outcome {
  const id = lockId(ref);
  return openDialog({ ...state, selected: id }, verb, id, ref);
}

function openDialog(state: State, verb: CureVerb, id: string, ref: LockRef): Outcome {
  const going = state.cures.get(id);
  const label = printable(lockId(ref));
  const opened = push(state, { name: 'cure', id, verb: going?.verb ?? verb, label, top: 0 });
  return going === undefined ? examine(opened, id, { verb, ref, strategy: null }) : only(opened);
}

/** Begins again what was halted. */
export function examineAgain(state: State): Outcome {
  const opened = openedCure(state);
  return opened === null ? only(state) : examine(state, opened.id, opened.cure);
}

/** Whether deleting the lock is offered in the dialog that is open. */
export function mayDelete(state: State): boolean {
  const stage = openedCure(state)?.cure.stage;
  if (stage?.is === 'ended') return stage.deletable;
  return stage?.is === 'asking' && deletionOf(stage.proposal) !== null;
}

/** Turns to deleting the lock: shows that plan, or examines it anew after no update got through. */
export function deleteInstead(state: State): Outcome {
  const opened = openedCure(state);
  if (opened === null || !mayDelete(state)) return only(state);
  const { id, cure } = opened;
  const wish = { ...cure, strategy: 'delete' } as const;
  if (cure.stage.is !== 'asking') return examine(state, id, wish);
  const proposal = deletionOf(cure.stage.proposal) ?? cure.stage.proposal;
  const stage: CureStage = { ...cure.stage, proposal, typed: '', wrong: false };
  return only(fromTop(withCure(state, id, { ...wish, stage })));
}

/** Whether deposing the holder is what the dialog that is open advises instead. */
export function mayDepose(state: State): boolean {
  const stage = openedCure(state)?.cure.stage;
  return stage?.is === 'refused' && stage.refused.instead.includes(adviceToDepose(stage.report));
}

/** Turns from a refused release to the dialog of depose. */
export function deposeInstead(state: State): Outcome {
  const opened = openedCure(state);
  const top = topOf(state);
  if (opened === null || top?.name !== 'cure' || !mayDepose(state)) return only(state);
  const dialog = replaceTop(state, { ...top, verb: 'depose' });
  const { ref, session } = opened.cure;
  const { state: begun, effects } = examine(dialog, opened.id, { verb: 'depose', ref, strategy: null });
  return { state: begun, effects: [{ do: 'abandon', session }, ...effects] };
}

/** Carries the plan out if the lock's name was typed. */
export function confirmCure(state: State): Outcome {
  const opened = openedCure(state);
  if (opened?.cure.stage.is !== 'asking') return only(state);
  const { id, cure } = opened;
  const { proposal, typed } = opened.cure.stage;
  if (!confirms(typed, printable(proposal.report.lock.primary.ref.name))) {
    return only(withStage(state, id, { ...opened.cure.stage, typed: '', wrong: true }));
  }
  const stage: CureStage = {
    is: 'working',
    sayings: [],
    doing: null,
    left: 'work',
    written: false,
    leaving: false,
  };
  return {
    state: withStage(state, id, stage),
    effects: [{ do: 'carry-out', session: cure.session, proposal }],
  };
}

/** How far it is where nothing is left but to watch; null where more is. */
const WATCHED: Readonly<Record<Left, string | null>> = {
  work: null,
  takeover: 'is freed; who takes it is still watched',
  return: 'is freed and taken over; whether the old holder comes back is still watched',
};

function stillGoing({ verb, ref }: Cure, { left }: Working): string {
  const label = printable(lockLabel(ref));
  const watched = WATCHED[left];
  if (watched !== null) return `${label} ${watched}, ${verb === 'release' ? 'r' : 'x'} shows it`;
  return verb === 'release'
    ? `the write is done: ${label} is freed; who takes it is still watched, r shows it`
    : `${label} was taken; whatever comes of it, it is freed as planned, x shows how far it is`;
}

/** Leaves the dialog. What was written goes on; before that, nothing will be. */
export function leaveCure(state: State): Outcome {
  const opened = openedCure(state);
  if (opened === null) return only(pop(state));
  const { id, cure } = opened;
  const { stage, session } = cure;
  const abandon: Effect = { do: 'abandon', session };
  if (stage.is !== 'working') return { state: withoutCure(state, id), effects: [abandon] };
  if (stage.leaving) return only(pop(state));
  if (stage.written) return only(toasted(pop(state), stillGoing(cure, stage), TOAST_MS));
  return { state: withStage(state, id, { ...stage, leaving: true }), effects: [abandon] };
}

/** What is being written, or was and is not at its end, in words; null for nothing. */
function unfinished({ cures }: State): string | null {
  for (const { verb, ref, stage } of cures.values()) {
    if (stage.is !== 'working') continue;
    const label = printable(lockLabel(ref));
    const watched = WATCHED[stage.left];
    return watched === null ? `the ${verb} of ${label} is not at its end` : `${label} ${watched}`;
  }
  return null;
}

/** Leaving the list would cut short what goes on, which is said first. */
export function quit(state: State): Outcome {
  const going = unfinished(state);
  if (going === null) return { state, effects: [{ do: 'quit', interrupted: false }] };
  return only(toasted(state, `${going}; ctrl-c quits all the same`, TOAST_MS));
}

/** The question that is being answered. */
function asked(state: State): { id: string; stage: Asking } | null {
  const opened = openedCure(state);
  return opened?.cure.stage.is === 'asking' ? { id: opened.id, stage: opened.cure.stage } : null;
}

function retype(state: State, to: (typed: string) => string): State {
  const question = asked(state);
  if (question === null) return state;
  const { id, stage } = question;
  return withStage(state, id, { ...stage, typed: to(stage.typed).slice(0, LONGEST_NAME), wrong: false });
}

/** Text that was typed or pasted as the answer; a paste does not confirm. */
export function typeName(state: State, text: string): State {
  return retype(state, (typed) => typed + printable(text.replace(/\s+/g, ' ')));
}

export function eraseName(state: State): State {
  return retype(state, (typed) => Array.from(typed).slice(0, -1).join(''));
}

export function clearName(state: State): State {
  return retype(state, () => '');
}
