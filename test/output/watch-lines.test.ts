import { describe, expect, test } from 'vitest';
import type { LockReport, Snapshot } from '../../src/core/report.ts';
import { OUTPUTS } from '../../src/output/index.ts';
import { changesBetween } from '../../src/output/watch-lines.ts';
import { frozen, ghost, healthy, NOW, sampleReport } from './sample-reports.ts';

const at = (...reports: LockReport[]): Snapshot => ({ reports, notes: [], takenAt: NOW });

function told(before: Snapshot | null, after: Snapshot): string[] {
  return changesBetween(before, after).map(({ event, report }) => `${event} ${report.lock.primary.ref.name}`);
}

describe('changes between snapshots', () => {
  test.each<[string, Snapshot | null, Snapshot, string[]]>([
    [
      'the first snapshot is all new',
      null,
      at(frozen, healthy),
      ['added kube-controller-manager', 'added kube-scheduler'],
    ],
    ['the same again', at(frozen), at(frozen), []],
    ['a renewal alone', at(healthy), at({ ...healthy, renewal: { ...healthy.renewal, seen: 9 } }), []],
    ['a verdict', at(healthy), at({ ...healthy, verdict: 'Late' }), ['changed kube-scheduler']],
    [
      'a verdict that is proven now',
      at(frozen),
      at({ ...frozen, grade: 'watched' }),
      ['changed kube-controller-manager'],
    ],
    [
      'another holder',
      at(healthy),
      at({ ...healthy, holder: { ...healthy.holder, identity: 'other' } }),
      ['changed kube-scheduler'],
    ],
    [
      "the holder's presence",
      at(healthy),
      at({ ...healthy, holder: { ...healthy.holder, presence: 'failing' } }),
      ['changed kube-scheduler'],
    ],
    ['a lock that vanished', at(frozen, healthy), at(healthy), ['deleted kube-controller-manager']],
    ['a lock that came', at(healthy), at(ghost, healthy), ['added volume-provisioner']],
  ])('%s', (_, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  test('the same name in another namespace or kind is another lock', () => {
    const one = sampleReport({ namespace: 'a', name: 'x' });
    const other = sampleReport({ namespace: 'b', name: 'x' });
    const third = sampleReport({ namespace: 'a', name: 'x', kind: 'configmap' });
    expect(told(at(one), at(one, other, third))).toEqual(['added x', 'added x']);
  });
});

describe('running output', () => {
  const look = { headers: true, color: false, width: null };
  const later = at(healthy, sampleReport({ name: 'a-lock-with-a-much-longer-name-than-the-first-ones' }));

  test('a table has one header and says which locks were deleted', () => {
    const print = OUTPUTS.table.follow!(look);
    const text = [
      print(changesBetween(null, at(ghost, healthy)), NOW),
      print(changesBetween(at(ghost, healthy), later), NOW),
      print([], NOW),
    ].join('');
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.filter((line) => line.startsWith('NAMESPACE'))).toHaveLength(1);
    expect(lines[3]).toMatch(/a-lock-with-a-much-longer-name-than-the-first-ones {3}\S/);
    expect(lines[4]).toMatch(/^volumes .* deleted$/);
  });

  test('a table that begins empty has its header before its first row', () => {
    const print = OUTPUTS.table.follow!(look);
    expect(print([], NOW)).toBe('');
    expect(print(changesBetween(null, at(healthy)), NOW)).toMatch(/^NAMESPACE/);
  });

  test('jsonl puts what happened, and when, before the item', () => {
    const text = OUTPUTS.jsonl.follow!(look)(changesBetween(at(ghost), at()), NOW);
    const line = JSON.parse(text);
    expect(Object.keys(line).slice(0, 3)).toEqual(['event', 'at', 'namespace']);
    expect(line).toMatchObject({
      event: 'deleted',
      at: '2026-11-21T12:00:00.000000Z',
      name: 'volume-provisioner',
    });
  });

  test('one document cannot run on', () => {
    expect(OUTPUTS.json.follow).toBeNull();
    expect(OUTPUTS.yaml.follow).toBeNull();
  });
});
