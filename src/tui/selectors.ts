import type { Note } from '../core/evidence.ts';
import type { Snapshot } from '../core/report.ts';
import { printable } from '../core/text.ts';
import { humanDuration, proseDuration } from '../core/time.ts';
import { VERDICTS, type VerdictCode } from '../core/verdict.ts';
import { verdictText } from '../output/columns.ts';
import { joinNotes } from '../output/notes.ts';
import { THEME } from '../output/theme.ts';
import { shorten } from '../output/width.ts';
import { openedCure } from './cure-actions.ts';
import { filterText } from './filter.ts';
import { blindSince, bodyRows, hasNoteLine, isBlind, pageRows } from './geometry.ts';
import { bindingsHere } from './keymap.ts';
import { keyLabel, pageLines, pageTitle, serverTime } from './pages.ts';
import { sighted } from './sight.ts';
import {
  DIM,
  INVERSE,
  type Line,
  lineWidth,
  restyle,
  type Span,
  STRONG,
  shortenLine,
  spread,
} from './spans.ts';
import type { PageScreen, PickerScreen, State } from './state.ts';

type Counts = readonly (readonly [VerdictCode, number])[];

// Counted once for each state of the locks: most frames are drawn for other reasons.
const counted = new WeakMap<State['locks'], { namespace: string | null; counts: Counts }>();

/** How many locks have each verdict, the worst first. */
function verdictCounts(state: State): Counts {
  const known = counted.get(state.locks);
  if (known !== undefined && known.namespace === state.namespace) return known.counts;
  const counts = countVerdicts(state);
  counted.set(state.locks, { namespace: state.namespace, counts });
  return counts;
}

function countVerdicts(state: State): Counts {
  const counts = new Map<VerdictCode, number>();
  for (const { report, pending } of state.locks.values()) {
    if (pending) continue;
    if (state.namespace !== null && report.lock.primary.ref.namespace !== state.namespace) continue;
    counts.set(report.verdict, (counts.get(report.verdict) ?? 0) + 1);
  }
  const known = Object.keys(VERDICTS) as VerdictCode[];
  return known.flatMap((code) => {
    const count = counts.get(code);
    return count === undefined ? [] : [[code, count]];
  });
}

/** That watches failed is told by itself: the few cells are for the cause. */
const WHAT_FAILED = /^(?:\S+ cannot be watched|cannot (?:watch|list) )[^:]*: /;

function connection(state: State): Line {
  const { sightline, complete, now } = state;
  if (sightline.state === 'opening')
    return [{ text: complete ? 'connecting' : 'reading…', sgr: THEME.unknown.sgr }];
  if (sightline.state !== 'blind' || !isBlind(state)) return [{ text: '● live', sgr: THEME.ok.sgr }];
  const { since, why } = sightline;
  const text = `blind for ${humanDuration(now - since)}, reconnecting`;
  if (why === null) return [{ text, sgr: THEME.bad.sgr }];
  const cause = why.replace(WHAT_FAILED, '').replace(state.setting.place.server, 'the server');
  return [{ text: `${text}: ${printable(shorten(cause, 60))}`, sgr: THEME.bad.sgr }];
}

