import { expect, test } from 'vitest';
import { Slots } from '../../src/kube/http-transport-slots.ts';

/** Takes slots, one after another; how many of them were given so far, and how to give one back. */
function takers(slots: Slots, count: number) {
  const given: (() => void)[] = [];
  for (let index = 0; index < count; index += 1) void slots.take(undefined).then((back) => given.push(back));
  return given;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test.each([
  ['so many as there are', 3, 3],
  ['the first two beyond wait: a connection will soon be free', 5, 3],
  ['the next one opens another', 6, 4],
  ['and so does each', 8, 6],
  ['but not for ever', 20, 6],
])('%s', async (_name, asked, expected) => {
  const given = takers(new Slots(3, 6), asked);
  await turn();
  expect(given).toHaveLength(expected);
});

test('what is given back goes to whoever waits longest, and is not given twice', async () => {
  const slots = new Slots(1, 1);
  const order: number[] = [];
  const backs: (() => void)[] = [];
  for (const name of [1, 2, 3]) {
    void slots.take(undefined).then((back) => {
      order.push(name);
      backs.push(back);
    });
  }
  await turn();
  expect(order).toEqual([1]);
  backs[0]?.();
  backs[0]?.();
  await turn();
  expect(order).toEqual([1, 2]);
});

test('who leaves the queue is passed over', async () => {
  const slots = new Slots(1, 1);
  const given = takers(slots, 1);
  const leaving = new AbortController();
  const left = slots.take(leaving.signal);
  const next = takers(slots, 1);
  await turn();
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'interrupted' });
  given[0]?.();
  await turn();
  expect(next).toHaveLength(1);
});
