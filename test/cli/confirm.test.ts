import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { askThrough, confirmed } from '../../src/cli/confirm.ts';

function terminal() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const abort = new AbortController();
  const answer = askThrough(input, output)('Name? ', abort.signal);
  return { input, output, abort, answer };
}

describe('a question', () => {
  test.each([
    ['worker\n', 'worker'],
    ['worker\r\nmore\n', 'worker'],
    ['\n', ''],
  ])('%j is answered with %j', async (typed, expected) => {
    const { input, output, answer } = terminal();
    input.write(typed);
    expect(await answer).toBe(expected);
    output.end();
    expect(await text(output)).toBe('Name? ');
  });

  test('the end of the input is no answer', async () => {
    const { input, output, answer } = terminal();
    input.end();
    expect(await answer).toBeNull();
    output.end();
    expect(await text(output)).toBe('Name? \n');
  });

  test('an interruption is no answer', async () => {
    const { input, abort, answer } = terminal();
    input.write('wor');
    abort.abort();
    expect(await answer).toBeNull();
    const late = new AbortController();
    late.abort();
    expect(await askThrough(input, new PassThrough())('Again? ', late.signal)).toBeNull();
  });

  test('only the whole name confirms', async () => {
    const signal = new AbortController().signal;
    const to = { name: 'worker', toDo: 'release it' };
    expect(await confirmed(() => Promise.resolve('worker '), to, signal)).toBe(true);
    expect(await confirmed(() => Promise.resolve('Worker'), to, signal)).toBe(false);
    expect(await confirmed(() => Promise.resolve(null), to, signal)).toBe(false);
  });
});
