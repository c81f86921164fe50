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

/** A text that came in one piece. */
interface Piece {
  text: string;
  /** Enter, once and behind it, was part of the piece: typed ahead, or a line pasted where pastes are not marked. */
  entered: boolean;
}

const ENTERED = /^([^\r\n]+)[\r\n]$/;

/** What was pressed: keys by name, or a text. Pastes that the terminal marks as such never come here. */
export function read({ input, names, ctrl, meta }: Pressed): { keys: string[] } | Piece {
  const named = Object.entries(NAMED).find(([ink]) => names[ink] === true);
  if (named !== undefined) return { keys: [named[1]] };
  if (input === '' || meta) return { keys: [] };
  if (ctrl) return { keys: [`ctrl-${input}`] };
  // Line feed is ctrl-J, which many terminals and tmux send for the enter of the number block.
  if (input === '\r' || input === '\n') return { keys: ['enter'] };
  const characters = Array.from(input);
  const held = characters.length <= HELD_DOWN && new Set(characters).size === 1;
  if (held) return { keys: characters };
  const [, line] = ENTERED.exec(input) ?? [];
  return { text: line ?? input, entered: line !== undefined };
}
