import type { State } from './state.ts';

/** Where keys go: what lies on top. In `filter` and `confirm` a text is typed. */
export type Place = 'list' | 'page' | 'picker' | 'filter' | 'dialog' | 'confirm';

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
  | 'events'
  | 'release'
  | 'depose'
  | 'again'
  | 'delete'
  | 'depose-instead'
  | 'confirm'
  | 'leave'
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
  /** It leads to something that writes: it is not there where nothing may be written. */
  writes?: true;
  /** Whether there is anything for it to do. */
  when?: (state: State) => boolean;
  /** What is said where there is nothing for it to do; absent where that can be seen. */
  idle?: (state: State) => string;
}
