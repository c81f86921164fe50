import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/app/ports.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { COMPLETION_SCRIPTS } from '../../src/cli/completion-scripts.ts';
import { GLOBAL_FLAGS } from '../../src/cli/flags.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { findOnPath } from '../e2e/support/find-on-path.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeCluster } from '../support/fake-cluster.ts';
import { configMapLock, endpointsLock, lease } from '../support/objects.ts';
import { run, type Setting } from './fake-host.ts';

let clock: FakeClock;
let cluster: FakeCluster;

beforeEach(() => {
  clock = new FakeClock();
  cluster = new FakeCluster(clock);
  cluster.create(lease({ namespace: 'kube-system', name: 'kube-scheduler', holder: 'm1_\u001b[31m\tx' }));
  cluster.create(endpointsLock({ namespace: 'volumes', name: 'provisioner', holder: 'p-zkb5w_1' }));
  cluster.create(lease({ namespace: 'ops', name: 'operator', holder: '' }));
  cluster.create(configMapLock({ namespace: 'dev', name: 'operator', holder: 'o-1' }));
});

async function complete(words: readonly string[], setting: Setting = {}) {
  const outcome = await run(['__complete', ...words], {
    clock,
    connect: () => Promise.resolve(cluster),
    kubeconfigNames: () =>
      Promise.resolve({ contexts: ['prod', 'dev', 'pre-prod'], clusters: ['c1'], users: ['ann'] }),
    ...setting,
  });
  const lines = outcome.stdout.trimEnd().split('\n');
  const texts = lines.slice(0, -1).map((line) => line.split('\t')[0]);
  return { ...outcome, lines: lines.slice(0, -1), texts, directive: lines.at(-1) };
}

const LOCKS = ['dev/operator', 'kube-system/kube-scheduler', 'ops/operator', 'volumes/provisioner'];

describe('a word can become', () => {
  test.each<[string, string[], string[], string]>([
    ['a command', ['de'], ['describe', 'depose', 'demo'], ':36'],
    ['a command behind flags', ['-n', 'x', '--as=y', 'rel'], ['release'], ':36'],
    ['a topic of help', ['help', 'vers'], ['version'], ':36'],
    ['no second topic', ['help', 'version', ''], [], ':4'],
    ['a flag of the command', ['release', '--st'], ['--strategy'], ':4'],
    ['a flag that every command has', ['describe', '--imp', '--cont'], [], ':4'],
    ['a connection flag', ['describe', '--cont'], ['--context'], ':4'],
    ['a short flag', ['version', '-'], expect.arrayContaining(['-o', '--output', '-n']), ':4'],
    ['no hidden flag', ['ls', '--cache'], [], ':4'],
    ['no flag that is given already', ['ls', '-n', 'x', '--name'], [], ':4'],
    ['a flag that may be given again', ['ls', '--as-group', 'x', '--as-g'], ['--as-group'], ':4'],
    ['an output format', ['ls', '-o', 'j'], ['json', 'jsonl'], ':4'],
    ['an output format of that command', ['release', '-o', 'j'], ['json'], ':4'],
    ['a value behind =', ['ls', '--output=j'], ['json', 'jsonl'], ':4'],
    ['a further one of several values', ['ls', '--verdict', 'ghost,fr'], ['ghost,frozen'], ':6'],
    ['a file', ['ls', '--kubeconfig', ''], [], ':0'],
    ['a folder', ['release', '--backup-dir', ''], [], ':16'],
    ['nothing where the value is free', ['ls', '--selector', ''], [], ':4'],
    ['a context', ['--context', 'pr'], ['pre-prod', 'prod'], ':4'],
    ['a user', ['ls', '--user', ''], ['ann'], ':4'],
    ['a cluster', ['ls', '--cluster', ''], ['c1'], ':4'],
    ['a kind', ['ls', 'leases', ''], ['endpoints', 'configmaps'], ':4'],
    ['a shell', ['completion', 'z'], ['zsh'], ':4'],
    ['a lock', ['describe', ''], LOCKS, ':4'],
    ['a lock by its namespace', ['describe', 'o'], ['ops/operator'], ':4'],
    ['a lock by its name alone', ['release', 'prov'], ['provisioner'], ':4'],
    ['a lock by its kind', ['depose', 'endpoints/'], ['endpoints/provisioner'], ':4'],
    ['a lock by namespace and kind', ['depose', 'volumes/endp'], ['volumes/endpoints/provisioner'], ':4'],
    ['a lock of a namespace', ['describe', '-n', 'ops', ''], ['operator'], ':4'],
    ['a second lock', ['describe', 'ops/operator', 'dev'], ['dev/operator'], ':4'],
    ['no lock twice', ['describe', 'ops/operator', 'ops'], [], ':4'],
    ['no second lock where one is taken', ['release', 'ops/operator', ''], [], ':4'],
    ['a lock behind --', ['describe', '--', 'op'], ['ops/operator'], ':4'],
    ['no flag behind --', ['describe', '--', '--'], [], ':4'],
    ['nothing behind an unknown command', ['nope', ''], [], ':4'],
    ['nothing behind an unknown flag', ['ls', '--nope', ''], [], ':4'],
  ])('%s: %j', async (_what, words, texts, directive) => {
    expect(await complete(words)).toMatchObject({ code: 0, stderr: '', texts, directive });
  });

  test('a namespace', async () => {
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'old' } });
    expect(await complete(['ls', '-n', 'o'])).toMatchObject({ texts: ['old', 'ops'], directive: ':4' });
  });

  test('a lock whose name several objects have only in full', async () => {
    cluster.create(lease({ namespace: 'volumes', name: 'provisioner', holder: 'someone-else' }));
    cluster.create(endpointsLock({ namespace: 'ops', name: 'operator', holder: 'another' }));
    cluster.create(configMapLock({ namespace: 'ops', name: 'operator', holder: 'yet-another' }));
    const { texts } = await complete(['describe', 'ops']);
    expect(texts).toContain('ops/configmap/operator');
    expect(texts).not.toContain('ops/operator');
  });
});

