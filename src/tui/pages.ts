import { lockId } from '../core/lock.ts';
import { printable } from '../core/text.ts';
import { humanDuration } from '../core/time.ts';
import { joinNotes } from '../output/notes.ts';
import type { Place } from './binding.ts';
import { cureLines, cureTitle } from './cure-lines.ts';
import { detailLines } from './detail.ts';
import { blindWhy } from './geometry.ts';
import { bindingsFor } from './keymap.ts';
import { sighted } from './sight.ts';
import { chop, DIM, type Line, STRONG, wrap } from './spans.ts';
import type { DetailScreen, PageScreen, State, TextScreen } from './state.ts';

/** The API server's clock now. */
export function serverTime({ clock, now }: State): number {
  return clock.server + (now - clock.at);
}

const PLACES: readonly [Place, string][] = [
  ['list', 'In the list'],
  ['filter', 'While a filter is typed'],
  ['page', 'In details, YAML and other pages'],
  ['dialog', 'In the dialogs of release and depose'],
  ['confirm', 'While the name of a lock is typed'],
];

/** How a key is called in the help and in the last line. */
export function keyLabel(key: string): string {
  const arrows: Readonly<Record<string, string>> = { up: '↑', down: '↓', left: '←', right: '→' };
  return arrows[key] ?? key;
}

const LEGEND: readonly [string, string][] = [
  ['> *', 'in front of a row: > keys are about this lock, * its verdict changed just now'],
  ['FOUND', 'what the cluster says of the Pod or Node behind the holder'],
  ['RENEWED', 'how long ago the record changed last; with a "?" as it was when it was seen last'],
  ['PULSE', '| a renewal seen, . one that did not come; the newest at the right'],
  ['LEFT', 'until candidates may take the lock; "over" when they may already, "?" when that is not known'],
  ['VERDICT', 'a "?" rests on clocks alone, or the holder could not be looked for'],
];

function helpLines(state: State): Line[] {
  const bindings = bindingsFor(state);
  const cells = state.size.columns - 20;
  const entry = (name: string, help: string): Line[] =>
    wrap(help, Math.max(16, cells)).map((text, at) => [
      { text: `  ${(at === 0 ? name : '').padEnd(16)}`, sgr: STRONG },
      { text },
    ]);
  const places = PLACES.filter(
    ([place]) => !state.setting.readOnly || (place !== 'dialog' && place !== 'confirm'),
  );
  const keys = places.flatMap(([place, title]): Line[] => [
    [{ text: title, sgr: STRONG }],
    ...bindings
      .filter((binding) => binding.places.includes(place))
      .flatMap((binding) => entry(binding.keys.map(keyLabel).join(', '), binding.help)),
    [],
  ]);
  const legend = LEGEND.flatMap(([name, help]) => entry(name, help));
  return [...keys, [{ text: 'The rows', sgr: STRONG }], ...legend];
}

function noteLines(state: State): Line[] {
  const { notes, size } = state;
  const why = blindWhy(state);
  const isNoted = notes.some(({ text }) => text === why);
  const blind = why === null || isNoted ? [] : [{ text: `Nothing is seen for now: ${why}`, hint: null }];
  return [...blind, ...joinNotes(notes)].flatMap(({ text, hint }) => [
    ...wrap(printable(text), size.columns - 2).map((part): Line => [{ text: part }]),
    ...(hint === null
      ? []
      : wrap(printable(hint), size.columns - 4).map((part): Line => [{ text: `  ${part}`, sgr: DIM }])),
    [],
  ]);
}

function textLines(screen: TextScreen, cells: number): Line[] {
  const { read } = screen;
  if (read.state === 'reading') return [[{ text: 'reading…', sgr: DIM }]];
  if (read.state === 'failed')
    return wrap(printable(read.message.replaceAll('\n', ' ')), cells).map((text): Line => [{ text }]);
  const lines = read.text.split('\n').flatMap((text) => chop(printable(text), cells));
  return lines.map((text): Line => [{ text }]);
}

function detailPage(state: State, { id, last, around }: DetailScreen): Line[] {
  const { setting, size, now } = state;
  const sight = sighted(state, last);
  const lines = detailLines(sight, around, serverTime(state), setting, size.columns);
  const head = (text: string): Line[] => [
    ...wrap(text, size.columns).map((part): Line => [{ text: part, sgr: STRONG }]),
    [],
    ...lines,
  ];
  if (!state.locks.has(id)) return head('This lock is no more; this is how it was last.');
  if (sight.lostAt === null) return lines;
  return head(`Blind for ${humanDuration(now - sight.lostAt)}: this is how it was last.`);
}

/** All lines of a page, of which a part is on screen. */
export function pageLines(state: State, screen: PageScreen): readonly Line[] {
  switch (screen.name) {
    case 'help':
      return helpLines(state);
    case 'notes':
      return noteLines(state);
    case 'manifest':
    case 'events':
      return textLines(screen, state.size.columns);
    case 'cure': {
      const cure = state.cures.get(screen.id);
      return cure === undefined ? [] : cureLines(cure, state.setting, state.size.columns);
    }
    case 'detail':
      return detailPage(state, screen);
  }
}

export function pageTitle(screen: PageScreen): string {
  switch (screen.name) {
    case 'help':
      return 'Help';
    case 'notes':
      return 'Messages';
    case 'manifest':
      return `YAML  ${screen.label}`;
    case 'events':
      return `Events  ${screen.label}`;
    case 'cure':
      return cureTitle(screen.verb, screen.label);
    case 'detail':
      return printable(lockId(screen.last.report.lock.primary.ref));
  }
}
