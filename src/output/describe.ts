import type { CaseFile } from '../core/describe/case-file.ts';
import type { Evidence } from '../core/evidence.ts';
import { candidatesText, ghostText, historyText, obstaclesText } from './describe-around.ts';
import { headText, holderText, recordText, renewalText } from './describe-lock.ts';
import { item, type Page, section, verbatim, within } from './describe-parts.ts';

/** How the reader wants to see it. */
export interface CaseLook {
  color: boolean;
  /** The terminal's width in cells; null when the output is no terminal. */
  width: number | null;
}

/** Where no terminal says otherwise, and the widest that is still comfortable to read. */
const USUAL_WIDTH = 80;
const WIDEST = 100;
const NARROWEST = 40;

const GRADE_WIDTH = 'watched  '.length;

function evidenceText({ grade, text, from }: Evidence, page: Page): string {
  return item(grade.padEnd(GRADE_WIDTH), `${text} (${from})`, page);
}

function stepsText({ nextSteps }: CaseFile, page: Page): string {
  return section(
    'What to do',
    nextSteps.map(({ text, command }, at) => {
      const mark = `${at + 1}. `;
      const indent = ' '.repeat(mark.length);
      return item(mark, text, page) + (command === null ? '' : verbatim(command, indent));
    }),
  );
}

function notesText({ notes }: CaseFile, page: Page): string {
  return section(
    'Not looked at, or only in part',
    notes.map(({ text, hint }) => item('- ', text, page) + (hint === null ? '' : item('  ', hint, page))),
  );
}

function pageFor({ takenAt }: CaseFile, { width, color }: CaseLook): Page {
  return { now: takenAt, width: Math.max(NARROWEST, Math.min(WIDEST, width ?? USUAL_WIDTH)), color };
}

/** What was found around a lock, and neither in it nor in its holder. */
function aroundTexts(file: CaseFile, page: Page): string[] {
  return [
    historyText(file, page),
    candidatesText(file, page),
    obstaclesText(file, page),
    ghostText(file, page),
  ];
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n');
}

/** The part of a case that goes beyond the lock and its holder, and what could not be looked at. */
export function surroundingsText(file: CaseFile, look: CaseLook): string {
  const page = pageFor(file, look);
  return joined([...aroundTexts(file, page), notesText(file, within(page))]);
}

function caseText(file: CaseFile, look: CaseLook): string {
  const page = pageFor(file, look);
  const inner = within(page);
  return joined([
    headText(file, page),
    recordText(file, page),
    holderText(file, page),
    renewalText(file, page),
    ...aroundTexts(file, page),
    section(
      'Evidence',
      file.report.evidence.map((one) => evidenceText(one, inner)),
    ),
    notesText(file, inner),
    stepsText(file, inner),
  ]);
}

/** The cases one below the other, in the manner of `kubectl describe`. Ends with a newline. */
export function casesText(files: readonly CaseFile[], look: CaseLook): string {
  return files.map((file) => caseText(file, look)).join('\n\n');
}
