import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { build } from 'esbuild';
import { Box, renderToString, Text } from 'ink';
import { createElement, type ReactNode } from 'react';
import { beforeAll, describe, expect, it } from 'vitest';
import { inkAsCommonJs, quickFrames } from '../../scripts/bundled-ink.ts';

interface Ink {
  renderToString: typeof renderToString;
  createElement: typeof createElement;
  Box: typeof Box;
  Text: typeof Text;
}

const FROM_NPM: Ink = { renderToString, createElement, Box, Text };

const WIDTH = 40;

const LINES = [
  'plain',
  '  indented, and blanks at its end   ',
  ' ',
  '\u001b[1;31m✗ Ghost\u001b[0m  \u001b[7mselected   \u001b[0m',
  '✓ Healthy … ● live ▸ ↑ ↓ ← → ·',
  '漢字 and 👩‍👩‍👧‍👦 and e\u0301',
  'exactly as wide as the terminal, to here',
  'wider than the terminal, so that its end is cut off',
];

type Frame = (ink: Ink) => ReactNode;

const text =
  (line: string): Frame =>
  ({ createElement: make, Text: Part }) =>
    make(Part, { wrap: 'truncate-end' }, line);

function box(direction: 'row' | 'column', lines: readonly string[]): Frame {
  return (ink) => {
    const parts = lines.map((line) => text(line)(ink));
    return ink.createElement(ink.Box, { flexDirection: direction, width: WIDTH }, ...parts);
  };
}

describe('Ink as it is bundled draws what Ink draws', () => {
  let bundled: Ink;
  beforeAll(async () => {
    const contents =
      "export { Box, renderToString, Text } from 'ink'; export { createElement } from 'react';";
    const define = { 'import.meta.url': 'importMetaUrl', 'process.env.DEV': '"false"' };
    const { outputFiles } = await build({
      ...{ stdin: { contents, resolveDir: import.meta.dirname }, plugins: [inkAsCommonJs, quickFrames] },
      ...{ bundle: true, format: 'cjs', platform: 'node', write: false, define },
    });
    const module = { exports: {} };
    const url = pathToFileURL(import.meta.filename).href;
    const run = new Function('module', 'exports', 'require', 'importMetaUrl', outputFiles[0]!.text);
    run(module, module.exports, createRequire(import.meta.url), url);
    bundled = module.exports as Ink;
  }, 60_000);

  const drawn = (ink: Ink, frame: Frame): string =>
    stripVTControlCharacters(ink.renderToString(frame(ink), { columns: WIDTH }));
  const blank = (screen: string): string => screen.replaceAll(/ +$/gm, '');

  it.each([
    ...LINES.map((line): [string, Frame] => [`one line: ${line}`, box('column', [line])]),
    ['lines below each other', box('column', LINES)],
    ['texts beside each other', box('row', ['left', ' ', 'right'])],
    ['a text of two lines', box('column', ['one\ntwo', 'three'])],
  ])('%s', (_, frame) => {
    const expected = drawn(FROM_NPM, frame);
    expect(blank(drawn(bundled, frame))).toBe(blank(expected));
  });

  it('keeps styles', () => {
    const line = `\u001b[1;31mbad\u001b[0m \u001b[7mchosen   \u001b[0m`;
    expect(bundled.renderToString(box('column', [line])(bundled))).toBe(line);
  });
});
