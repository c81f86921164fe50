import { describe, expect, it } from 'vitest';
import { jsonPatched } from '../../src/sandbox/api/json-patch.ts';

const BEFORE = { a: 1, list: ['x', 'y'], 'with/slash': { '~': true } };

describe('a JSON patch', () => {
  it.each([
    ['add', [{ op: 'add', path: '/b', value: 2 }], { ...BEFORE, b: 2 }],
    ['add into a list', [{ op: 'add', path: '/list/1', value: 'n' }], { ...BEFORE, list: ['x', 'n', 'y'] }],
    ['add at the end', [{ op: 'add', path: '/list/-', value: 'n' }], { ...BEFORE, list: ['x', 'y', 'n'] }],
    ['remove', [{ op: 'remove', path: '/list/0' }], { ...BEFORE, list: ['y'] }],
    ['replace', [{ op: 'replace', path: '/list/0', value: 'z' }], { ...BEFORE, list: ['z', 'y'] }],
    [
      'replace at an escaped path',
      [{ op: 'replace', path: '/with~1slash/~0', value: 0 }],
      { ...BEFORE, 'with/slash': { '~': 0 } },
    ],
    ['copy', [{ op: 'copy', from: '/a', path: '/b' }], { ...BEFORE, b: 1 }],
    [
      'move',
      [{ op: 'move', from: '/a', path: '/b' }],
      { list: BEFORE.list, 'with/slash': BEFORE['with/slash'], b: 1 },
    ],
    ['a test that holds', [{ op: 'test', path: '/list', value: ['x', 'y'] }], BEFORE],
    ['the whole document', [{ op: 'replace', path: '', value: 7 }], 7],
  ])('%s', (_, patch, after) => {
    const before = structuredClone(BEFORE);
    expect(jsonPatched(before, patch)).toEqual(after);
    expect(before).toEqual(BEFORE);
  });

  it.each([
    ['no list', { op: 'add' }],
    ['an unknown operation', [{ op: 'toString', path: '/a' }]],
    ['nothing to remove', [{ op: 'remove', path: '/nope' }]],
    ['nothing to replace', [{ op: 'replace', path: '/nope', value: 1 }]],
    ['a path into nothing', [{ op: 'add', path: '/nope/deep', value: 1 }]],
    ['a pointer that is none', [{ op: 'add', path: 'a', value: 1 }]],
    ['a test that fails', [{ op: 'test', path: '/a', value: 2 }]],
    ['what no object has of its own', [{ op: 'add', path: '/__proto__/polluted', value: true }]],
    ['the prototype itself', [{ op: 'add', path: '/__proto__', value: { polluted: true } }]],
  ])('is refused: %s', (_, patch) => {
    expect(() => jsonPatched(BEFORE, patch)).toThrowError(expect.objectContaining({ code: 'invalid' }));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