describe('an answer', () => {
  test('describes locks without letting their holders write to the terminal', async () => {
    const { lines } = await complete(['describe', 'kube']);
    expect(lines).toEqual(['kube-system/kube-scheduler\tlease, held by m1_^[[31m\\tx']);
    expect((await complete(['describe', 'ops'])).lines).toEqual(['ops/operator\tlease, free']);
  });

  test('has no descriptions where none are wanted', async () => {
    const { stdout } = await run(['__completeNoDesc', 'ver']);
    expect(stdout).toBe('version\n:36\n');
  });

  test('asks the cluster that the flags name', async () => {
    const { connected } = await run(['__complete', 'describe', '--context', 'prod', '--as=me', '']);
    expect(connected).toEqual({ context: 'prod', as: 'me' });
  });

  test('is empty where the cluster cannot be reached, and says why where only a person looks', async () => {
    const connect = () => Promise.reject(new LeaderError('config', 'no such file'));
    const outcome = await complete(['describe', ''], { connect });
    expect(outcome).toMatchObject({ code: 0, stdout: ':4\n', stderr: 'error: no such file\n' });
  });

  test('has what was found in time where one kind of lock takes longer', async () => {
    const list: Cluster['list'] = (resource, request, signal) =>
      resource.kind === 'ConfigMap'
        ? new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(new LeaderError('interrupted', 'too late')));
          })
        : FakeCluster.prototype.list.call(cluster, resource, request, signal);
    const half = new Proxy(cluster, {
      get: (target, name) => (name === 'list' ? list : Reflect.get(target, name)),
    });
    const outcome = clock.runUntil(complete(['describe', 'ops'], { connect: () => Promise.resolve(half) }), {
      limitMs: 10_000,
    });
    expect(await outcome).toMatchObject({ texts: ['ops/operator'], stderr: '' });
  });

  test('does not wait for credentials that never come', async () => {
    const outcome = complete(['describe', ''], { connect: () => new Promise(() => {}) });
    expect(await clock.runUntil(outcome, { limitMs: 10_000 })).toMatchObject({ code: 0, stdout: ':4\n' });
  });

  test('does not wait for a cluster that is slow', async () => {
    cluster.latencyMs = 60_000;
    const begun = clock.mono();
    const outcome = await clock.runUntil(complete(['describe', '']), { limitMs: 10_000 });
    expect(outcome).toMatchObject({ code: 0, stdout: ':4\n' });
    expect(clock.mono() - begun).toBeLessThan(3_000);
  });
});

