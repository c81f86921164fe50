import type { ActionId, Binding, Place } from './binding.ts';
import { mayDelete, mayDepose, openedCure } from './cure-actions.ts';
import { blindWhy } from './geometry.ts';
import type { State } from './state.ts';

const MOVING = ['list', 'page', 'picker', 'dialog'] as const;

const EVERYWHERE = ['list', 'page', 'picker', 'filter', 'dialog', 'confirm'] as const;

function hasRows({ order }: State): boolean {
  return order.length > 0;
}

function topName({ screens }: State): string | undefined {
  return screens.at(-1)?.name;
}

/** True where the keys are about one lock: its row, or its details. */
function hasLock(state: State): boolean {
  const name = topName(state);
  return name === undefined ? hasRows(state) : name === 'detail' || name === 'manifest' || name === 'events';
}

/** Every key there is. The first one of each binding is shown. */
export const BINDINGS: readonly Binding[] = [
  {
    action: 'detail',
    keys: ['enter', 'd'],
    places: ['list'],
    help: 'details: the evidence, the record, the holder, what to do',
    footer: 'details',
    when: hasRows,
  },
  { action: 'choose', keys: ['enter'], places: ['picker'], help: 'choose', footer: 'choose' },
  {
    action: 'filter',
    keys: ['/'],
    places: ['list'],
    help: 'filter by text, /regular expression/, or ! for all others',
    footer: 'filter',
  },
  {
    action: 'release',
    keys: ['r'],
    places: ['list', 'page'],
    help: 'free a lock that is stuck; shows the plan and asks first',
    footer: 'release',
    writes: true,
    when: hasLock,
  },
  {
    action: 'depose',
    keys: ['x'],
    places: ['list', 'page'],
    help: 'make the holder of a renewed lock step down; asks first',
    footer: 'depose',
    writes: true,
    when: hasLock,
  },
  {
    action: 'confirm',
    keys: ['enter'],
    places: ['confirm'],
    help: 'confirm, once the name of the lock is typed',
    footer: 'confirm',
    writes: true,
  },
  {
    action: 'again',
    keys: ['enter'],
    places: ['dialog'],
    help: 'examine it again',
    footer: 'examine again',
    writes: true,
    when: (state) => openedCure(state)?.cure.stage.is === 'halted',
  },
  {
    action: 'delete',
    keys: ['ctrl-d'],
    places: ['confirm', 'dialog'],
    help: 'delete it instead, where no update gets through; asks first',
    footer: 'delete instead',
    writes: true,
    when: mayDelete,
  },
  {
    action: 'depose-instead',
    keys: ['x'],
    places: ['dialog'],
    help: 'depose the holder instead, where release is refused for it',
    footer: 'depose instead',
    writes: true,
    when: mayDepose,
  },
  { action: 'problems', keys: ['p'], places: ['list'], help: 'problems only, or all', footer: 'problems' },
  {
    action: 'namespaces',
    keys: ['n'],
    places: ['list'],
    help: 'choose a namespace',
    footer: 'namespace',
    when: hasRowsAtAll,
  },
  { action: 'sort', keys: ['s'], places: ['list'], help: 'choose what to sort by', footer: 'sort' },
  {
    action: 'reverse',
    keys: ['S'],
    places: ['list'],
    help: 'the other way round',
    when: ({ sort }) => sort !== null,
  },
  { action: 'wide', keys: ['w'], places: ['list'], help: 'all columns, or those that fit', footer: 'wide' },
  {
    action: 'left',
    keys: ['left', 'h'],
    places: ['list'],
    help: 'earlier columns of a wide list',
    when: ({ wide }) => wide,
  },
  {
    action: 'right',
    keys: ['right', 'l'],
    places: ['list'],
    help: 'later columns of a wide list',
    when: ({ wide }) => wide,
  },
  {
    action: 'manifest',
    keys: ['y'],
    places: ['list', 'page'],
    help: 'the object as YAML',
    footer: 'yaml',
    when: (state) => hasLock(state) && topName(state) !== 'manifest',
  },
  {
    action: 'events',
    keys: ['e'],
    places: ['list', 'page'],
    help: 'the events about it: who led, and when',
    footer: 'events',
    when: (state) => hasLock(state) && topName(state) !== 'events',
  },
  {
    action: 'copy',
    keys: ['c'],
    places: ['list', 'page'],
    help: "copy the lock's name to the clipboard",
    footer: 'copy',
    when: hasLock,
  },
  {
    action: 'notes',
    keys: ['m'],
    places: ['list'],
    help: 'everything that could not be read',
    footer: 'messages',
    when: (state) => state.notes.length > 0 || blindWhy(state) !== null,
    idle: ({ complete }) => (complete ? 'everything could be read' : 'nothing so far that could not be read'),
  },
  { action: 'up', keys: ['up', 'k'], places: MOVING, help: 'up' },
  { action: 'down', keys: ['down', 'j'], places: MOVING, help: 'down' },
  { action: 'page-up', keys: ['pgup', 'ctrl-b'], places: MOVING, help: 'a page up' },
  { action: 'page-down', keys: ['pgdn', 'ctrl-f'], places: MOVING, help: 'a page down' },
  { action: 'first', keys: ['g', 'home'], places: MOVING, help: 'the first one' },
  { action: 'last', keys: ['G', 'end'], places: MOVING, help: 'the last one' },
  { action: 'up', keys: ['up'], places: ['confirm'], help: 'up' },
  { action: 'down', keys: ['down'], places: ['confirm'], help: 'down' },
  { action: 'page-up', keys: ['pgup', 'ctrl-b'], places: ['confirm'], help: 'a page up' },
  { action: 'page-down', keys: ['pgdn', 'ctrl-f'], places: ['confirm'], help: 'a page down' },
  { action: 'accept', keys: ['enter'], places: ['filter'], help: 'keep the filter', footer: 'keep' },
  { action: 'cancel', keys: ['esc'], places: ['filter'], help: 'as it was before', footer: 'cancel' },
  { action: 'clear', keys: ['ctrl-u'], places: ['filter', 'confirm'], help: 'erase all of it' },
  { action: 'erase', keys: ['backspace'], places: ['filter', 'confirm'], help: 'erase a character' },
  {
    action: 'help',
    keys: ['?'],
    places: ['list', 'page', 'picker', 'dialog'],
    help: 'this help',
    footer: 'help',
    when: (state) => topName(state) !== 'help',
  },
  {
    action: 'back',
    keys: ['esc'],
    places: ['list'],
    help: 'take the filter away',
    footer: 'clear filter',
    when: ({ filter }) => filter !== null,
  },
  { action: 'back', keys: ['esc', 'q'], places: ['page', 'picker'], help: 'back', footer: 'back' },
  {
    action: 'leave',
    keys: ['esc', 'q'],
    places: ['dialog'],
    help: 'leave it; what is written already goes on',
    footer: 'leave',
    writes: true,
  },
  {
    action: 'leave',
    keys: ['esc'],
    places: ['confirm'],
    help: 'leave it: nothing is written',
    footer: 'leave',
    writes: true,
  },
  {
    action: 'quit',
    keys: ['q'],
    places: ['list'],
    help: 'quit; the list stays in the terminal',
    footer: 'quit',
  },
  { action: 'interrupt', keys: ['ctrl-c'], places: EVERYWHERE, help: 'quit from anywhere' },
  { action: 'suspend', keys: ['ctrl-z'], places: EVERYWHERE, help: 'stop; fg goes on' },
];

