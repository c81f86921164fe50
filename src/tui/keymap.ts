import type { State } from './state.ts';

/** Where keys go: what lies on top. `filter` is the line in which a filter is typed. */
export type Place = 'list' | 'page' | 'picker' | 'filter';

/** A key as Ink reports it, as far as it matters here. */
export interface Pressed {
  input: string;
  names: Readonly<Record<string, unknown>>;
  ctrl: boolean;
  meta: boolean;
}

/** The keys that have a name in Ink, and the names they have here. */
const NAMED: Readonly<Record<string, string>> = {
  upArrow: 'up',
  downArrow: 'down',
  leftArrow: 'left',
  rightArrow: 'right',
  pageUp: 'pgup',
  pageDown: 'pgdn',
  home: 'home',
  end: 'end',
  return: 'enter',
  escape: 'esc',
  tab: 'tab',
  backspace: 'backspace',
  delete: 'backspace',
};

/** The same key over and over within one chunk is a key held down over a slow line; anything longer is a paste. */
const HELD_DOWN = 10;

/** What was pressed: keys by name, or a text that came in one piece. */
export function read({ input, names, ctrl, meta }: Pressed): { keys: string[] } | { text: string } {
  const named = Object.entries(NAMED).find(([ink]) => names[ink] === true);
  if (named !== undefined) return { keys: [named[1]] };
  if (input === '' || meta) return { keys: [] };
  if (ctrl) return { keys: [`ctrl-${input}`] };
  // Line feed is ctrl-J, which many terminals and tmux send for the enter of the number block.
  if (input === '\r' || input === '\n') return { keys: ['enter'] };
  const characters = Array.from(input);
  const held = characters.length <= HELD_DOWN && new Set(characters).size === 1;
  return held ? { keys: characters } : { text: input };
}

export type ActionId =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'left'
  | 'right'
  | 'detail'
  | 'manifest'
  | 'copy'
  | 'filter'
  | 'sort'
  | 'reverse'
  | 'namespaces'
  | 'problems'
  | 'wide'
  | 'notes'
  | 'help'
  | 'choose'
  | 'back'
  | 'quit'
  | 'interrupt'
  | 'suspend'
  | 'accept'
  | 'cancel'
  | 'erase'
  | 'clear';

export interface Binding {
  action: ActionId;
  keys: readonly string[];
  places: readonly Place[];
  /** For the help. */
  help: string;
  /** For the last line of the screen; absent where everybody knows it. */
  footer?: string;
  /** Whether there is anything for it to do. */
  when?: (state: State) => boolean;
}

const MOVING = ['list', 'page', 'picker'] as const;

function hasRows({ order }: State): boolean {
  return order.length > 0;
}

function topName({ screens }: State): string | undefined {
  return screens.at(-1)?.name;
}

/** True where the keys are about one lock: its row, or its details. */
function hasLock(state: State): boolean {
  const name = topName(state);
  return name === undefined ? hasRows(state) : name === 'detail' || name === 'manifest';
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
    when: ({ notes }) => notes.length > 0,
  },
  { action: 'up', keys: ['up', 'k'], places: MOVING, help: 'up' },
  { action: 'down', keys: ['down', 'j'], places: MOVING, help: 'down' },
  { action: 'page-up', keys: ['pgup', 'ctrl-b'], places: MOVING, help: 'a page up' },
  { action: 'page-down', keys: ['pgdn', 'ctrl-f'], places: MOVING, help: 'a page down' },
  { action: 'first', keys: ['g', 'home'], places: MOVING, help: 'the first one' },
  { action: 'last', keys: ['G', 'end'], places: MOVING, help: 'the last one' },
  { action: 'accept', keys: ['enter'], places: ['filter'], help: 'keep the filter', footer: 'keep' },
  { action: 'cancel', keys: ['esc'], places: ['filter'], help: 'as it was before', footer: 'cancel' },
  { action: 'clear', keys: ['ctrl-u'], places: ['filter'], help: 'erase all of it' },
  { action: 'erase', keys: ['backspace'], places: ['filter'], help: 'erase a character' },
  {
    action: 'help',
    keys: ['?'],
    places: ['list', 'page', 'picker'],
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
    action: 'quit',
    keys: ['q'],
    places: ['list'],
    help: 'quit; the list stays in the terminal',
    footer: 'quit',
  },
  {
    action: 'interrupt',
    keys: ['ctrl-c'],
    places: ['list', 'page', 'picker', 'filter'],
    help: 'quit from anywhere',
  },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    places: ['list', 'page', 'picker', 'filter'],
    help: 'stop; fg goes on',
  },
];

function hasRowsAtAll({ locks }: State): boolean {
  return locks.size > 0;
}

export function placeOf({ typing, screens }: State): Place {
  if (typing !== null) return 'filter';
  const top = screens.at(-1)?.name;
  if (top === undefined) return 'list';
  return top === 'namespaces' || top === 'sort' ? 'picker' : 'page';
}

/** The keys that do something here and now. */
export function bindingsHere(state: State): Binding[] {
  const place = placeOf(state);
  return BINDINGS.filter(({ places, when }) => places.includes(place) && (when?.(state) ?? true));
}

export function actionFor(state: State, key: string): ActionId | null {
  return bindingsHere(state).find(({ keys }) => keys.includes(key))?.action ?? null;
}
