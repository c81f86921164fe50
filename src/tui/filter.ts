import { lockLabel } from '../core/lock.ts';
import type { LockReport } from '../core/report.ts';
import { nodeOf } from '../output/columns.ts';

/** What was typed behind `/`: a text, `/a regular expression/`, and either with a leading `!` for all others. */
export interface Filter {
  text: string;
  inverse: boolean;
  /** Null for a plain text. */
  pattern: RegExp | null;
  /** Why the expression cannot be used; then the text is looked for as it stands. */
  problem: string | null;
}

export function parseFilter(typed: string): Filter | null {
  const inverse = typed.startsWith('!');
  const text = inverse ? typed.slice(1) : typed;
  if (text === '') return null;
  const expression = /^\/(.+?)\/?$/s.exec(text)?.[1];
  if (expression === undefined) return { text, inverse, pattern: null, problem: null };
  try {
    return { text, inverse, pattern: new RegExp(expression, 'iu'), problem: null };
  } catch {
    return { text, inverse, pattern: null, problem: 'not a regular expression yet' };
  }
}

/** As it was typed. */
export function filterText(filter: Filter | null): string {
  return filter === null ? '' : `${filter.inverse ? '!' : ''}${filter.text}`;
}

/** Everything of a lock that a filter looks at. */
function searched(report: LockReport): string[] {
  const { lock, holder, verdict } = report;
  const { ref } = lock.primary;
  const found = holder.ref === null ? '' : `${holder.ref.kind.toLowerCase()}/${holder.ref.name}`;
  return [
    ref.namespace,
    lockLabel(ref),
    `${ref.namespace}/${lockLabel(ref)}`,
    holder.identity ?? '',
    found,
    nodeOf(report) ?? '',
    verdict,
  ];
}

export function passes(filter: Filter | null, report: LockReport): boolean {
  if (filter === null) return true;
  const { pattern, inverse } = filter;
  const wanted = filter.text.toLowerCase();
  const fits = searched(report).some((text) =>
    pattern === null ? text.toLowerCase().includes(wanted) : pattern.test(text),
  );
  return fits !== inverse;
}
