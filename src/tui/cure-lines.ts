import type { Note } from '../core/evidence.ts';
import { lockId } from '../core/lock.ts';
import { leaderCommand } from '../core/next-step.ts';
import { describeWatching } from '../core/progress-words.ts';
import { printable } from '../core/text.ts';
import { deposePlanText } from '../output/depose-text.ts';
import { planText, refusalLine, refusalSheet } from '../output/release-text.ts';
import { THEME } from '../output/theme.ts';
import { type Asking, type Cure, type CureVerb, type Proposal, type Saying, toDoOf } from './cure.ts';
import { chop, DIM, type Line, STRONG, wrap } from './spans.ts';

function text(words: string, cells: number, sgr?: string): Line[] {
  return wrap(words, cells).map((part): Line => [sgr === undefined ? { text: part } : { text: part, sgr }]);
}

/** A sheet as it is printed, its labels in a look of their own, and words that are too long broken below each other. */
function sheetLines(sheet: string, cells: number): Line[] {
  return sheet
    .trimEnd()
    .split('\n')
    .flatMap((row): Line[] => {
      const label = /^(?:[A-Z]\w*:)? +(?:\d+\. +)?/.exec(row)?.[0] ?? '';
      const parts = chop(row.slice(label.length), Math.max(1, cells - label.length));
      return parts.map((part, at) => [
        { text: at === 0 ? label : ' '.repeat(label.length), sgr: DIM },
        { text: part },
      ]);
    });
}

function noteLines(notes: readonly Note[], cells: number): Line[] {
  return notes.flatMap(({ text: words, hint }) => [
    ...text(`note: ${printable(words)}`, cells, THEME.warn.sgr),
    ...(hint === null ? [] : text(printable(hint), cells, DIM)),
  ]);
}

function sayingLines({ text: words, hint, bad }: Saying, cells: number): Line[] {
  return [
    ...text(words, cells, bad ? THEME.bad.sgr : undefined),
    ...(hint === null ? [] : text(printable(hint), cells, DIM)),
  ];
}

function planLines(proposal: Proposal, cells: number): Line[] {
  const { report } = proposal;
  const sheet =
    proposal.verb === 'release'
      ? planText(report, proposal.plan, cells)
      : deposePlanText(report, proposal.plan, cells);
  return sheetLines(sheet, cells);
}

function askingLines({ proposal, notes, wrong }: Asking, cells: number): Line[] {
  const name = printable(proposal.report.lock.primary.ref.name);
  const wish = `Type ${name} and enter to ${toDoOf(proposal)}; esc leaves. Nothing is written until then.`;
  return [
    ...text(wish, cells, STRONG),
    ...(wrong ? text('That was not its name: nothing was written.', cells, THEME.bad.sgr) : []),
    [],
    ...planLines(proposal, cells),
    ...noteLines(notes, cells),
  ];
}

/** Everything that the dialog of a cure shows, in lines of at most `cells` cells. */
export function cureLines({ verb, ref, stage }: Cure, cells: number): Line[] {
  switch (stage.is) {
    case 'examining': {
      const label = printable(lockId(ref));
      const words =
        stage.progress === null ? `looking for ${label}…` : describeWatching(label, stage.progress);
      return [...text(words, cells), [], ...text('Nothing is written until you confirm it.', cells, DIM)];
    }
    case 'refused': {
      const { report, refused, notes } = stage;
      const override = `only by the command: ${leaderCommand(verb, report.lock.primary.ref, '--force')}`;
      return [
        ...text(refusalLine(report, refused, verb), cells, THEME.bad.sgr),
        [],
        ...sheetLines(refusalSheet(report, refused, override, cells), cells),
        ...noteLines(notes, cells),
      ];
    }
    case 'asking':
      return askingLines(stage, cells);
    case 'halted':
      return [
        ...sayingLines(stage.saying, cells),
        [],
        ...text('enter examines it again, esc leaves.', cells, STRONG),
      ];
    case 'working': {
      const waiting = stage.leaving
        ? 'leaving, unless the write is on its way already…'
        : (stage.doing ?? 'working…');
      return [
        ...stage.sayings.flatMap((saying) => sayingLines(saying, cells)),
        ...text(waiting, cells, THEME.unknown.sgr),
      ];
    }
    case 'ended':
      return stage.sayings.flatMap((saying) => sayingLines(saying, cells));
  }
}

export function cureTitle(verb: CureVerb, label: string): string {
  return `${verb === 'release' ? 'Release' : 'Depose the holder of'}  ${label}`;
}
