import { describe, expect, test } from 'vitest';
import type { Note } from '../../src/core/evidence.ts';
import type { Gap } from '../../src/core/gap.ts';
import type { LockReport, Snapshot } from '../../src/core/report.ts';
import {
  frozen,
  ghost,
  healthy,
  NOW,
  type Sample,
  sampleReport,
  unproven,
} from '../output/sample-reports.ts';
import { run } from './fake-host.ts';

const of = (...reports: LockReport[]): Snapshot => ({ reports, notes: [], takenAt: NOW });

async function told(argv: readonly string[], snapshot: Snapshot): Promise<string[]> {
  const { stderr } = await run(argv, { snapshots: [snapshot] });
  return stderr.split('\n').filter((line) => line !== '');
}

function accused(sample: Sample = {}): LockReport {
  return sampleReport({ ...sample, report: { verdict: 'Orphaned', ...sample.report } });
}

const slow = accused({ record: { durationMs: 137_000 } });
const NEXT = 'note: why, and what to do: kubectl leader describe kube-system/lease/kube-scheduler';
const CLOCKS = 'note: verdicts with a "?" rest on clocks alone';
const STILL = 'note: verdicts with a "?" still rest on clocks alone: watching for 15 s did not prove them';

describe('what the ? means is told once, with what would prove it', () => {
  test.each<[string, string[], Snapshot, string[]]>([
    [
      'the usual duration',
      [],
      of(accused(), accused()),
      [CLOCKS, '      --observe 20s watches the locks and proves it.'],
    ],
    [
      'the longest duration counts',
      [],
      of(accused(), slow),
      [CLOCKS, '      --observe 2m25s watches the locks and proves it.'],
    ],
    [
      'a vacant lock',
      [],
      of(accused({ identity: '', report: { verdict: 'Leaderless' } })),
      [CLOCKS, '      --observe 1m watches the locks and proves it.'],
    ],
    [
      'watched for too short a time',
      ['--observe=15s'],
      of(slow),
      [STILL, '      --observe 2m25s proves them.'],
    ],
    [
      'watched long enough, but not without an interruption',
      ['--observe=15s'],
      of(accused({ record: { durationMs: 5_000 } })),
      [STILL, '      Watch again without an interruption: --observe 10s proves them.'],
    ],
    [
      'the duration of a healthy lock does not count',
      [],
      of(accused(), sampleReport({ record: { durationMs: 3_600_000 } })),
      [CLOCKS, '      --observe 20s watches the locks and proves it.'],
    ],
    ['what no watching proves', [], of(accused({ report: { verdict: 'Flapping' } })), [CLOCKS]],
  ])('%s', async (_, argv, snapshot, expected) => {
    expect(await told(argv, snapshot)).toEqual([...expected, NEXT]);
  });

  test.each([
    ['not accused', [], of(healthy)],
    ['accused, but not listed', ['--verdict=healthy'], of(frozen, healthy)],
    ['for a program', ['-o', 'jsonl'], of(frozen)],
  ])('and not where there is none: %s', async (_, argv, snapshot) => {
    expect(await told(argv, snapshot)).toEqual([]);
  });

  test('and not where nothing may be watched, which was said already', async () => {
    const note: Note = { code: 'provisional', text: 'nothing could be watched', hint: null };
    expect(await told(['--observe=15s'], { ...of(accused()), notes: [note] })).toEqual([
      'note: nothing could be watched',
      NEXT,
    ]);
  });

  test('a holder that could not be looked for', async () => {
    expect(await told([], of(unproven))).toEqual([expect.stringMatching(/^note: .* not proven to exist$/)]);
  });
});

test('each outage of a watch is told, though its words are the same, and what stays is told once', async () => {
  const blind: Note = { code: 'blind', text: 'blind: connection refused', hint: null };
  const again: Note = { code: 'blind', text: 'sees again: was blind for 12 s', hint: null };
  const other: Note = { code: 'narrowed', text: 'only x could be read', hint: null };
  const snapshots = [
    [],
    [other],
    [other, blind],
    [blind, other],
    [again],
    [again, other],
    [blind],
    [again],
  ].map((notes) => ({ ...of(healthy), notes }));
  const { stderr } = await run(['ls', '-w'], { snapshots });
  expect(stderr.trimEnd().split('\n')).toEqual(
    [other, blind, again, blind, again].map(({ text }) => `note: ${text}`),
  );
});

describe('where to read on', () => {
  test('is told of the worst lock, however the list is sorted', async () => {
    expect(await told(['--sort-by=-lock'], of(healthy, ghost, { ...frozen, grade: 'watched' }))).toEqual([
      'note: why, and what to do: kubectl leader describe volumes/endpoints/volume-provisioner',
    ]);
  });

  test('in the same cluster, without credentials', async () => {
    const argv = ['--context=my prod', '--token=secret', '-n', 'volumes', '--as', 'ann'];
    expect(await told(argv, of(ghost))).toEqual([
      "note: why, and what to do: kubectl leader describe volumes/endpoints/volume-provisioner --context 'my prod' --as ann",
    ]);
  });

  test('a sign of life is no lock that could be described', async () => {
    const heartbeat = { id: 'node', title: 'node heartbeat' };
    const silent = sampleReport({ report: { verdict: 'Silent', grade: 'watched', heartbeat } });
    expect(await told(['--heartbeats'], of(silent))).toEqual([]);
  });
});