function hasRowsAtAll({ locks }: State): boolean {
  return locks.size > 0;
}

export function placeOf(state: State): Place {
  if (state.typing !== null) return 'filter';
  const top = topName(state);
  if (top === 'cure') return openedCure(state)?.cure.stage.is === 'asking' ? 'confirm' : 'dialog';
  if (top === undefined) return 'list';
  return top === 'namespaces' || top === 'sort' ? 'picker' : 'page';
}

/** Every key that there is for this user. */
export function bindingsFor({ setting }: State): Binding[] {
  return BINDINGS.filter(({ writes }) => writes !== true || !setting.readOnly);
}

/** The keys that do something here and now. */
export function bindingsHere(state: State): Binding[] {
  const place = placeOf(state);
  return bindingsFor(state).filter(({ places, when }) => places.includes(place) && (when?.(state) ?? true));
}

export function actionFor(state: State, key: string): ActionId | null {
  return bindingsHere(state).find(({ keys }) => keys.includes(key))?.action ?? null;
}

/** What a key says here that has nothing to do; null where that goes without saying. */
export function idleText(state: State, key: string): string | null {
  const place = placeOf(state);
  const binding = bindingsFor(state).find(({ keys, places }) => keys.includes(key) && places.includes(place));
  return binding?.idle?.(state) ?? null;
}
