import type { Note } from '../core/evidence.ts';
import { lockId } from '../core/lock.ts';
import { leaderCommand, withFlags } from '../core/next-step.ts';
import { describeWatching } from '../core/progress-words.ts';
import { printable } from '../core/text.ts';
import { deposePlanText } from '../output/depose-text.ts';
import { planText, refusalLine, refusalSheet, refusedWithFlags } from '../output/release-text.ts';
import { THEME } from '../output/theme.ts';
import {
  type Asking,
  type Cure,
  type CureVerb,
  deletionOf,
  type Proposal,
  type Saying,
  toDoOf,
} from './cure.ts';
import { chop, DIM, type Line, STRONG, wrap } from './spans.ts';
import type { Setting } from './state.ts';

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

function sayingLines({ text: words, hint, bad }: Saying, { sameCluster }: Setting, cells: number): Line[] {
  return [
    ...text(words, cells, bad ? THEME.bad.sgr : undefined),
    ...(hint === null ? [] : text(printable(withFlags(hint, sameCluster)), cells, DIM)),
  ];
}

function planLines(proposal: Proposal, { place }: Setting, cells: number): Line[] {
  const { report } = proposal;
  const sheet =
    proposal.verb === 'release'
      ? planText(place, report, proposal.plan, cells)
      : deposePlanText(place, report, proposal.plan, cells);
  return sheetLines(sheet, cells);
}

function askingLines({ proposal, notes, wrong }: Asking, setting: Setting, cells: number): Line[] {
  const name = printable(proposal.report.lock.primary.ref.name);
  const wish = `Type ${name} and enter to ${toDoOf(proposal)}; esc leaves. Nothing is written until then.`;
  const orDelete =
    'ctrl-d plans to delete it instead: for a lock whose updates are all answered 409 Conflict.';
  return [
    ...text(wish, cells, STRONG),
    ...(deletionOf(proposal) === null ? [] : text(orDelete, cells)),
    ...(wrong ? text('That was not its name: nothing was written.', cells, THEME.bad.sgr) : []),
    [],
    ...planLines(proposal, setting, cells),
    ...noteLines(notes, cells),
  ];
}

/** Everything that the dialog of a cure shows, in lines of at most `cells` cells. */
export function cureLines({ verb, ref, strategy, stage }: Cure, setting: Setting, cells: number): Line[] {
  const { sameCluster } = setting;
  switch (stage.is) {
    case 'examining': {
      const label = printable(lockId(ref));
      const words =
        stage.progress === null ? `looking for ${label}…` : describeWatching(label, stage.progress);
      return [...text(words, cells), [], ...text('Nothing is written until you confirm it.', cells, DIM)];
    }
    case 'refused': {
      const { report, refused, notes } = stage;
      const flags = [...(strategy === null ? [] : ['--strategy', strategy]), '--force'];
      const override = withFlags(
        `only by the command: ${leaderCommand(verb, report.lock.primary.ref, ...flags)}`,
        sameCluster,
      );
      return [
        ...text(refusalLine(report, refused, verb), cells, THEME.bad.sgr),
        [],
        ...sheetLines(
          refusalSheet(report, refusedWithFlags(refused, sameCluster), printable(override), cells),
          cells,
        ),
        ...noteLines(notes, cells),
      ];
    }
    case 'asking':
      return askingLines(stage, setting, cells);
    case 'halted':
      return [
        ...sayingLines(stage.saying, setting, cells),
        [],
        ...text('enter examines it again, esc leaves.', cells, STRONG),
      ];
    case 'working': {
      const waiting = stage.leaving
        ? 'leaving, unless the write is on its way already…'
        : (stage.doing ?? 'working…');
      return [
        ...stage.sayings.flatMap((saying) => sayingLines(saying, setting, cells)),
        ...text(waiting, cells, THEME.unknown.sgr),
      ];
    }
    case 'ended': {
      const next = 'ctrl-d examines it again, to delete it instead; esc leaves.';
      return [
        ...stage.sayings.flatMap((saying) => sayingLines(saying, setting, cells)),
        ...(stage.deletable ? [[], ...text(next, cells, STRONG)] : []),
      ];
    }
  }
}

export function cureTitle(verb: CureVerb, label: string): string {
  return `${verb === 'release' ? 'Release' : 'Depose the holder of'}  ${label}`;
}
