import { describe, expect, it } from 'vitest';
import { withFlags } from '../../src/core/next-step.ts';

const PROD = ['--context', "it's prod"];
const WORDS = String.raw`--context 'it'\''s prod'`;

describe('flags in what is advised', () => {
  it.each([
    ['a command', 'kubectl leader release a/lease/b', `kubectl leader release ${WORDS} a/lease/b`],
    [
      'one that a sentence goes on behind',
      'Depose the holder: kubectl leader depose a/lease/b takes the lock',
      `Depose the holder: kubectl leader depose ${WORDS} a/lease/b takes the lock`,
    ],
    ["one of kubectl's own", 'See: kubectl -n a logs b', `See: kubectl ${WORDS} -n a logs b`],
    [
      'one behind another',
      'To finish: kubectl -n a patch lease b && kubectl leader release c --strategy delete',
      `To finish: kubectl ${WORDS} -n a patch lease b && kubectl leader release ${WORDS} c --strategy delete`,
    ],
    ['a sentence without any', 'What kubectl leader says of it', 'What kubectl leader says of it'],
  ])('%s', (_, text, expected) => {
    expect(withFlags(text, PROD)).toBe(expected);
    expect(withFlags(text, [])).toBe(text);
  });
});
