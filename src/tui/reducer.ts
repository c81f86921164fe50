import type { Glimpse } from '../app/live.ts';
import type { LiveLock } from '../app/live-judge.ts';
import { printable } from '../core/text.ts';
import type { Mono } from '../core/time.ts';
import { act } from './actions.ts';
import { arrange, arrangeInTime, fitRows } from './arrange.ts';
import { growWidths } from './columns.ts';
import { openCureOf, typeName } from './cure-actions.ts';
import { foldCures, takeCureNews } from './cure-fold.ts';
import { parseFilter } from './filter.ts';
import { pageRows } from './geometry.ts';
import { actionFor, idleText, placeOf } from './keymap.ts';
import { pageLines, serverTime } from './pages.ts';
import { type Outcome, only, toasted } from './screens.ts';
import type { Event, Reading, Screen, State, Surroundings, TextName } from './state.ts';

/** A verdict that changed stands out for so long, milliseconds. */
const FRESH_MS = 8_000;

/** What is said for a moment stays so long, milliseconds. */
const TOAST_MS = 3_000;

/** A filter is not meant to be longer than this; a pasted log file is no filter. */
const LONGEST_FILTER = 200;

function isFreshVerdict(before: LiveLock | undefined, after: LiveLock, complete: boolean): boolean {
  if (after.pending) return false;
  if (before === undefined) return complete;
  return !before.pending && before.report.verdict !== after.report.verdict;
}

function foldLocks(state: State, { changed, gone, at }: Glimpse): State {
  if (changed.length === 0 && gone.length === 0) return state;
  const locks = new Map(state.locks);
  const fresh = new Map(state.fresh);
  let { disarranged } = state;
  for (const lock of changed) {
    const before = locks.get(lock.id);
    if (isFreshVerdict(before, lock, state.complete)) fresh.set(lock.id, at + FRESH_MS);
    locks.set(lock.id, lock);
    const verdict = lock.report.verdict;
    const moved =
      before === undefined || before.pending !== lock.pending || before.report.verdict !== verdict;
    disarranged ||= moved || state.sort !== null || state.filter !== null;
  }
  for (const id of gone) {
    locks.delete(id);
    fresh.delete(id);
    disarranged = true;
  }
  const widths = growWidths(state.widths, changed, serverTime(state));
  return { ...state, locks, fresh, widths, disarranged };
}

/** Details keep what was known last of a lock that is no more. */
function foldScreens(state: State): State {
  const screens = state.screens.map((screen): Screen => {
    const lock = screen.name === 'detail' ? state.locks.get(screen.id) : undefined;
    return screen.name === 'detail' && lock !== undefined && !lock.pending
      ? { ...screen, last: lock }
      : screen;
  });
  return { ...state, screens };
}

function fold(state: State, glimpse: Glimpse): State {
  const { notes, sightline, complete, at, takenAt } = glimpse;
  const timed = passTime({ ...state, notes, sightline, clock: { at, server: takenAt } }, at);
  // Until everything has been read once, a lock that turns up is no news.
  const folded = { ...foldLocks(timed, glimpse), complete: complete || state.complete };
  return foldCures(foldScreens(fitRows(arrangeInTime(folded), state)), glimpse);
}

/** Time goes on: what was shown for a while only goes. */
function passTime(state: State, at: Mono): State {
  const now = Math.max(state.now, at);
  const toast = state.toast !== null && state.toast.until <= now ? null : state.toast;
  const stale = [...state.fresh].filter(([, until]) => until <= now);
  const fresh =
    stale.length === 0 ? state.fresh : new Map([...state.fresh].filter(([, until]) => until > now));
  return { ...state, now, toast, fresh };
}

function resize(state: State, size: State['size']): State {
  const resized = { ...state, size };
  const screens = resized.screens.map((screen): Screen => {
    if (!('top' in screen)) return screen;
    const last = Math.max(0, pageLines(resized, screen).length - pageRows(resized));
    return { ...screen, top: Math.min(screen.top, last) };
  });
  return fitRows({ ...resized, screens }, state);
}

/** Text goes where one is typed, and nowhere else: a paste is no storm of keys. */
function takeText(state: State, text: string): State {
  if (placeOf(state) === 'confirm') return typeName(state, text);
  if (state.typing === null) {
    if (text.length === 0) return state;
    return toasted(state, 'pasted text is ignored here; press / first to filter by it', TOAST_MS);
  }
  const typed = printable((state.typing.text + text).replace(/\s+/g, ' ')).slice(0, LONGEST_FILTER);
  return arrange({ ...state, typing: { ...state.typing, text: typed }, filter: parseFilter(typed) });
}

function isTyped(key: string): boolean {
  return Array.from(key).length === 1;
}

/** Whether a text is being typed. */
function isTyping(state: State): boolean {
  const place = placeOf(state);
  return place === 'filter' || place === 'confirm';
}

function press(state: State, key: string): Outcome {
  const action = actionFor(state, key);
  if (action !== null) return act(state, action);
  if (isTyping(state)) return only(isTyped(key) ? takeText(state, key) : state);
  const idle = idleText(state, key);
  return only(idle === null ? state : toasted(state, idle, TOAST_MS));
}

/** Where no text is typed, an enter behind one is as little a key as the text is. */
function typeText(state: State, text: string, entered: boolean): Outcome {
  const typed = takeText(state, text);
  return entered && isTyping(state) ? press(typed, 'enter') : only(typed);
}

function takeReading(state: State, what: TextName, id: string, read: Reading): State {
  const screens = state.screens.map(
    (screen): Screen =>
      screen.name === what && screen.id === id ? { ...screen, read, readAt: state.now } : screen,
  );
  return { ...state, screens };
}

function takeSurroundings(state: State, id: string, around: Surroundings): State {
  const screens = state.screens.map(
    (screen): Screen => (screen.name === 'detail' && screen.id === id ? { ...screen, around } : screen),
  );
  return { ...state, screens };
}

/** What becomes of the screen when something happens, and what has to be done about it outside. */
export function reduce(state: State, event: Event): Outcome {
  switch (event.type) {
    case 'glimpse':
      return only(fold(state, event.glimpse));
    case 'narration':
      return only(fitRows({ ...state, narration: event.text }, state));
    case 'tick':
      return only(arrangeInTime(passTime(state, event.now)));
    case 'resize':
      return only(resize(state, event.size));
    case 'key':
      return press(passTime(state, event.now), event.key);
    case 'text':
      return typeText(passTime(state, event.now), event.text, event.entered);
    case 'text-read':
      return only(takeReading(passTime(state, event.now), event.what, event.id, event.read));
    case 'surroundings':
      return only(takeSurroundings(state, event.id, event.around));
    case 'cure-wanted':
      return openCureOf(state, event.verb, event.ref);
    case 'cure': {
      const { id, session, news } = event;
      return only(takeCureNews(passTime(state, event.now), id, session, news));
    }
  }
}
