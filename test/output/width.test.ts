import { describe, expect, test } from 'vitest';
import { cellWidth, shorten, shortenMiddle } from '../../src/output/width.ts';

describe('cellWidth', () => {
  test.each([
    ['nothing', '', 0],
    ['ASCII', 'kube-scheduler', 14],
    ['Latin with an accent', 'é', 1],
    ['a combining accent', 'e\u0301', 1],
    ['a combining accent alone', '\u0301', 0],
    ['Chinese', '漢字', 4],
    ['Korean', '한국', 4],
    ['Korean in parts', '\u1112\u1161\u11ab', 2],
    ['full width', 'Ａ', 2],
    ['an emoji', '🙂', 2],
    ['a flag', '🇩🇪', 2],
    ['an emoji with a skin tone', '👍🏽', 2],
    ['a sign drawn as an emoji', '❤️', 2],
    ['a sign', '❤', 1],
    ['the cut', '…', 1],
    ['Arabic', 'سلام', 4],
    ['beyond the basic plane', '𠀀', 2],
  ])('%s', (_, text, width) => {
    expect(cellWidth(text)).toBe(width);
  });
});

describe('shorten', () => {
  test.each([
    ['what fits stays', 'abc', 3, 'abc'],
    ['the cut takes a cell', 'abcd', 3, 'ab…'],
    ['a wide character is never halved', '漢字漢', 4, '漢…'],
    ['marks stay with their character', 'e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['a flag is never halved', '🇩🇪🇫🇷', 3, '🇩🇪…'],
  ])('%s', (_, text, cells, expected) => {
    const short = shorten(text, cells);
    expect(short).toBe(expected);
    expect(cellWidth(short)).toBeLessThanOrEqual(cells);
  });
});

describe('shortenMiddle', () => {
  test.each([
    ['what fits stays', 'abc', 3, 'abc'],
    ['the end is as long as the beginning, or longer', 'abcdef', 4, 'a…ef'],
    ['nothing but the cut', 'abc', 1, '…'],
    ['a wide character is never halved', '漢字漢字', 4, '…字'],
    ['marks stay with their character', 'ae\u0301xxe\u0301b', 4, 'a…e\u0301b'],
  ])('%s', (_, text, cells, expected) => {
    expect(shortenMiddle(text, cells)).toBe(expected);
    expect(cellWidth(shortenMiddle(text, cells))).toBeLessThanOrEqual(cells);
  });
});
