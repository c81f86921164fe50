import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { type Look, OUTPUTS, type OutputId } from '../../src/output/index.ts';
import { sortReports } from '../../src/output/order.ts';
import { NOW, SNAPSHOT, sampleReport } from './sample-reports.ts';

const PLAIN: Look = { headers: true, color: false, width: null };

const sorted = { ...SNAPSHOT, reports: sortReports(SNAPSHOT.reports, null) };
const EMPTY = { reports: [], notes: [], takenAt: NOW };

const GOLDEN: { file: string; output: OutputId; look?: Partial<Look> }[] = [
  { file: 'table', output: 'table' },
  { file: 'table-80', output: 'table', look: { width: 80 } },
  { file: 'table-120', output: 'table', look: { width: 120 } },
  { file: 'table-160', output: 'table', look: { width: 160 } },
  { file: 'table-40', output: 'table', look: { width: 40 } },
  { file: 'table-30', output: 'table', look: { width: 30 } },
  { file: 'table-100', output: 'table', look: { width: 100 } },
  { file: 'table-color', output: 'table', look: { color: true } },
  { file: 'table-no-headers', output: 'table', look: { headers: false } },
  { file: 'wide', output: 'wide', look: { width: 80 } },
  { file: 'json', output: 'json' },
  { file: 'yaml', output: 'yaml' },
  { file: 'jsonl', output: 'jsonl' },
  { file: 'name', output: 'name' },
];

describe('every format', () => {
  test.each(GOLDEN)('$file', async ({ file, output, look }) => {
    const text = await OUTPUTS[output].render(sorted, { ...PLAIN, ...look });
    await expect(text).toMatchFileSnapshot(`golden/${file}.txt`);
  });

  test.each([
    ['table', ''],
    ['wide', ''],
    ['jsonl', ''],
    ['name', ''],
  ] as const)('%s of nothing is empty, without a header', async (output, expected) => {
    expect(await OUTPUTS[output].render(EMPTY, PLAIN)).toBe(expected);
  });

  test('json of nothing is a list without items', async () => {
    expect(JSON.parse(await OUTPUTS.json.render(EMPTY, PLAIN))).toEqual({
      apiVersion: 'leader.kubectl/v1',
      kind: 'LockList',
      takenAt: '2026-11-21T12:00:00.000000Z',
      items: [],
      notes: [],
    });
  });
});

describe('the documented shape', () => {
  const parse = async () => JSON.parse(await OUTPUTS.json.render(sorted, PLAIN));

  // Repeated by hand: a key that is renamed, moved or lost breaks somebody's program.
  test('keys and their order', async () => {
    const list = await parse();
    expect(Object.keys(list)).toEqual(['apiVersion', 'kind', 'takenAt', 'items', 'notes']);
    for (const item of list.items) {
      expect(Object.keys(item)).toEqual(
        'namespace kind name format verdict severity grade unproven record invalid holder renewal evidence advice candidates heartbeat uid resourceVersion creationTimestamp pairing halves'.split(
          ' ',
        ),
      );
      expect(Object.keys(item.record)).toEqual(
        'holderIdentity leaseDurationSeconds acquireTime renewTime transitions strategy preferredHolder'.split(
          ' ',
        ),
      );
      expect(Object.keys(item.holder)).toEqual(
        'presence found kind namespace name node rule alsoFits was workload'.split(' '),
      );
      expect(Object.keys(item.renewal)).toEqual(
        'state grade lastSecondsAgo seen gapsSeconds watchedSilenceSeconds holderSkewSeconds'.split(' '),
      );
      for (const each of item.halves) {
        expect(Object.keys(each)).toEqual(
          'namespace kind name format uid resourceVersion creationTimestamp record invalid warnings'.split(
            ' ',
          ),
        );
      }
      for (const each of item.evidence) expect(Object.keys(each)).toEqual(['text', 'grade', 'from']);
    }
    expect(Object.keys(list.notes[0])).toEqual(['code', 'text', 'hint']);
  });

  test('lengths of time are told to the millisecond', async () => {
    const renewal = { lastRenewedAgoMs: 1234.567_891, gapsMs: [2000.000_1], watchedSilenceMs: 0.4 };
    const [item] = JSON.parse(
      await OUTPUTS.json.render({ ...EMPTY, reports: [sampleReport({ renewal })] }, PLAIN),
    ).items;
    expect(item.renewal).toMatchObject({ lastSecondsAgo: 1.235, gapsSeconds: [2], watchedSilenceSeconds: 0 });
  });

  test('yaml says the same as json', async () => {
    expect(load(await OUTPUTS.yaml.render(sorted, PLAIN))).toEqual(await parse());
  });

  test('a line of jsonl is an item of json', async () => {
    const text = await OUTPUTS.jsonl.render(sorted, PLAIN);
    const items = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(items).toEqual((await parse()).items);
  });

  test.each([
    ['beyond any calendar', 9e15],
    ['no number', Number.NaN],
    ['without an end', Number.POSITIVE_INFINITY],
  ])('a time %s is unknown', async (_, renewTime) => {
    const reports = [sampleReport({ record: { renewTime, durationMs: Number.POSITIVE_INFINITY } })];
    const [item] = JSON.parse(await OUTPUTS.json.render({ ...EMPTY, reports }, PLAIN)).items;
    expect(item.record).toMatchObject({ renewTime: null, leaseDurationSeconds: null });
    expect(load(await OUTPUTS.yaml.render({ ...EMPTY, reports }, PLAIN))).toMatchObject({ items: [item] });
  });
});
