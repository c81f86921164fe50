import { describe, expect, test } from 'vitest';
import { OUTPUTS } from '../../src/output/index.ts';
import { cellWidth } from '../../src/output/width.ts';
import { NOW, SNAPSHOT, sampleReport } from './sample-reports.ts';

const LOOK = { headers: true, color: false };

/** What incidents look like in a cluster of usual names. */
const REPORTS = [
  sampleReport({
    kind: 'endpoints',
    name: 'kube-controller-manager',
    identity: 'master-2_59e1f0aa-1111-4222-8333-444455556666',
    holder: { found: 'Running on ip-10-0-1-2' },
    report: { verdict: 'Frozen' },
  }),
  sampleReport({
    name: 'web',
    identity: 'web-operator-7d9f8b6c5-x2x8k_59e1f0aa-1111-4222-8333-444455556666',
    holder: { found: 'gone (Deployment pod)' },
    report: { verdict: 'Ghost' },
  }),
];

async function lines(
  width: number,
  reports = REPORTS,
  output: 'table' | 'wide' = 'table',
): Promise<string[]> {
  const text = await OUTPUTS[output].render({ reports, notes: [], takenAt: NOW }, { ...LOOK, width });
  return text.trimEnd().split('\n');
}

describe('a terminal that is too narrow', () => {
  test.each([
    [200, 'NAMESPACE LOCK HOLDER FOUND RENEWED HELD AGE VERDICT'],
    [135, 'NAMESPACE LOCK HOLDER FOUND RENEWED HELD VERDICT'],
    [120, 'NAMESPACE LOCK HOLDER FOUND RENEWED VERDICT'],
    [100, 'NAMESPACE LOCK HOLDER FOUND RENEWED VERDICT'],
    [80, 'LOCK HOLDER FOUND RENEWED VERDICT'],
    [66, 'LOCK FOUND RENEWED VERDICT'],
    [55, 'LOCK FOUND VERDICT'],
    [40, 'LOCK VERDICT'],
    [20, 'LOCK VERDICT'],
  ])('%i cells: %s', async (width, expected) => {
    expect((await lines(width))[0]?.split(/ +/).join(' ')).toBe(expected);
  });

  test('no row is ever wider than it', async () => {
    for (const reports of [REPORTS, [...SNAPSHOT.reports]]) {
      for (let width = 16; width < 220; width += 1) {
        for (const line of await lines(width, reports)) {
          expect(cellWidth(line), `${width}: ${line}`).toBeLessThanOrEqual(width);
        }
      }
    }
  });

  test('holders are shortened before locks', async () => {
    const [, frozen, ghost] = await lines(112);
    expect(frozen).toContain(' endpoints/kube-controller-manager ');
    expect(ghost).toMatch(/ web-\S*…\S*-x2x8k /);
    expect((await lines(98))[1]).toMatch(/ ep\/kube-\S*…\S*-manager /);
  });

  test('replicas can be told apart by their holders at 80 columns', async () => {
    const [, frozen, ghost] = await lines(80);
    expect(frozen).toContain(' master-2… ');
    expect(ghost).toMatch(/ web-op\S*…\S*-x2x8k /);
  });
});

describe('-o wide', () => {
  test('a text of any length takes one column, not every row', async () => {
    const long = sampleReport({
      identity: 'x'.repeat(200_000),
      report: { evidence: [{ text: 'y'.repeat(200_000), grade: 'read', from: 'z' }] },
    });
    for (const line of await lines(80, [...REPORTS, long], 'wide')) {
      expect(cellWidth(line)).toBeLessThan(600);
    }
    const json = await OUTPUTS.json.render(
      { reports: [long], notes: [], takenAt: NOW },
      { ...LOOK, width: 80 },
    );
    expect(JSON.parse(json).items[0].record.holderIdentity).toHaveLength(200_000);
  });
});