describe('notes with one cause are told as one', () => {
  const HOLDERS = 'holders cannot be told from missing ones';

  function gapNote(resource: string, gap: Partial<Gap> = {}, code: Note['code'] = 'unreadable'): Note {
    const whole: Gap = {
      ...{ about: 'holders', verb: 'list', resource, where: ' in all namespaces', clusterWide: true },
      ...{ code: 'forbidden', why: 'no', consequence: `${resource} matter` },
      ...gap,
    };
    return { code, text: `no ${resource}${whole.where}`, hint: `rule for ${resource}`, gap: whole };
  }

  async function toldOf(...notes: Note[]): Promise<string[]> {
    return told([], { ...of(healthy), notes });
  }

  const cluster = [
    gapNote('jobs.batch'),
    gapNote('nodes', { where: '' }),
    gapNote('daemonsets.apps'),
    gapNote('deployments.apps'),
    gapNote('pods'),
    gapNote('replicasets.apps'),
  ];

  test.each([
    ['as they came', cluster],
    ['in another order', cluster.toReversed()],
  ])('a missing right on many resources, the most important first: %s', async (_, notes) => {
    expect(await toldOf(...notes)).toEqual([
      `note: not allowed to list pods, nodes, daemonsets.apps, deployments.apps and 2 more cluster-wide: some ${HOLDERS}`,
      '      ask for a ClusterRole with the verb "list" on them; -o json names each rule',
    ]);
  });

  test('other places and other verbs are other rights', async () => {
    const there = { where: ' in x', clusterWide: false };
    expect(
      await toldOf(
        gapNote('services', { verb: 'get', ...there }),
        gapNote('jobs.batch', there),
        gapNote('pods', there),
        gapNote('nodes', { where: '' }),
      ),
    ).toEqual([
      `note: not allowed to list pods, jobs.batch in x: some ${HOLDERS}`,
      '      ask for a Role with the verb "list" on them; -o json names each rule',
      'note: no nodes',
      '      rule for nodes',
      'note: no services in x',
      '      rule for services',
    ]);
  });

  test('locks are not mixed up with holders', async () => {
    const locks = { about: 'locks', consequence: 'locks in them are not shown' } as const;
    expect(await toldOf(gapNote('pods'), gapNote('configmaps', locks), gapNote('endpoints', locks))).toEqual([
      'note: not allowed to list endpoints, configmaps in all namespaces: locks in them are not shown',
      '      ask for a ClusterRole with the verb "list" on them; -o json names each rule',
      'note: no pods in all namespaces',
      '      rule for pods',
    ]);
  });

  test("a kind of lock alone is told without the API server's whole sentence", async () => {
    const locks = { about: 'locks', consequence: 'locks in them are not shown' } as const;
    expect(await toldOf(gapNote('configmaps', { ...locks, where: ' in x', clusterWide: false }))).toEqual([
      'note: not allowed to list configmaps in x: locks in them are not shown',
      '      ask for a Role with the verb "list" on them; -o json names each rule',
    ]);
  });

  test('whoever may read one namespace learns how to name it', async () => {
    const own = { about: 'locks', consequence: 'only those of namespace default are shown' } as const;
    const [leases, endpoints] = ['leases.coordination.k8s.io', 'endpoints'].map((resource) =>
      gapNote(resource, own, 'narrowed'),
    );
    expect(await toldOf(leases!, endpoints!)).toEqual([
      'note: not allowed to list leases.coordination.k8s.io, endpoints in all namespaces: only those of namespace default are shown',
      '      -n NAMESPACE shows those of another namespace; for all of them ask for a ClusterRole with the verb "list" on them',
    ]);
  });

  test('a server that is lost', async () => {
    const lost = { code: 'unreachable', why: 'connection refused' } as const;
    expect(
      await toldOf(
        gapNote('jobs.batch', lost),
        gapNote('pods', { ...lost, verb: 'get' }),
        { code: 'blind', text: 'blind for 5 s', hint: null },
        gapNote('nodes', { ...lost, where: '', why: 'closed' }),
      ),
    ).toEqual([
      'note: blind for 5 s',
      'note: could not read pods, nodes, jobs.batch cluster-wide: connection refused',
      `      some ${HOLDERS}: rule for pods`,
    ]);
  });

  test('json keeps them all', async () => {
    const { stdout } = await run(['-o', 'json'], { snapshots: [{ ...of(healthy), notes: cluster }] });
    const { notes } = JSON.parse(stdout);
    expect(notes).toHaveLength(cluster.length);
    expect(notes[0]).toEqual({ code: 'unreadable', text: cluster[0]?.text, hint: 'rule for jobs.batch' });
  });

  test('what comes again while watching is not told again, however it was told', async () => {
    const { stderr } = await run(['-w'], {
      snapshots: [
        { ...of(healthy), notes: cluster },
        { ...of(healthy), notes: cluster.slice(0, 3) },
      ],
    });
    expect(stderr.match(/^note/gm)).toHaveLength(1);
  });
});
