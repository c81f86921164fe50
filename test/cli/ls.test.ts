import { describe, expect, test } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import type { LockReport, Snapshot } from '../../src/core/report.ts';
import { frozen, ghost, healthy, NOW, SNAPSHOT, sampleReport } from '../output/sample-reports.ts';
import { run } from './fake-host.ts';

const of = (...reports: LockReport[]): Snapshot => ({ reports, notes: [], takenAt: NOW });
const ALL = { snapshots: [of(healthy, frozen, ghost)] };

function locks(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/)[1] ?? line);
}

describe('the list', () => {
  test.each([[[]], [['ls']], [['list']], [['get']]])('%j', async (argv) => {
    const { code, stdout } = await run(argv, ALL);
    expect(code).toBe(0);
    expect(locks(stdout)).toEqual([
      'LOCK',
      'endpoints/volume-provisioner',
      'endpoints/kube-controller-manager',
      'lease/kube-scheduler',
    ]);
  });

  test.each([
    [
      ['-o', 'name'],
      [
        'endpoints/volume-provisioner',
        'endpoints/kube-controller-manager',
        'lease.coordination.k8s.io/kube-scheduler',
      ],
    ],
    [
      ['-oname', '--sort-by', '-age'],
      [
        'endpoints/volume-provisioner',
        'lease.coordination.k8s.io/kube-scheduler',
        'endpoints/kube-controller-manager',
      ],
    ],
    [
      ['-oname', '--problems'],
      ['endpoints/volume-provisioner', 'endpoints/kube-controller-manager'],
    ],
    [
      ['-oname', '--verdict', 'GHOST, healthy'],
      ['endpoints/volume-provisioner', 'lease.coordination.k8s.io/kube-scheduler'],
    ],
    [
      ['-oname', '--verdict', 'frozen', '--verdict=ghost'],
      ['endpoints/volume-provisioner', 'endpoints/kube-controller-manager'],
    ],
    [['--no-headers', '--verdict', 'frozen'], ['endpoints/kube-controller-manager']],
    [
      ['ls', 'ep', '-oname'],
      ['endpoints/volume-provisioner', 'endpoints/kube-controller-manager'],
    ],
    [['ls', 'leases,cm', '-oname'], ['lease.coordination.k8s.io/kube-scheduler']],
  ])('%j', async (argv, expected) => {
    expect(locks((await run(argv, ALL)).stdout)).toEqual(expected);
  });

  test.each([
    [[], null],
    [['-n', 'volumes'], 'volumes'],
    [['-n', 'volumes', '-A'], null],
    [['-n', ''], null],
  ])('%j looks at namespace %j', async (argv, namespace) => {
    expect((await run(argv)).scope).toEqual({ namespace, labelSelector: null, heartbeats: false });
  });

  test('passes the selector, heartbeats and the connection on', async () => {
    const { scope, connected } = await run(['-l', 'app in (a,b)', '--heartbeats', '--context=prod', '-nx']);
    expect(scope).toEqual({ namespace: 'x', labelSelector: 'app in (a,b)', heartbeats: true });
    expect(connected).toEqual({ context: 'prod', namespace: 'x' });
  });

  test('json holds the notes, and stderr tells them too', async () => {
    const { stdout, stderr } = await run(['-o', 'json'], { snapshots: [SNAPSHOT] });
    expect(JSON.parse(stdout).notes).toHaveLength(1);
    expect(stderr).toBe('note: configmaps could not be read\n      Ask for list on configmaps.\n');
  });
});

