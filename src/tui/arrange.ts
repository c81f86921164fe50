import { isProblem } from '../core/assess.ts';
import { isOfKind, lockId } from '../core/lock.ts';
import type { LockReport } from '../core/report.ts';
import { sortReports } from '../output/order.ts';
import { passes } from './filter.ts';
import { bodyRows } from './geometry.ts';
import { sighted } from './sight.ts';
import type { State } from './state.ts';

/** Rows change places this often at most, milliseconds: a list that dances cannot be read. */
const ARRANGE_MS = 1_000;

/** A chosen lock that is back within so long is selected again, milliseconds: one that was released by deleting it, mostly. */
const MISSED_MS = 60_000;

function isListed(state: State, report: LockReport): boolean {
  const { namespace, problemsOnly, filter, setting } = state;
  return (
    (namespace === null || report.lock.primary.ref.namespace === namespace) &&
    (!problemsOnly || isProblem(report)) &&
    (setting.verdicts?.has(report.verdict) ?? true) &&
    (setting.kinds === null || isOfKind(report.lock, setting.kinds)) &&
    passes(filter, report)
  );
}

function orderOf(state: State): string[] {
  const { locks, order, sort } = state;
  const listed = new Set(order);
  // What is in order already sorts in a fraction of the time.
  const candidates = [
    ...order.flatMap((id) => locks.get(id) ?? []),
    ...[...locks.values()].filter(({ id }) => !listed.has(id)),
  ];
  const byAge = sort?.column.id === 'renewed';
  const reports = candidates.flatMap((lock) => {
    const report = byAge ? sighted(state, lock).report : lock.report;
    return isListed(state, report) ? [report] : [];
  });
  return sortReports(reports, sort).map(({ lock }) => lockId(lock.primary.ref));
}

/** `top` such that the list is filled and the row `at` is on screen. */
export function scrolled(state: State, top: number, at: number): number {
  const rows = bodyRows(state);
  const last = Math.max(0, state.order.length - rows);
  return Math.max(0, Math.min(last, Math.max(Math.min(top, at), at - rows + 1)));
}

/** The selected row stays on screen, and the list filled, where there is room for more rows than before, or for fewer. */
export function fitRows(state: State, before: State): State {
  if (bodyRows(state) === bodyRows(before)) return state;
  const at = Math.max(0, state.order.indexOf(state.selected ?? ''));
  return { ...state, top: scrolled(state, state.top, at) };
}

/** What is to be selected: a lock that was deleted or filtered out, and is missed still, comes before its stand-in. */
function wantedRow({ selected, missed, now }: State): string | null {
  return missed !== null && missed.standIn === selected && now < missed.until ? missed.id : selected;
}

/** Puts the selection where it belongs after the order changed: on the same lock, at the same height if possible. */
function reselect(state: State, before: State): State {
  const { order, chosen } = state;
  const selected = wantedRow(state);
  if (!chosen || selected === null) return { ...state, selected: order[0] ?? null, top: 0, missed: null };
  const was = before.order.indexOf(state.selected ?? '');
  const now = order.indexOf(selected);
  const at = now >= 0 ? now : Math.max(0, Math.min(was, order.length - 1));
  const top = now >= 0 && was >= 0 ? before.top + now - was : before.top;
  const standIn = order[at] ?? null;
  const until = state.missed?.id === selected ? state.missed.until : state.now + MISSED_MS;
  const missed = now >= 0 ? null : { id: selected, standIn, until };
  return { ...state, selected: standIn, top: scrolled(state, top, at), missed };
}

/** Filters and sorts anew, at once. */
export function arrange(state: State): State {
  const arranged = { ...state, order: orderOf(state), arrangedAt: state.now, disarranged: false };
  return reselect(arranged, state);
}

/** The same where something called for it and the last time was long enough ago. */
export function arrangeInTime(state: State): State {
  const { disarranged, order, locks, now, arrangedAt, complete } = state;
  if (!disarranged) return state;
  const soonest = complete && order.length > 0 ? arrangedAt + ARRANGE_MS : arrangedAt;
  if (now >= soonest) return arrange(state);
  if (order.every((id) => locks.has(id))) return state;
  return reselect({ ...state, order: order.filter((id) => locks.has(id)) }, state);
}
