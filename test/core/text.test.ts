import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/core/text.ts';

describe('text of others on a terminal', () => {
  it.each([
    ['plain', 'plain'],
    ['node-1_6d8f3f0c', 'node-1_6d8f3f0c'],
    ['漢字 and émoji 🙂', '漢字 and émoji 🙂'],
    ['\u001b[2Jgone', '^[[2Jgone'],
    ['two\nlines', 'two\\nlines'],
    ['bell\u0007', 'bell\\x07'],
    ['\u009b31m', '\\x9b31m'],
    ['abc\u202edef', 'abc\\u202edef'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half \ud800 pair', 'half \\ud800 pair'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('never has anything in it that a terminal would act on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});
