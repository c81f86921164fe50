import type { Severity } from '../core/verdict.ts';

export interface Look {
  /** One cell wide; tells the severities apart where there is no colour. */
  symbol: string;
  /** Parameters of the terminal's SGR sequence. */
  sgr: string;
}

/** How each severity looks. */
export const THEME = {
  bad: { symbol: '✗', sgr: '1;31' },
  warn: { symbol: '!', sgr: '33' },
  unknown: { symbol: '?', sgr: '36' },
  note: { symbol: '·', sgr: '2' },
  ok: { symbol: '✓', sgr: '32' },
} as const satisfies Record<Severity, Look>;

/** The text in its severity's colour. */
export function paint(severity: Severity, text: string): string {
  return `\u001b[${THEME[severity].sgr}m${text}\u001b[0m`;
}