test('every flag with words to choose from accepts each of them', () => {
  const free = COMMANDS.flatMap(({ name, flags }) =>
    Object.entries({ ...flags, ...GLOBAL_FLAGS }).flatMap(([flag, { type, completes }]) =>
      type !== 'boolean' && completes === undefined && !Object.hasOwn(GLOBAL_FLAGS, flag)
        ? [`${name} --${flag}`]
        : [],
    ),
  );
  expect(free).toEqual([
    'ls --observe',
    'ls --selector',
    'describe --observe',
    'release --observe',
    'release --timeout',
    'depose --observe',
    'depose --hold',
    'depose --timeout',
    'demo --speed',
  ]);
});

describe('completion', () => {
  test.each(Object.entries(COMPLETION_SCRIPTS))('prints the script of %s', async (shell, script) => {
    expect(await run(['completion', shell])).toMatchObject({ code: 0, stdout: script, stderr: '' });
  });

  test.each([[[]], [['tcsh']], [['bash', 'zsh']], [['toString']]])('refuses %j', async (words) => {
    const { code, stdout, stderr } = await run(['completion', ...words]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Shells are bash, zsh, fish, powershell.');
  });
});

describe('the script of bash', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-leader-bash-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'kubectl-leader');
  const script = join(folder, 'completion.bash');
  writeFileSync(script, COMPLETION_SCRIPTS.bash);
  writeFileSync(join(folder, 'a-file'), '');
  mkdirSync(join(folder, 'a-folder'));

  /** What bash offers for a line, with a program that answers so; what that was asked stands first. */
  function offered(line: string, words: readonly string[], answer: string): string[] {
    writeFileSync(program, `#!/bin/sh\nprintf '[%s]' "$@" >asked\nprintf '${answer}'\n`);
    chmodSync(program, 0o755);
    const names = words.map((word) => `'${word}'`).join(' ');
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '--noprofile',
        '--norc',
        '-c',
        `. ./completion.bash; COMP_LINE='${line}' COMP_POINT=${line.length}; COMP_WORDS=(${names}) COMP_CWORD=${words.length - 1}; ` +
          `_kubectl_leader; cat asked; printf "\\n%s" "\${COMPREPLY[@]}"`,
      ],
      { cwd: folder, encoding: 'utf8', env: { PATH: [folder, process.env['PATH']].join(delimiter) } },
    );
    return [stderr, ...stdout.split('\n')].filter((text) => text !== '');
  }

  test.skipIf(findOnPath('bash') === null).each<[string, string, string[], string, string[]]>([
    [
      'candidates',
      'kubectl-leader describe o',
      ['kubectl-leader', 'describe', 'o'],
      'ops/a\\nops/b\\n:4\\n',
      ['[__completeNoDesc][describe][o]', 'ops/a', 'ops/b'],
    ],
    [
      'a new word',
      'kubectl-leader describe ',
      ['kubectl-leader', 'describe', ''],
      'ops/a\\n:4\\n',
      ['[__completeNoDesc][describe][]', 'ops/a'],
    ],
    [
      'a value that bash splits off at the =',
      'kubectl-leader ls --output=j',
      ['kubectl-leader', 'ls', '--output', '=', 'j'],
      'json\\n:4\\n',
      ['[__completeNoDesc][ls][--output=j]', 'json'],
    ],
    [
      'files',
      'kubectl-leader ls --kubeconfig a-fi',
      ['kubectl-leader', 'ls', '--kubeconfig', 'a-fi'],
      ':0\\n',
      ['[__completeNoDesc][ls][--kubeconfig][a-fi]', 'a-file'],
    ],
    [
      'folders, behind a = too',
      'kubectl-leader release --backup-dir=',
      ['kubectl-leader', 'release', '--backup-dir', '='],
      ':16\\n',
      ['[__completeNoDesc][release][--backup-dir=]', 'a-folder'],
    ],
    ['nothing', 'kubectl-leader x', ['kubectl-leader', 'x'], ':4\\n', ['[__completeNoDesc][x]']],
  ])('offers %s', (_what, line, words, answer, expected) => {
    expect(offered(line, words, answer)).toEqual(expected);
  });
});
