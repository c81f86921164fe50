import type { Note } from '../core/evidence.ts';
import type { Snapshot } from '../core/report.ts';
import { printable } from '../core/text.ts';
import { isProvisional } from '../output/columns.ts';
import type { LsRequest } from './ls-request.ts';

/** What goes to stderr beside a list: nothing of it belongs into the list itself. */

function remark({ text, hint }: Pick<Note, 'text' | 'hint'>): string {
  return `note: ${printable(text)}\n${hint === null ? '' : `      ${printable(hint)}\n`}`;
}

/** Tells each note once, however often it comes again. */
export class Remarks {
  readonly #write: (text: string) => void;
  readonly #told = new Set<string>();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  tell(notes: readonly Pick<Note, 'text' | 'hint'>[]): void {
    for (const text of notes.map(remark)) {
      if (this.#told.has(text)) continue;
      this.#told.add(text);
      this.#write(text);
    }
  }
}

/** What the `?` behind verdicts means, where there is one. */
export function doubts({ reports }: Snapshot): Pick<Note, 'text' | 'hint'>[] {
  const provisional = reports.some(isProvisional);
  const unproven = reports.some((report) => report.unproven);
  return [
    ...(provisional
      ? [
          {
            text: 'verdicts with a "?" rest on clocks alone',
            hint: '--observe 15s watches the locks and proves it.',
          },
        ]
      : []),
    ...(unproven
      ? [
          {
            text: 'where the holder could not be looked for, "?" says that it is not proven to exist',
            hint: null,
          },
        ]
      : []),
  ];
}

/** Said instead of an empty table, in kubectl's manner. `found` counts the locks before filters left any out. */
export function nothingFound({ scope, filtered }: LsRequest, notes: readonly Note[], found: number): string {
  const where = scope.namespace === null ? '' : ` in ${printable(scope.namespace)} namespace`;
  const fullStop = where === '' ? '' : '.';
  if (filtered && found > 0) {
    return `No leader-election locks found${where} with such a verdict (${found} with another one).\n`;
  }
  if (notes.some(({ code }) => code === 'unreadable')) {
    return `No leader-election locks found${where} in what could be read.\n`;
  }
  return `No leader-election locks found${where}${fullStop}\n`;
}
