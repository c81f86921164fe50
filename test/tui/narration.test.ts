import { describe, expect, it } from 'vitest';
import { bodyRows } from '../../src/tui/geometry.ts';
import { narrationLines } from '../../src/tui/narration.ts';
import { Story } from './story.ts';

const TEXT =
  'The kubelet of worker-3 stopped reporting. Its containers run on, but nobody can tell.\nkubectl get nodes';

function textOf(story: Story): string[] {
  return narrationLines(story.state).map((line) => line.map(({ text }) => text).join(''));
}

describe('what is told below the list', () => {
  it('takes no room where nothing is told', () => {
    const story = new Story();
    const before = bodyRows(story.state);
    expect(textOf(story)).toEqual([]);
    story.send({ type: 'narration', text: TEXT });
    expect(before - bodyRows(story.state)).toBe(4);
  });

  it('is broken into lines, and stands above the keys', () => {
    const story = new Story({ columns: 60 }).send({ type: 'narration', text: TEXT });
    expect(textOf(story)).toEqual([
      '▸ The kubelet of worker-3 stopped reporting. Its containers',
      '  run on, but nobody can tell.',
      '  kubectl get nodes',
    ]);
    const lines = story.frame.split('\n');
    expect(lines).toHaveLength(24);
    expect(lines.slice(-5, -2)).toEqual(textOf(story));
    expect(lines.at(-1)).toMatch(/q quit$/);
  });

  it.each([
    [24, 4],
    [16, 2],
    [10, 1],
  ])('keeps the same room however much is told: %i rows', (rows, kept) => {
    const story = new Story({ columns: 40, rows });
    const room = (text: string): number => bodyRows(story.send({ type: 'narration', text }).state);
    expect(room('short')).toBe(room('long '.repeat(200)));
    expect(textOf(story)).toHaveLength(kept);
    for (const line of textOf(story)) expect(line.length).toBeLessThanOrEqual(40);
    expect(textOf(story).at(-1)).toMatch(/…$/);
  });

  it('shows control characters instead of obeying them', () => {
    const story = new Story().send({ type: 'narration', text: 'a\u001b[31mb' });
    expect(textOf(story).join('')).not.toContain('\u001b');
  });
});
