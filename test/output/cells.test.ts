import { describe, expect, test } from 'vitest';
import { COLUMNS } from '../../src/output/columns.ts';
import { NOW, type Sample, sampleReport, split } from './sample-reports.ts';

function cell(id: string, sample: Sample): string {
  return COLUMNS.find((column) => column.id === id)!.cell(sampleReport(sample), NOW);
}

const CELLS: [id: string, name: string, sample: Sample, expected: string][] = [
  [
    'holder',
    'a pod',
    { namespace: 'x', holder: { ref: { kind: 'Pod', namespace: 'x', name: 'p' } } },
    'pod/p',
  ],
  [
    'holder',
    'a pod of another namespace',
    { namespace: 'x', holder: { ref: { kind: 'Pod', namespace: 'sts', name: 'db-0' } } },
    'pod/sts/db-0',
  ],
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

  const UUID = '59e1f0aa-1111-4222-8333-444455556666';

  test.each([
    ['lock', 'what fits stays', 'endpoints/volume-provisioner', 28, 'endpoints/volume-provisioner'],
    [
      'lock',
      "kubectl's short word for its kind",
      'endpoints/volume-provisioner',
      27,
      'ep/volume-provisioner',
    ],
    ['lock', 'then the middle goes', 'configmap/volume-provisioner', 12, 'cm/vo…sioner'],
    ['lock', 'a Lease named like a kind', 'lease/endpoints/x', 12, 'lease…ints/x'],
    ['holder', 'what fits stays', `web-7d9_${UUID}`, 44, `web-7d9_${UUID}`],
    ['holder', 'the UUID goes first', `web-7d9_${UUID}`, 43, 'web-7d9…'],
    ['holder', 'and says so', `web-7d9-x2x8k_${UUID}`, 13, 'web-7d…-x2x8k'],
    ['holder', 'then the middle: replicas differ in their end', `web-7d9f-x2x8k_${UUID}`, 9, 'web-…2x8k'],
    ['holder', 'a UUID alone is all there is', UUID, 9, '59e1…6666'],
    ['holder', 'a pod', 'pod/web-7d9f-x2x8k', 11, 'pod/w…x2x8k'],
    ['namespace', 'loses its middle', 'team-a-production', 9, 'team…tion'],
    [
      'found',
      'what is wrong before where',
      'Running on worker-3 (node NotReady)',
      24,
      'Running (node NotReady)',
    ],
    ['found', 'then what is wrong alone', 'Running on worker-3 (node NotReady)', 16, 'node NotReady'],
    ['found', 'nothing wrong: the end goes', 'Running on worker-3', 14, 'Running on wo…'],
    ['found', 'loses its end', 'gone (DaemonSet pod)', 9, 'gone (Da…'],
  ])('%s in few cells: %s', (id, _, text, cells, expected) => {
    expect(COLUMNS.find((column) => column.id === id)!.fit(text, cells)).toBe(expected);
  });

  test('format names both halves of a multilock', () => {
    expect(COLUMNS.find(({ id }) => id === 'format')!.cell(split, NOW)).toBe('annotation+lease');
  });
});
