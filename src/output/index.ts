import { LOCK_RESOURCES } from '../core/lock-resources.ts';
import type { LockReport, Snapshot } from '../core/report.ts';
import { printable } from '../core/text.ts';
import { formatMicroTime, type Instant } from '../core/time.ts';
import { listDocument, lockDocument } from './document.ts';
import { toJson, toJsonLine, toYaml } from './structured.ts';
import { headerLine, type Layout, layOut, rowLine } from './table.ts';
import type { Change } from './watch-lines.ts';

/** How the reader wants to see it. */
export interface Look {
  headers: boolean;
  color: boolean;
  /** The terminal's width in cells; null when the output is no terminal. */
  width: number | null;
}

export interface Output {
  /** A table: read by people, who are told when there is nothing to show. */
  readonly forPeople: boolean;
  /** The whole snapshot, its reports in the order given. Ends with a newline unless empty. */
  render(snapshot: Snapshot, look: Look): string | Promise<string>;
  /** Begins a running output, which gets the changes as they come; null where the format is one document. */
  follow: ((look: Look) => (changes: readonly Change[], now: Instant) => string) | null;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

function table(wide: boolean): Output {
  return {
    forPeople: true,
    render({ reports, takenAt }, look) {
      if (reports.length === 0) return '';
      const layout = layOut(reports, { wide, width: look.width, now: takenAt });
      const rows = reports.map((report) => rowLine(layout, report, { now: takenAt, color: look.color }));
      return lines([...(look.headers ? [headerLine(layout)] : []), ...rows]);
    },
    follow(look) {
      let layout: Layout | null = null;
      return (changes, now) => {
        if (changes.length === 0) return '';
        const first = layout === null;
        const columns =
          layout ??
          layOut(
            changes.map(({ report }) => report),
            { wide, width: look.width, now },
          );
        layout = columns;
        const rows = changes.map(({ report, event }) =>
          rowLine(columns, report, {
            now,
            color: look.color,
            ...(event === 'deleted' ? { verdict: 'deleted' } : {}),
          }),
        );
        return lines([...(first && look.headers ? [headerLine(columns)] : []), ...rows]);
      };
    },
  };
}

function document(print: (value: unknown) => string | Promise<string>): Output {
  return { forPeople: false, render: (snapshot) => print(listDocument(snapshot)), follow: null };
}

/** As `kubectl get -o name` spells it. */
function name({ lock: { primary } }: LockReport): string {
  const { group } = LOCK_RESOURCES[primary.ref.kind];
  return printable(`${primary.ref.kind}${group === '' ? '' : `.${group}`}/${primary.ref.name}`);
}

const names: Output = {
  forPeople: false,
  render: ({ reports }) => lines(reports.map(name)),
  follow: () => (changes) => lines(changes.map(({ report }) => name(report))),
};

const jsonLines: Output = {
  forPeople: false,
  render: ({ reports }) => reports.map((report) => toJsonLine(lockDocument(report))).join(''),
  follow: () => (changes, now) =>
    changes
      .map(({ event, report }) => toJsonLine({ event, at: formatMicroTime(now), ...lockDocument(report) }))
      .join(''),
};

/** Every format of `-o`. */
export const OUTPUTS = {
  table: table(false),
  wide: table(true),
  json: document(toJson),
  yaml: document(toYaml),
  jsonl: jsonLines,
  name: names,
} as const satisfies Record<string, Output>;

export type OutputId = keyof typeof OUTPUTS;
