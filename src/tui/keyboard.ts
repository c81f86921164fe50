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

/**
 * A slow line, or a slow machine, delivers several keys in one chunk: typed ahead, or a key held down. Anything longer is a
 * paste, of a terminal that does not mark it as such.
 */
const TYPED_AHEAD = 8;
const HELD_DOWN = 10;

/** Keys, and at most one enter behind them. What begins as an escape sequence does is one that nobody knows. */
const KEYS = /^[^\r\n[][^\r\n]*[\r\n]?$/;

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
  const ahead = characters.length <= TYPED_AHEAD && KEYS.test(input);
  if (held || ahead) return { keys: characters.map((key) => (key === '\r' || key === '\n' ? 'enter' : key)) };
  const [, line] = ENTERED.exec(input) ?? [];
  return { text: line ?? input, entered: line !== undefined };
}
