import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { cellWidth } from '../../src/output/width.ts';
import { plan, reportOf } from '../core/release-stage.ts';
import { frozen, ghost, SNAPSHOT, sampleReport } from '../output/sample-reports.ts';
import { CureStory, deposing, NAME, orphaned, saying } from './cure-stage.ts';
import { Story } from './story.ts';

const watched = { ...ghost, renewal: { ...ghost.renewal, gapsMs: [2000, 4000, 2000, 2000] } };

function full(columns: number, rows: number, color = false): Story {
  const story = new Story({ columns, rows, setting: { color } });
  return story.show(...SNAPSHOT.reports, watched).glimpse({ notes: SNAPSHOT.notes });
}

function refused(): Story {
  const report = reportOf('Healthy');
  const planned = plan(report);
  if (planned.is !== 'refusal') throw new Error('not refused');
  const story = new CureStory(report, { columns: 80, rows: 24 }).press('r');
  return story.hear({ is: 'refused', report, refused: planned, notes: [] });
}

describe('frames', () => {
  test.each([
    ['list-80x24', () => full(80, 24).frame],
    ['list-40x16', () => full(40, 16).frame],
    ['list-200x60', () => full(200, 60).frame],
    ['list-color', () => full(120, 16, true).drawn],
    ['list-monochrome', () => full(120, 16).drawn],
    ['list-wide', () => full(200, 16).press('w').frame],
    ['list-filtered', () => full(80, 16).press('/', 'g', 'h').frame],
    ['list-empty', () => new Story().glimpse({}).frame],
    ['list-opening', () => new Story().frame],
    ['list-blind', () => full(120, 16, true).blind('no route', undefined, 0).drawn],
    ['details-80x24', () => full(80, 24).press('enter').frame],
    ['details-40x16', () => full(40, 16).press('enter').frame],
    ['sort', () => full(80, 24).press('s', 'down').frame],
    ['namespaces', () => full(80, 24).press('n').frame],
    ['release-80x24', () => new CureStory(orphaned, { columns: 80, rows: 24 }).asked().type('wor').frame],
    ['release-40x24', () => new CureStory(orphaned, { columns: 40, rows: 24 }).asked().type('wor').frame],
    [
      'release-wrong-color',
      () =>
        new CureStory(orphaned, { columns: 80, rows: 24, setting: { color: true } }).asked().press('enter')
          .drawn,
    ],
    [
      'release-going-on',
      () => new CureStory(orphaned, { columns: 80, rows: 12 }).confirmed().saved().written().frame,
    ],
    [
      'release-ended',
      () => new CureStory(orphaned, { columns: 80, rows: 12 }).confirmed().saved().written().ended().frame,
    ],
    ['release-refused', () => refused().frame],
    ['depose-80x24', () => deposing({ columns: 80, rows: 24 }).frame],
    [
      'depose-going-on',
      () =>
        deposing({ columns: 80, rows: 12 })
          .type(NAME)
          .press('enter')
          .hear({ is: 'said', saying: saying('12:00:00Z  lease/worker taken'), written: true })
          .hear({
            is: 'doing',
            text: 'holding it until the old leader must have stopped, 3 of 17 s',
            left: 'work',
          }).frame,
    ],
    ['help-80x24', () => full(80, 24).press('?').frame],
    ['help-40x60', () => full(40, 60).press('?').frame],
  ])('%s', async (name, frame) => {
    await expect(`${frame()}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it('has no colour where none is wanted', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is looked for
    expect(full(120, 16).drawn).not.toMatch(/\u001b\[[0-9;]*(3[0-9]|4[0-9]|9[0-9])m/);
  });

  it('tells severities apart without colour', () => {
    const { frame } = full(120, 24);
    expect(frame).toMatch(/✗ Ghost/);
    expect(frame).toMatch(/✓ Healthy/);
  });
});

describe('whatever is written into a record', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\u001b]0;x\u0007',
      '\u001b[2J',
      'a\nb',
      '\u202e',
      '漢字'.repeat(30),
      '👩‍👩‍👧‍👦',
      '\r',
      '\u009b31m',
    ),
  );

  const places = ['list', 'details', 'wide'] as const;

  it('no line is wider than the terminal, no frame higher, and nothing is executed', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 220 }), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(
        anyText,
        anyText,
        sizes,
        fc.constantFrom(...places),
        (identity, found, [columns, rows], place) => {
          const report = sampleReport({
            identity,
            name: found,
            holder: { found, identity },
            namespace: identity,
          });
          const story = new Story({
            columns,
            rows,
            setting: { place: { context: found, server: found } },
          }).show(report, frozen);
          if (place === 'details') story.press('G', 'enter');
          if (place === 'wide') story.press('w');
          const lines = story.frame.split('\n');
          expect(lines.length).toBeLessThanOrEqual(Math.max(rows, place === 'details' ? 4 : 5));
          for (const line of lines) expect(cellWidth(line)).toBeLessThanOrEqual(columns);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is looked for
          expect(story.frame).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        },
      ),
      { numRuns: 150 },
    );
  });
});

it('a screen reader is told rows in words, and a second that passes is no news', async () => {
  const { spokenGist } = await import('../../src/tui/selectors.ts');
  const { visibleRows } = await import('../../src/tui/rows.ts');
  const story = new Story({ setting: { screenReader: true } }).show(frozen);
  expect(visibleRows(story.state)[0]?.label).toBe(
    'selected: Frozen?, kube-controller-manager, endpoints in kube-system, holder node/master-2, found Ready, renewed 5d2h, left over, held 26d, age 26d',
  );
  const before = spokenGist(story.state);
  expect(spokenGist(story.wait(5_000).state)).toBe(before);
  expect(spokenGist(story.show({ ...frozen, grade: 'watched' }).state)).not.toBe(before);
});