describe('nothing found is no error, and said on stderr', () => {
  const unreadable: Snapshot = { ...of(), notes: [{ code: 'unreadable', text: 'leases', hint: null }] };

  test.each([
    ['everywhere', [], of(), 'No leader-election locks found\n'],
    ['in a namespace', ['-n', 'x'], of(), 'No leader-election locks found in x namespace.\n'],
    ['in a wide table', ['-owide'], of(), 'No leader-election locks found\n'],
    ['for a program', ['-oname'], of(), ''],
    [
      'because of a filter',
      ['--verdict=ghost'],
      of(healthy, frozen),
      'None of 2 locks is what was asked for.\n',
    ],
    [
      'where not everything could be read',
      [],
      unreadable,
      'note: leases\nNo leader-election locks found in what could be read.\n',
    ],
    ['no problems', ['--problems'], of(healthy, healthy), 'No problems among 2 locks.\n'],
    [
      'no problem, one lock',
      ['--problems', '-nx'],
      of(healthy),
      'No problems among 1 lock in x namespace.\n',
    ],
    [
      'no problems where not everything could be read',
      ['--problems'],
      { ...unreadable, reports: [healthy] },
      'note: leases\nNo problems among 1 lock in what could be read.\n',
    ],
    [
      'no problems of that kind',
      ['ls', 'ep', '--problems'],
      of(healthy, sampleReport({ kind: 'endpoints' })),
      'No problems among 1 endpoints lock.\n',
    ],
    ['no lock of that kind', ['ls', 'ep', '--problems'], of(healthy), 'No endpoints locks found\n'],
    ['of these kinds', ['ls', 'cm', 'ep'], of(healthy), 'No configmap and endpoints locks found\n'],
  ])('%s', async (_, argv, snapshot, stderr) => {
    expect(await run(argv, { snapshots: [snapshot] })).toMatchObject({ code: 0, stdout: '', stderr });
  });
});

describe('--exit-code', () => {
  test.each([
    [['--exit-code'], of(healthy), 0],
    [['--exit-code'], of(healthy, frozen), 2],
    [['--exit-code'], of(sampleReport({ report: { verdict: 'Late' } })), 2],
    [['--exit-code'], of(sampleReport({ report: { verdict: 'Undecided' } })), 0],
    [['--exit-code', '--verdict=ghost'], of(frozen), 0],
    [['--exit-code', '-ojson'], of(frozen), 2],
    [[], of(frozen), 0],
  ])('%j', async (argv, snapshot, code) => {
    expect((await run(argv, { snapshots: [snapshot] })).code).toBe(code);
  });
});

describe('colour and width', () => {
  test.each<[string, string[], { terminal?: number; env?: Record<string, string> }, boolean]>([
    ['a pipe', [], {}, false],
    ['a terminal', [], { terminal: 80 }, true],
    ['NO_COLOR', [], { terminal: 80, env: { NO_COLOR: '1' } }, false],
    ['NO_COLOR that is empty', [], { terminal: 80, env: { NO_COLOR: '' } }, true],
    ['a dumb terminal', [], { terminal: 80, env: { TERM: 'dumb' } }, false],
    ['always', ['--color=always'], { env: { NO_COLOR: '1' } }, true],
    ['never', ['--color', 'never'], { terminal: 80 }, false],
  ])('%s', async (_, argv, setting, colored) => {
    expect((await run(argv, { ...ALL, ...setting })).stdout.includes('\u001b[')).toBe(colored);
  });

  test('a narrow terminal gets fewer columns, a pipe gets them all', async () => {
    expect((await run([], { ...ALL, terminal: 80 })).stdout).not.toContain('HELD');
    expect((await run([], ALL)).stdout).toContain('HELD');
    expect((await run(['-o', 'wide'], { ...ALL, terminal: 80 })).stdout).toContain('EVIDENCE');
  });
});