/** The lines above the rows: where one looks and how well one sees, then what there is. */
export function headerLines(state: State): [Line, Line] {
  const { setting, size, namespace, locks, order, filter, problemsOnly, sort } = state;
  const narrowed = namespace ?? setting.namespace;
  const where: Line = [
    { text: setting.choosing ? 'choose a lock to release, r' : 'leader', sgr: STRONG },
    { text: `  ${printable(setting.place.context ?? setting.place.server)}` },
    { text: `  ${narrowed === null ? 'all namespaces' : `namespace ${printable(narrowed)}`}`, sgr: DIM },
  ];
  const right = connection(state);
  const rest = size.columns - 1 - Math.min(lineWidth(right), Math.floor(size.columns * 0.6));
  const first = spread(
    shortenLine(where, rest),
    shortenLine(right, Math.floor(size.columns * 0.6)),
    size.columns,
  );
  const counts = verdictCounts(state).flatMap(([code, count]): Line => {
    const { symbol, sgr } = THEME[VERDICTS[code].severity];
    return [{ text: `${symbol} ${count} ${code}`, sgr }, { text: '  ' }];
  });
  const only = [...(setting.verdicts ?? []), ...(setting.kinds ?? [])];
  const modes = [
    ...(order.length < locks.size ? [`${order.length} of ${locks.size} shown`] : []),
    ...(only.length === 0 ? [] : [`only ${only.join(', ')}`]),
    ...(problemsOnly ? ['problems only'] : []),
    ...(filter === null ? [] : [`filter ${printable(filterText(filter))}`]),
    ...(sort === null ? [] : [`by ${sort.column.id}${sort.descending ? ', descending' : ''}`]),
  ].join(' · ');
  const second = spread(
    counts,
    shortenLine([{ text: modes, sgr: THEME.unknown.sgr }], Math.floor(size.columns * 0.6)),
    size.columns,
  );
  return [first, second];
}

/** What is said instead of rows. */
export function emptyText({ locks, complete, notes, setting, filter, problemsOnly }: State): string {
  if (locks.size > 0) {
    const ways = [
      ...(filter === null ? [] : ['esc takes the filter away']),
      ...(problemsOnly ? ['p shows those without problems'] : []),
    ];
    return ways.length === 0 ? 'No lock is like that.' : `No lock is like that: ${ways.join(', ')}.`;
  }
  if (!complete) return 'Reading the locks…';
  const where = setting.namespace === null ? '' : ` in namespace ${printable(setting.namespace)}`;
  const partly = notes.some(({ code }) => code === 'unreadable') ? ' in what could be read' : '';
  return `No leader-election locks found${where}${partly}.`;
}

/** The most important note, in one line; null where there is no room or nothing to say. */
export function noteLine(state: State): Line | null {
  const told = joinNotes(state.notes);
  const [first] = told;
  if (first === undefined || !hasNoteLine(state)) return null;
  const more = told.length > 1 ? ` (m: ${told.length - 1} more)` : ' (m: more)';
  const { symbol, sgr } = THEME.warn;
  return spread(
    [{ text: `${symbol} ${printable(first.text)}`, sgr }],
    [{ text: more, sgr: DIM }],
    state.size.columns,
  );
}

/** The end of what is being typed: where the cursor is. */
function endOf(typed: string, cells: number): string {
  return Array.from(typed).slice(-Math.max(1, cells)).join('');
}

/** What is being typed, its end if it is long; the keys only where there is room. */
function answerLine(typed: string, keys: Line, columns: number): Line {
  const head: Line = [{ text: '> ', sgr: STRONG }];
  const line = [...head, { text: endOf(typed, columns - 4) }, { text: ' ', sgr: INVERSE }];
  return lineWidth(line) + lineWidth(keys) < columns
    ? spread(line, keys, columns)
    : shortenLine(line, columns);
}

/** The last line: what is being typed, what just happened, or the keys that work here. */
export function footerLine(state: State): Line {
  const { typing, toast, filter, size } = state;
  const stage = openedCure(state)?.cure.stage;
  const keys = bindingsHere(state)
    .filter(({ footer }) => footer !== undefined)
    .flatMap(
      ({ keys: [key = ''], footer = '' }): Line => [
        { text: keyLabel(key), sgr: STRONG },
        { text: ` ${footer}  ` },
      ],
    );
  if (typing !== null) {
    const problem = filter?.problem ?? null;
    const hint: Line = problem === null ? keys : [{ text: problem, sgr: THEME.warn.sgr }];
    const text = endOf(typing.text, size.columns - lineWidth(hint) - 3);
    return spread([{ text: '/', sgr: STRONG }, { text }, { text: ' ', sgr: INVERSE }], hint, size.columns);
  }
  if (stage?.is === 'asking') return answerLine(stage.typed, keys, size.columns);
  if (toast !== null) return shortenLine([{ text: toast.text, sgr: THEME.unknown.sgr }], size.columns);
  // Leaving has to be in sight however narrow it is: the keys that come last are never the ones that are cut.
  const last = keys.slice(-4);
  const room = size.columns - lineWidth(last);
  const fitting: Span[] = [];
  for (let at = 0; at < keys.length - 4; at += 2) {
    const next = keys.slice(at, at + 2);
    if (lineWidth(fitting) + lineWidth(next) > room) break;
    fitting.push(...next);
  }
  return shortenLine([...fitting, ...last], size.columns);
}

