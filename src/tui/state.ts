import type { Glimpse } from '../app/live.ts';
import type { LiveLock } from '../app/live-judge.ts';
import type { Sightline } from '../app/live-sources.ts';
import type { CaseFile } from '../core/describe/case-file.ts';
import type { Note } from '../core/evidence.ts';
import type { LockKind, LockRef } from '../core/lock.ts';
import type { Place } from '../core/place.ts';
import type { ReleaseStrategy } from '../core/release-rules.ts';
import type { Instant, Mono } from '../core/time.ts';
import type { Sort } from '../output/order.ts';
import type { Widths } from './columns.ts';
import type { Cure, CureEnding, CureNews, CureVerb, Proposal } from './cure.ts';
import type { Filter } from './filter.ts';

interface Size {
  columns: number;
  rows: number;
}

export interface DetailScreen {
  name: 'detail';
  id: string;
  /** As it was known last: a lock that is deleted does not take its evidence with it. */
  last: LiveLock;
  around: Surroundings;
  /** The first line on screen. */
  top: number;
}

/** What is read of a lock when it is asked for, and shown as it is. */
export type TextName = 'manifest' | 'events';

export interface TextScreen {
  name: TextName;
  id: string;
  label: string;
  read: Reading;
  /** When that was; null while it is being read. */
  readAt: Mono | null;
  top: number;
}

/** The dialog of a cure, which goes on in `State.cures` whether it is open or not. */
interface CureScreen {
  name: 'cure';
  id: string;
  verb: CureVerb;
  label: string;
  top: number;
}

export type PageScreen = DetailScreen | TextScreen | CureScreen | { name: 'help' | 'notes'; top: number };

/** A choice of namespaces, or of columns to sort by; null for all, or for the default order. */
export interface PickerScreen {
  name: 'namespaces' | 'sort';
  choices: readonly (string | null)[];
  at: number;
}

/** What lies over the list; the last one is seen, `esc` takes it away. */
export type Screen = PageScreen | PickerScreen;

export type Reading =
  | { state: 'reading' }
  | { state: 'read'; text: string }
  | { state: 'failed'; message: string };

/** The case of a lock, read when its details are opened; its verdict is the list's own. */
export type Surroundings =
  | { state: 'reading' }
  | { state: 'read'; file: CaseFile }
  | { state: 'failed'; message: string };

/** How the terminal and its user want it. */
export interface Setting {
  color: boolean;
  screenReader: boolean;
  /** Where the list looks. */
  place: Place;
  /** The flags that lead a command to the same cluster as the same user. No credentials. */
  sameCluster: readonly string[];
  /** The namespace that the list was narrowed to from the start; null for all. */
  namespace: string | null;
  /** The only verdicts to be listed; null for all. */
  verdicts: ReadonlySet<string> | null;
  /** The only kinds of lock to be listed; null for all. */
  kinds: ReadonlySet<LockKind> | null;
  /** Nothing that writes is offered. */
  readOnly: boolean;
  /** It was opened to choose a lock that is to be released. */
  choosing: boolean;
}

export interface State {
  setting: Setting;
  size: Size;
  now: Mono;
  /** The API server's clock at some moment of ours. */
  clock: { at: Mono; server: Instant };

  locks: ReadonlyMap<string, LiveLock>;
  notes: readonly Note[];
  sightline: Sightline;
  /** False until every kind has been read once and every holder looked for. */
  complete: boolean;
  /** Locks whose verdict changed just now, and until when that stands out. */
  fresh: ReadonlyMap<string, Mono>;
  widths: Widths;

  filter: Filter | null;
  /** Set while a filter is being typed: what it was before. */
  typing: { before: Filter | null; text: string } | null;
  namespace: string | null;
  problemsOnly: boolean;
  sort: Sort | null;
  wide: boolean;
  /** Columns of a wide list that are pushed out at the left. */
  shift: number;

  /** Ids of the locks that are shown, in their order. */
  order: readonly string[];
  arrangedAt: Mono;
  /** True when something changed since that may change the order. */
  disarranged: boolean;
  selected: string | null;
  /** True once the user chose a row: the selection then follows its lock, and the first row no more. */
  chosen: boolean;
  /** The chosen lock that left the list, and the row that stands in for it, unless another is chosen, until it is back. */
  missed: { id: string; standIn: string | null; until: Mono } | null;
  /** The first row on screen, counted in `order`. */
  top: number;

  screens: readonly Screen[];
  /** By the lock's id: what is being done about it, or was. */
  cures: ReadonlyMap<string, Cure>;
  /** How what was done about a lock came out, by the lock's id. */
  endings: ReadonlyMap<string, CureEnding>;
  /** How many cures were begun so far. */
  sessions: number;
  /** What was done and came of it, for whoever reads on when the list is left. Printable. */
  told: readonly string[];
  /** Something to say for a moment, in the last line. */
  toast: { text: string; until: Mono } | null;
  /** What is told above the last line, in lines of its own; null where nothing is. */
  narration: string | null;
}

/** Everything that can happen. Whatever has a time brings it along. */
export type Event =
  | { type: 'glimpse'; glimpse: Glimpse }
  | { type: 'narration'; text: string }
  | { type: 'tick'; now: Mono }
  | { type: 'resize'; size: Size }
  /** A key by its name, see keymap.ts. */
  | { type: 'key'; key: string; now: Mono }
  /** Text that was pasted, or typed faster than one key at a time; `entered` if enter was pressed behind it. */
  | { type: 'text'; text: string; entered: boolean; now: Mono }
  | { type: 'text-read'; what: TextName; id: string; read: Reading; now: Mono }
  | { type: 'surroundings'; id: string; around: Surroundings }
  /** The dialog of a lock is asked for from outside, whether the list knows that lock or not. */
  | { type: 'cure-wanted'; verb: CureVerb; ref: LockRef }
  | { type: 'cure'; id: string; session: number; news: CureNews; now: Mono };

/** What the terminal, or somebody else, is to do. */
export type Effect =
  | { do: 'quit'; interrupted: boolean }
  | { do: 'suspend' }
  | { do: 'copy'; text: string }
  | { do: 'read'; what: TextName; lock: LiveLock }
  | { do: 'look-around'; lock: LiveLock }
  | {
      do: 'examine';
      id: string;
      session: number;
      verb: CureVerb;
      ref: LockRef;
      strategy: ReleaseStrategy | null;
    }
  /** `proposal`: what was confirmed. */
  | { do: 'carry-out'; session: number; proposal: Proposal }
  | { do: 'abandon'; session: number };

export interface Beginning extends Partial<Pick<State, 'problemsOnly' | 'sort'>> {
  setting: Setting;
  size: Size;
  now: Mono;
  wallClock: Instant;
}

export function initialState({ setting, size, now, wallClock, ...rest }: Beginning): State {
  return {
    setting,
    size,
    now,
    clock: { at: now, server: wallClock },
    locks: new Map(),
    notes: [],
    sightline: { state: 'opening' },
    complete: false,
    fresh: new Map(),
    widths: {},
    filter: null,
    typing: null,
    namespace: null,
    problemsOnly: false,
    sort: null,
    wide: false,
    shift: 0,
    order: [],
    arrangedAt: Number.NEGATIVE_INFINITY,
    disarranged: false,
    selected: null,
    chosen: false,
    missed: null,
    top: 0,
    screens: [],
    cures: new Map(),
    endings: new Map(),
    sessions: 0,
    told: [],
    toast: null,
    narration: null,
    ...rest,
  };
}
