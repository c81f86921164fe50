import { describe, expect, test } from 'vitest';
import { COLUMNS } from '../../src/output/columns.ts';
import { NOW, type Sample, sampleReport, split } from './sample-reports.ts';

function cell(id: string, sample: Sample): string {
  return COLUMNS.find((column) => column.id === id)!.cell(sampleReport(sample), NOW);
}

const CELLS: [id: string, name: string, sample: Sample, expected: string][] = [
  ['holder', 'a pod', { holder: { ref: { kind: 'Pod', namespace: 'x', name: 'p' } } }, 'pod/p'],
  ['holder', 'a node', { holder: { ref: { kind: 'Node', namespace: null, name: 'n' } } }, 'node/n'],
  ['holder', 'not found', { identity: 'somebody' }, 'somebody'],
  ['holder', 'vacated', { identity: '' }, '<none>'],
  ['holder', 'never held', { identity: null }, '<none>'],
  ['renewed', 'long ago', { renewedAgo: 26 * 3_600_000 }, '26h'],
  ['renewed', 'unknown', { renewedAgo: null }, '<unknown>'],
  ['renewed', 'never, by design', { renewal: { state: 'perpetual', lastRenewedAgoMs: 5 } }, '<never>'],
  ['held', 'since', { acquiredAgo: 119_000 }, '119s'],
  ['held', 'unknown', { acquiredAgo: null }, '<unknown>'],
  ['held', 'by nobody', { identity: '', acquiredAgo: 1000 }, '<none>'],
  ['held', "since the holder's future", { acquiredAgo: -5000 }, '<invalid>'],
  ['age', 'of the object', { createdAgo: 600_000 }, '10m'],
  ['duration', 'in seconds', { record: { durationMs: 137_000 } }, '2m17s'],
  ['duration', 'none', { record: { durationMs: null } }, '<none>'],
  ['transitions', 'zero is a number', { record: { transitions: 0 } }, '0'],
  ['transitions', 'not carried', { record: { transitions: null } }, '<none>'],
  ['evidence', 'none', {}, '<none>'],
  [
    'format',
    'of a heartbeat',
    { report: { heartbeat: { id: 'node', title: 'node heartbeat' } } },
    'lease (node heartbeat)',
  ],
  ['verdict', 'healthy by the clock', { report: { verdict: 'Healthy', grade: 'clock' } }, 'Healthy'],
  ['verdict', 'healthy but unproven', { report: { verdict: 'Healthy', unproven: true } }, 'Healthy?'],
  ['verdict', 'an accusation by the clock', { report: { verdict: 'Ghost', grade: 'clock' } }, 'Ghost?'],
  ['verdict', 'a warning by the clock', { report: { verdict: 'Late', grade: 'clock' } }, 'Late?'],
  ['verdict', 'an accusation that was watched', { report: { verdict: 'Ghost', grade: 'watched' } }, 'Ghost'],
  ['verdict', 'no accusation', { report: { verdict: 'Abandoned', grade: 'clock' } }, 'Abandoned'],
];

describe('cells', () => {
  test.each(CELLS)('%s: %s', (id, _, sample, expected) => {
    expect(cell(id, sample)).toBe(expected);
  });

  test('format names both halves of a multilock', () => {
    expect(COLUMNS.find(({ id }) => id === 'format')!.cell(split, NOW)).toBe('annotation+lease');
  });
});