/** How fresh a page is: what was read once is not live, however live the list is. */
function freshness(state: State, screen: PageScreen): Line {
  if (!('readAt' in screen)) return connection(state);
  if (screen.readAt === null) return [];
  const ago = humanDuration(state.now - screen.readAt);
  return [{ text: `${screen.read.state === 'failed' ? 'tried' : 'read'} ${ago} ago`, sgr: DIM }];
}

/** A page over the list: its title, the lines on screen, and where one is in it. */
export function pageView(state: State, screen: PageScreen): { title: Line; lines: Line[] } {
  const all = pageLines(state, screen);
  const rows = pageRows(state);
  const last = Math.max(0, all.length - rows);
  const top = Math.min(screen.top, last);
  const place = last === 0 ? '' : `${top + 1}-${top + rows}/${all.length}`;
  const fresh = shortenLine(freshness(state, screen), Math.floor(state.size.columns * 0.6) - place.length);
  const right: Line = [...fresh, { text: place === '' ? '' : `  ${place}`, sgr: DIM }];
  const title = spread([{ text: pageTitle(screen), sgr: STRONG }], right, state.size.columns);
  const lines = all.slice(top, top + rows).map((line) => shortenLine(line, state.size.columns));
  return { title, lines };
}

/** A picker over the list: one line a choice, as many as fit around the chosen one. */
export function pickerView(state: State, screen: PickerScreen): { title: Line; lines: Line[] } {
  const texts = screen.choices.map((choice) => {
    if (choice !== null) return printable(choice);
    return screen.name === 'sort' ? 'verdict, the worst first' : 'all namespaces';
  });
  const rows = pageRows(state);
  const top = Math.max(0, Math.min(screen.at - Math.floor(rows / 2), texts.length - rows));
  const lines = texts.slice(top, top + rows).map((text, index): Line => {
    const isChosen = top + index === screen.at;
    const line: Line = [{ text: `${isChosen ? '> ' : '  '}${text}` }];
    return shortenLine(isChosen ? restyle(line, INVERSE) : line, state.size.columns);
  });
  return { title: [{ text: screen.name === 'sort' ? 'Sort by' : 'Namespace', sgr: STRONG }], lines };
}

function blindNote(forMs: number): Note {
  const text = `blind for ${proseDuration(forMs)} when the list was left; what could not be seen is as it was before`;
  return { code: 'blind', text, hint: null };
}

/** The list as it stands, for whoever prints it after the screen is gone. */
export function snapshotOf(state: State): Snapshot {
  const since = blindSince(state);
  const reports = state.order.flatMap((id) => {
    const lock = state.locks.get(id);
    return lock === undefined || lock.pending ? [] : [sighted(state, lock).report];
  });
  const notes = since === null ? state.notes : [blindNote(state.now - since), ...state.notes];
  return { reports, notes, takenAt: serverTime(state) };
}

/** What a screen reader's user would want to be told of: two states with the same text sound the same. */
export function spokenGist(state: State): string {
  const { order, top, locks, complete, screens, cures } = state;
  const rows = order.slice(top, top + bodyRows(state)).map((id) => {
    const lock = locks.get(id);
    return lock === undefined || lock.pending
      ? id
      : `${id} ${verdictText(lock.report)} ${lock.report.holder.found}`;
  });
  const stages = [...cures.values()].map(({ stage }) => stage.is);
  return JSON.stringify([rows, isBlind(state), complete, screens.length, stages]);
}
