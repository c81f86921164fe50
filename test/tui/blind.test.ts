import { describe, expect, it, test } from 'vitest';
import type { LockReport } from '../../src/core/report.ts';
import { visibleRows } from '../../src/tui/rows.ts';
import { snapshotOf, spokenGist } from '../../src/tui/selectors.ts';
import { type Sample, sampleReport, unproven } from '../output/sample-reports.ts';
import { Story } from './story.ts';

function worker(renewedAgo: number, sample: Sample = {}): LockReport {
  const renewal = {
    seen: 9,
    gapsMs: [2_000, 2_000],
    watchedSilenceMs: renewedAgo,
    lastRenewedAgoMs: renewedAgo,
  };
  return sampleReport({
    namespace: 'apps',
    name: 'worker',
    renewedAgo,
    renewal,
    report: { grade: 'watched' },
    ...sample,
  });
}

const wide = { columns: 160 };

/** What stands under RENEWED and under LEFT, at the cells where their headers begin. */
function timesOf(story: Story, name = 'worker'): string[] {
  const header = story.line('VERDICT');
  return ['RENEWED', 'LEFT'].map(
    (title) => story.line(name).slice(header.indexOf(title)).split(' ')[0] ?? '',
  );
}

describe('a lock that is not seen any more', () => {
  it('keeps the age it had when sight was lost, and tells no time left', () => {
    const story = new Story(wide).show(worker(1_000)).wait(3_000);
    expect(timesOf(story)).toEqual(['4s', '11s']);
    expect(timesOf(story.blind().wait(60_000))).toEqual(['4s?', '?']);
    expect(timesOf(story.show(worker(500)))).toEqual(['0s', '14s']);
  });

  it('the same when it is judged anew meanwhile', () => {
    const story = new Story(wide).show(worker(4_000)).blind().wait(60_000);
    const { sightline } = story.state;
    story.glimpse({
      changed: [
        story.lock(
          worker(64_000, { renewal: { seen: 9, lastRenewedAgoMs: 64_000, watchedSilenceMs: 4_000 } }),
        ),
      ],
      sightline,
    });
    expect(timesOf(story)).toEqual(['4s?', '?']);
  });

  it('a watch that only begins anew is no blindness', () => {
    const story = new Story(wide).show(worker(1_000)).blind(null).wait(2_000);
    expect(timesOf(story)).toEqual(['3s', '12s']);
    expect(timesOf(story.wait(2_000))).toEqual(['1s?', '?']);
  });

  it('of one that nobody held it is not known whether it is free still', () => {
    const free = worker(1_000, { identity: '' });
    const story = new Story(wide).show(free);
    expect(timesOf(story)[1]).toBe('free');
    expect(timesOf(story.blind().wait(5_000))[1]).toBe('?');
  });

  it('of one that is never renewed there was no such time to begin with', () => {
    const story = new Story(wide).show(unproven).blind().wait(5_000);
    expect(timesOf(story, 'by-design')).toEqual(['never', '-']);
  });

  it('is dim, selected or not', () => {
    const story = new Story().show(worker(1_000), worker(1_000, { name: 'other' }));
    const isDim = (): boolean[] =>
      visibleRows(story.state).flatMap(({ line }) =>
        line.filter(({ text }) => text.trim() !== '').map(({ sgr = '' }) => sgr.split(';').includes('2')),
      );
    expect(isDim()).not.toContain(true);
    story.blind();
    expect(isDim()).not.toContain(false);
  });

  it('is read aloud like that', () => {
    const story = new Story({ setting: { screenReader: true } }).show(worker(4_000));
    const before = spokenGist(story.state);
    expect(visibleRows(story.state)[0]?.label).toContain('renewed 4s, left 11s');
    story.blind().wait(9_000);
    expect(visibleRows(story.state)[0]?.label).toContain('renewed 4s?, left ?');
    expect(spokenGist(story.state)).not.toBe(before);
  });

  test.each([80, 40])('its details say since when, dim, in %i columns', (columns) => {
    const story = new Story({ columns }).show(worker(4_000)).press('enter').wait(2_000);
    expect(story.frame).toMatch(/Time left: +9s/);
    story.blind().wait(12_000);
    const [title, , head, , verdict] = story.frame.split('\n').map((line) => line.trimEnd());
    expect(title).toMatch(/^apps.* blind for 12s/);
    expect(head).toBe('Blind for 12s: this is how it was last.');
    expect(verdict).toMatch(/^✓ Healthy/);
    expect(story.frame).toMatch(/Time left: +\?/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is looked for
    expect(story.drawn).toMatch(/\u001b\[2m✓ Healthy/);
    expect(story.show(worker(1_000)).frame).not.toContain('Blind');
  });

  it('is left behind as it was last, and that is said', () => {
    const story = new Story().show(worker(1_000)).wait(3_000);
    expect(snapshotOf(story.state).notes).toEqual([]);
    const { reports, notes } = snapshotOf(story.blind().wait(60_000).state);
    expect(reports.map(({ renewal }) => renewal.lastRenewedAgoMs)).toEqual([4_000]);
    expect(notes.map(({ text }) => text)).toEqual([
      'blind for 60 s when the list was left; what could not be seen is as it was before',
    ]);
  });
});

describe('while another kind of lock is blind', () => {
  const old = worker(1_000, { name: 'old', kind: 'endpoints' });

  it('a lock is seen as before', () => {
    const story = new Story(wide).show(worker(1_000), old).blind('no route', ['endpoints']).wait(2_000);
    expect(timesOf(story)).toEqual(['3s', '12s']);
    expect(timesOf(story, 'old')).toEqual(['1s?', '?']);
    expect(story.press('G', 'enter').frame).not.toContain('this is how it was last');
  });
});
