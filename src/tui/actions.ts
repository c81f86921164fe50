import { lockId } from '../core/lock.ts';
import { printable } from '../core/text.ts';
import type { Sort } from '../output/order.ts';
import { arrange, scrolled } from './arrange.ts';
import type { ActionId } from './binding.ts';
import { SORT_COLUMNS } from './columns.ts';
import {
  clearName,
  confirmCure,
  deleteInstead,
  deposeInstead,
  eraseName,
  examineAgain,
  leaveCure,
  openCure,
  quit,
} from './cure-actions.ts';
import { filterText, parseFilter } from './filter.ts';
import { bodyRows, pageRows } from './geometry.ts';
import { pageLines } from './pages.ts';
import { lastShift } from './rows.ts';
import { currentLock, type Outcome, only, pop, push, replaceTop, toasted, topOf } from './screens.ts';
import type { Screen, State, TextName } from './state.ts';

const TOAST_MS = 3_000;

/** Moves the selection, the page or the picker: `to` gets where it is and where the end is, and a page's length. */
function move(state: State, to: (at: number, last: number, page: number) => number): State {
  const clamp = (at: number, last: number): number => Math.max(0, Math.min(last, at));
  const screen = topOf(state);
  if (screen === undefined) {
    const last = state.order.length - 1;
    if (last < 0) return state;
    const from = Math.max(0, state.order.indexOf(state.selected ?? ''));
    const at = clamp(to(from, last, bodyRows(state)), last);
    const selected = state.order[at] ?? null;
    return { ...state, selected, chosen: true, missed: null, top: scrolled(state, state.top, at) };
  }
  if ('choices' in screen) {
    const last = screen.choices.length - 1;
    return replaceTop(state, { ...screen, at: clamp(to(screen.at, last, pageRows(state)), last) });
  }
  const last = Math.max(0, pageLines(state, screen).length - pageRows(state));
  return replaceTop(state, { ...screen, top: clamp(to(screen.top, last, pageRows(state)), last) });
}

/** To the very top, where the list shows whatever becomes the worst. */
function toFirst(state: State): State {
  const moved = move(state, () => 0);
  return topOf(state) === undefined ? { ...moved, chosen: false } : moved;
}

/** Pushes the columns of a wide list sideways, as far as there is anything more to be seen. */
function pushed(state: State, by: number): State {
  const last = lastShift(state);
  return { ...state, shift: Math.max(0, Math.min(last, Math.min(last, state.shift) + by)) };
}

function openDetail(state: State): Outcome {
  const last = currentLock(state);
  if (last === undefined) return only(state);
  const screen: Screen = { name: 'detail', id: last.id, last, around: { state: 'reading' }, top: 0 };
  return { state: push(state, screen), effects: [{ do: 'look-around', lock: last }] };
}

function openText(state: State, what: TextName): Outcome {
  const lock = currentLock(state);
  if (lock === undefined) return only(state);
  const label = printable(lock.id);
  const read = { state: 'reading' } as const;
  const screen: Screen = { name: what, id: lock.id, label, read, readAt: null, top: 0 };
  return { state: push(state, screen), effects: [{ do: 'read', what, lock }] };
}

function copy(state: State): Outcome {
  const lock = currentLock(state);
  if (lock === undefined) return only(state);
  const text = lockId(lock.report.lock.primary.ref);
  const said = toasted(state, `sent to the clipboard: ${printable(text)}`, TOAST_MS);
  return { state: said, effects: [{ do: 'copy', text }] };
}

function openNamespaces(state: State): Outcome {
  const names = new Set([...state.locks.values()].map(({ report }) => report.lock.primary.ref.namespace));
  const choices = [null, ...[...names].sort()];
  const at = Math.max(0, choices.indexOf(state.namespace));
  return only(push(state, { name: 'namespaces', choices, at }));
}

function openSort(state: State): Outcome {
  const choices = [null, ...SORT_COLUMNS.map(({ id }) => id)];
  return only(push(state, { name: 'sort', choices, at: choices.indexOf(state.sort?.column.id ?? null) }));
}

function sortBy(id: string | null): Sort | null {
  const column = SORT_COLUMNS.find((one) => one.id === id);
  return column === undefined ? null : { column, descending: false };
}

function choose(state: State): Outcome {
  const screen = topOf(state);
  if (screen === undefined || !('choices' in screen)) return only(state);
  const choice = screen.choices[screen.at] ?? null;
  const back = pop(state);
  const chosen = screen.name === 'sort' ? { sort: sortBy(choice) } : { namespace: choice };
  return only(arrange({ ...back, ...chosen }));
}

function refilter(state: State, typed: string, typing: State['typing']): Outcome {
  return only(arrange({ ...state, typing, filter: parseFilter(typed) }));
}

function erase(state: State): Outcome {
  if (state.typing === null) return only(eraseName(state));
  const text = Array.from(state.typing.text).slice(0, -1).join('');
  return refilter(state, text, { ...state.typing, text });
}

const ACTIONS: Record<ActionId, (state: State) => Outcome> = {
  up: (state) => only(move(state, (at) => at - 1)),
  down: (state) => only(move(state, (at) => at + 1)),
  'page-up': (state) => only(move(state, (at, _last, page) => at - page)),
  'page-down': (state) => only(move(state, (at, _last, page) => at + page)),
  first: (state) => only(toFirst(state)),
  last: (state) => only(move(state, (_at, last) => last)),
  left: (state) => only(pushed(state, -1)),
  right: (state) => only(pushed(state, 1)),
  detail: openDetail,
  manifest: (state) => openText(state, 'manifest'),
  events: (state) => openText(state, 'events'),
  release: (state) => openCure(state, 'release'),
  depose: (state) => openCure(state, 'depose'),
  again: examineAgain,
  delete: deleteInstead,
  'depose-instead': deposeInstead,
  confirm: confirmCure,
  leave: leaveCure,
  copy,
  filter: (state) => only({ ...state, typing: { before: state.filter, text: filterText(state.filter) } }),
  sort: openSort,
  reverse: (state) =>
    only(
      state.sort === null
        ? state
        : arrange({ ...state, sort: { ...state.sort, descending: !state.sort.descending } }),
    ),
  namespaces: openNamespaces,
  problems: (state) => only(arrange({ ...state, problemsOnly: !state.problemsOnly })),
  wide: (state) => only({ ...state, wide: !state.wide, shift: 0 }),
  notes: (state) => only(push(state, { name: 'notes', top: 0 })),
  help: (state) => only(push(state, { name: 'help', top: 0 })),
  choose,
  back: (state) => only(topOf(state) === undefined ? arrange({ ...state, filter: null }) : pop(state)),
  quit,
  interrupt: (state) => ({ state, effects: [{ do: 'quit', interrupted: true }] }),
  suspend: (state) => ({ state, effects: [{ do: 'suspend' }] }),
  accept: (state) => only({ ...state, typing: null }),
  cancel: (state) => only(arrange({ ...state, typing: null, filter: state.typing?.before ?? null })),
  erase,
  clear: (state) =>
    state.typing === null ? only(clearName(state)) : refilter(state, '', { ...state.typing, text: '' }),
};

export function act(state: State, action: ActionId): Outcome {
  return ACTIONS[action](state);
}
