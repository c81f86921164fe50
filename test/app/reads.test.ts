import { expect, test } from 'vitest';
import { Reads } from '../../src/app/reads.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { DAEMONSETS, ENDPOINTS, JOBS, NODES, PODS, type Resource } from '../../src/core/resources.ts';

async function notesAfter(refused: readonly [Resource, string | null][]): Promise<string[]> {
  const reads = new Reads();
  for (const [resource, namespace] of refused) {
    await reads.attempt('list', resource, namespace, () =>
      Promise.reject(new LeaderError('forbidden', 'no')),
    );
  }
  return reads.notes().map(({ text }) => text.replace(/:.*/, ''));
}

test('what could not be read is told in one order, whichever answer came first', async () => {
  const refused: [Resource, string | null][] = [
    [JOBS, null],
    [NODES, null],
    [DAEMONSETS, 'b'],
    [DAEMONSETS, 'a'],
    [PODS, null],
    [ENDPOINTS, null],
  ];
  const expected = [
    'not allowed to list endpoints in all namespaces',
    'not allowed to list pods in all namespaces',
    'not allowed to list nodes',
    'not allowed to list daemonsets.apps in a, b',
    'not allowed to list jobs.batch in all namespaces',
  ];
  expect(await notesAfter(refused)).toEqual(expected);
  expect(await notesAfter(refused.toReversed())).toEqual(expected);
});