describe('--observe', () => {
  test.each([
    ['15s', 15_000],
    ['90', 90_000],
    ['1m30s', 90_000],
    ['0', null],
  ])('%s', async (text, ms) => {
    expect((await run(['--observe', text])).observedForMs).toBe(ms);
  });

  test('shows its progress on a terminal only, and takes it away again', async () => {
    expect((await run(['--observe=15s'], { snapshots: [of(healthy)] })).stderr).toBe('');
    const { stderr } = await run(['--observe=15s'], { snapshots: [of(healthy)], terminal: 80 });
    expect(stderr).toContain('watching, 2 of 15 s: 1 of 3 locks seen');
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  test('takes its progress away before an error is told', async () => {
    const { code, stderr } = await run(['--observe=15s'], {
      terminal: 80,
      views: {
        observe: (_cluster, _clock, _scope, forMs, _signal, onProgress) => {
          onProgress?.({ elapsedMs: 0, forMs, decided: 0, total: 1 });
          return Promise.reject(new LeaderError('unreachable', 'no answer'));
        },
      },
    });
    expect(code).toBe(1);
    expect(stderr.endsWith('\r\u001b[Kerror: no answer\n')).toBe(true);
  });
});

describe('--watch', () => {
  const recovered: LockReport = { ...frozen, verdict: 'Healthy' };

  test('lists once, then a line for each change', async () => {
    const { code, stdout } = await run(['-w'], {
      snapshots: [of(healthy, frozen), of(recovered, healthy), of(healthy)],
    });
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual([
      'VERDICT',
      'Frozen?',
      'Healthy',
      'Healthy',
      'deleted',
    ]);
  });

  test('tells when a listed problem goes away, and nothing about what never was one', async () => {
    const other = sampleReport({ name: 'other', identity: 'somebody-else' });
    const { stdout } = await run(['-w', '--problems', '-ojsonl'], {
      snapshots: [of(frozen, healthy), of(recovered, healthy, other)],
    });
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.map(({ event, name, verdict }) => `${event} ${name} ${verdict}`)).toEqual([
      'added kube-controller-manager Frozen',
      'changed kube-controller-manager Healthy',
    ]);
  });

  test('tells a note once, however often it comes', async () => {
    const { stderr } = await run(['-w'], { snapshots: [SNAPSHOT, SNAPSHOT] });
    expect(stderr.match(/configmaps could not be read/g)).toHaveLength(1);
  });

  test('ends with 130 when it was interrupted', async () => {
    const abort = new AbortController();
    abort.abort();
    expect((await run(['-w'], { ...ALL, signal: abort.signal })).code).toBe(130);
  });
});

describe('refused before anything is asked of a cluster', () => {
  test.each([
    [['ls', 'kube-scheduler'], '"kube-scheduler" is no kind that carries locks'],
    [['-n', '../x'], '"../x" is not a namespace\'s name'],
    [['-n', 'a.b'], '"a.b" is not a namespace\'s name'],
    [['-o', 'xml'], 'unknown output format "xml"'],
    [['-o', 'toString'], 'unknown output format "toString"'],
    [['--verdict', 'ghost,dead'], 'unknown verdict "dead"'],
    [['--sort-by', 'size'], 'unknown column "size" for --sort-by'],
    [['--observe', 'long'], 'invalid duration "long" for --observe'],
    [['--observe', '-5s'], 'invalid duration "-5s" for --observe'],
    [['--color', 'blue'], 'invalid value "blue" for --color'],
    [['-w', '-o', 'json'], '--watch cannot write json, which is one document'],
    [['-w', '-o', 'yaml'], '--watch cannot write yaml, which is one document'],
    [['-w', '--observe', '15s'], '--watch and --observe exclude each other'],
    [['-w', '--exit-code'], '--watch and --exit-code exclude each other'],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr, connected } = await run(argv);
    expect({ code, stdout, connected }).toEqual({ code: 1, stdout: '', connected: null });
    const [first, second] = stderr.split('\n');
    expect(first).toBe(`error: ${message}`);
    expect(second).not.toBe('');
  });
});

describe('a label selector that cannot be read', () => {
  const why = 'unable to parse requirement: <nil>';
  const failing = (code: 'invalid' | 'server') => ({
    views: {
      survey: () => Promise.reject(new LeaderError(code, `cannot list leases in all namespaces: ${why}`)),
    },
  });

  test('is named as what it is', async () => {
    const { code, stderr } = await run(['-l', 'a==='], failing('invalid'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: invalid label selector "a===" for -l, --selector: unable to parse requirement: <nil>\nSelectors are /,
    );
  });

  test.each([
    ['another failure', ['-l', 'a=b'], failing('server')],
    ['no selector', [], failing('invalid')],
  ])('and blamed for nothing else: %s', async (_, argv, setting) => {
    expect((await run(argv, setting)).stderr).toBe(`error: cannot list leases in all namespaces: ${why}\n`);
  });
});
