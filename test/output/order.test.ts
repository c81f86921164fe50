import { describe, expect, test } from 'vitest';
import { parseSort, sortReports } from '../../src/output/order.ts';
import { frozen, ghost, healthy, SNAPSHOT, sampleReport } from './sample-reports.ts';

const shown = (reports: readonly ReturnType<typeof sampleReport>[]): string[] =>
  reports.map(({ lock }) => lock.primary.ref.name);

describe('the default order', () => {
  test('is by verdict, the worst first, then by namespace and name', () => {
    const second = sampleReport({ namespace: 'aaa', name: 'zzz' });
    const third = sampleReport({ namespace: 'aaa', name: 'yyy' });
    expect(shown(sortReports([healthy, second, frozen, third, ghost], null))).toEqual([
      'volume-provisioner',
      'kube-controller-manager',
      'yyy',
      'zzz',
      'kube-scheduler',
    ]);
  });

  test('does not depend on the order given', () => {
    const once = sortReports(SNAPSHOT.reports, null);
    expect(sortReports(SNAPSHOT.reports.toReversed(), null)).toEqual(once);
  });
});

describe('--sort-by', () => {
  const young = sampleReport({ name: 'young', createdAgo: 1000, renewedAgo: 9000, acquiredAgo: 5000 });
  const old = sampleReport({ name: 'old', createdAgo: 90_000, renewedAgo: 1000, acquiredAgo: 7000 });
  const unknown = sampleReport({ name: 'unknown', createdAgo: null, renewedAgo: null, acquiredAgo: null });

  test.each([
    ['age', ['young', 'old', 'unknown']],
    ['-age', ['old', 'young', 'unknown']],
    ['AGE', ['young', 'old', 'unknown']],
    ['renewed', ['old', 'young', 'unknown']],
    ['-renewed', ['young', 'old', 'unknown']],
    ['held', ['young', 'old', 'unknown']],
    ['lock', ['old', 'unknown', 'young']],
    ['-Lock', ['young', 'unknown', 'old']],
  ])('%s; what is unknown comes last', (text, expected) => {
    expect(shown(sortReports([unknown, young, old], parseSort(text)))).toEqual(expected);
  });

  test('durations are compared as lengths, not as texts', () => {
    const long = sampleReport({ name: 'long', record: { durationMs: 137_000 } });
    const short = sampleReport({ name: 'short', record: { durationMs: 15_000 } });
    expect(shown(sortReports([long, short], parseSort('duration')))).toEqual(['short', 'long']);
  });

  test('an unknown column is an error that lists the known ones', () => {
    expect(() => parseSort('-nonsense')).toThrow('unknown column "-nonsense" for --sort-by');
    expect(() => parseSort('x')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('renewed') }),
    );
  });
});
