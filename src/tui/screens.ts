import type { LiveLock } from '../app/live-judge.ts';
import type { Effect, Screen, State } from './state.ts';

export interface Outcome {
  state: State;
  effects: readonly Effect[];
}

export function only(state: State): Outcome {
  return { state, effects: [] };
}

export function topOf({ screens }: State): Screen | undefined {
  return screens.at(-1);
}

/** Lays a screen over what is there. Whoever opens one about a lock has chosen its row. */
export function push(state: State, screen: Screen): State {
  const isAbout = 'id' in screen;
  return {
    ...state,
    chosen: state.chosen || isAbout,
    missed: isAbout ? null : state.missed,
    screens: [...state.screens, screen],
  };
}

export function replaceTop(state: State, screen: Screen): State {
  return { ...state, screens: [...state.screens.slice(0, -1), screen] };
}

export function pop(state: State): State {
  return { ...state, screens: state.screens.slice(0, -1) };
}

/** Says something in the last line for so many milliseconds. */
export function toasted(state: State, text: string, ms: number): State {
  return { ...state, toast: { text, until: state.now + ms } };
}

/** The lock that keys are about: the one whose page is open, or the selected one. */
export function currentLock(state: State): LiveLock | undefined {
  const top = topOf(state);
  if (top === undefined) return state.locks.get(state.selected ?? '');
  if (top.name === 'detail') return state.locks.get(top.id) ?? top.last;
  return 'id' in top ? state.locks.get(top.id) : undefined;
}
