import { describe, expect, test } from 'vitest';
import { read } from '../../src/tui/keyboard.ts';
import { BINDINGS } from '../../src/tui/keymap.ts';

const plain = { input: '', names: {}, ctrl: false, meta: false };

describe('what was pressed', () => {
  test.each([
    ['a letter', { input: 'j' }, ['j']],
    ['a capital', { input: 'G' }, ['G']],
    ['an arrow', { names: { upArrow: true } }, ['up']],
    ['enter', { input: '\r', names: { return: true } }, ['enter']],
    ['line feed', { input: '\n' }, ['enter']],
    ['ctrl-C', { input: 'c', ctrl: true }, ['ctrl-c']],
    ['an unknown sequence', { input: '' }, []],
    ['alt and a letter', { input: 'q', meta: true }, []],
    ['a key held down on a slow line', { input: 'jjjj' }, ['j', 'j', 'j', 'j']],
    ['a letter of two code units', { input: '𝒳' }, ['𝒳']],
    ['keys that came together', { input: '/gho' }, ['/', 'g', 'h', 'o']],
    ['a key and enter that came together', { input: 'j\r' }, ['j', 'enter']],
    ['a short name and enter', { input: 'worker\n' }, ['w', 'o', 'r', 'k', 'e', 'r', 'enter']],
  ])('%s', (_, pressed, keys) => {
    expect(read({ ...plain, ...pressed })).toEqual({ keys });
  });

  test.each([['quit now!'], ['[200z'], ['jjjjjjjjjjjj'], ['j\rk'], ['j\rk\r'], ['\rj'], ['j\r\n']])(
    '%j is a paste',
    (input) => {
      expect(read({ ...plain, input })).toEqual({ text: input, entered: false });
    },
  );

  test.each([['my-operator\r'], ['my-operator\n']])('%j is typed ahead', (input) => {
    expect(read({ ...plain, input })).toEqual({ text: 'my-operator', entered: true });
  });
});

test('no key means two things in one place, unless what it does depends on what there is', () => {
  const meanings = BINDINGS.flatMap(({ keys, places, action, when }) =>
    places.flatMap((place) =>
      when === undefined ? keys.map((key) => ({ key: `${place} ${key}`, action })) : [],
    ),
  );
  expect(new Set(meanings.map(({ key }) => key)).size).toBe(meanings.length);
});
