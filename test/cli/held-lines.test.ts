import { expect, test } from 'vitest';
import { HeldLines } from '../../src/cli/held-lines.ts';

test('lines wait while the list has the screen, and come in their order', () => {
  let [screen, written] = [false, ''];
  const lines = new HeldLines(
    (text) => {
      written += text;
    },
    () => screen,
  );
  lines.tell('before');
  expect(written).toBe('before\n');
  screen = true;
  lines.tell('one');
  lines.tell('two');
  expect(written).toBe('before\n');
  screen = false;
  lines.tell('after');
  expect(written).toBe('before\none\ntwo\nafter\n');
});

test('a list that is open for days does not collect them without end', () => {
  let written = '';
  const lines = new HeldLines(
    (text) => {
      written += text;
    },
    () => true,
  );
  for (let index = 0; index < 5_000; index++) lines.tell(`line ${index}`);
  lines.flush();
  const kept = written.trimEnd().split('\n');
  expect(kept[0]).toBe('(3000 earlier lines are not shown)');
  expect(kept).toHaveLength(2_001);
  expect(kept.at(-1)).toBe('line 4999');
});
