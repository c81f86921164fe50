import { load } from 'js-yaml';
import { beforeEach, describe, expect, test } from 'vitest';
// Loaded when first needed, which takes time that is not the stage's.
import '../../src/cli/run-release.ts';
import { asksForDialog } from '../../src/cli/release-request.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASES } from '../../src/core/resources.ts';
import { NAME, orphan, type ReleaseStage, writes } from '../app/release-stage.ts';
import { type Run, run, type Setting, typing } from './fake-host.ts';

let stage: ReleaseStage;
const LOCK = `default/lease/${NAME}`;

// What is kept, and where.
const kept = new Map<string, ClusterObject>();

beforeEach(async () => {
  kept.clear();
  stage = await orphan();
});

/** `release` with these words on the cluster of the stage. */
function release(words: readonly string[], setting: Setting = {}): Promise<Run> {
  const { cluster, clock, signal } = stage;
  return stage.run(
    run(['release', ...words], {
      clock,
      signal: signal.signal,
      connect: () => Promise.resolve(cluster),
      backupInto: (folder) => (object, name) => {
        kept.set(`${folder ?? '/usual'}/${name}`, object);
        return Promise.resolve(`${folder ?? '/usual'}/${name}`);
      },
      ...setting,
    }),
    300_000,
  );
}

function standby(suffix = 'aaaaa') {
  return stage.elector(stage.standbyPod(suffix), { name: NAME });
}

describe('asking', () => {
  test('the name of the lock releases it', async () => {
    const { asked, ask } = typing(` ${NAME}\n`);
    const { code, stdout, stderr } = await release([LOCK, '--no-wait'], { ask, terminal: 100 });
    expect(asked).toEqual([`Type ${NAME} to release it in context fake: `]);
    expect(stderr).toMatch(/Plan: +1\. lease\/worker is vacated/);
    expect(stdout).toMatch(/^lease\/worker saved to .*\nlease\/worker vacated\n/);
    expect(code).toBe(0);
  });

  test.each(['y', 'yes', `${NAME}x`, '', LOCK, null])('%j does not', async (answer) => {
    const { code, stdout, stderr } = await release([LOCK], { ask: typing(answer).ask });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/Not confirmed: nothing was written\.\n$/);
    expect([writes(stage), kept.size]).toEqual([[], 0]);
  });

  test('ctrl-C at the question writes nothing, and says so', async () => {
    const ask = (): Promise<string | null> => {
      stage.signal.abort();
      return Promise.resolve(null);
    };
    const { code, stderr } = await release([LOCK], { ask });
    expect([code, writes(stage)]).toEqual([130, []]);
    expect(stderr).toMatch(/Interrupted: nothing was written\.\n$/);
  });

  test('where nobody could answer it is refused before anything is read', async () => {
    const { code, stderr, connected } = await release([LOCK, '--force']);
    expect([code, stage.cluster.requests.filter(({ verb }) => verb === 'list')]).toEqual([3, []]);
    expect([connected, stderr]).toEqual([null, expect.stringMatching(/nobody could answer[\s\S]*--yes/)]);
  });

  test('a deletion is called so', async () => {
    const { asked, ask } = typing(NAME);
    await release([LOCK, '--strategy', 'delete', '--no-wait'], { ask });
    expect(asked).toEqual([`Type ${NAME} to delete it in context fake: `]);
    expect(writes(stage)).toEqual(['delete leases.coordination.k8s.io']);
  });
});

describe('--yes', () => {
  test('does not ask, keeps the object, and says who took the lock', async () => {
    const { asked, ask } = typing(null);
    const released = release([NAME, '--yes', '-n', 'default'], { ask });
    await stage.clock.advance(19_000);
    standby();
    const { code, stdout, stderr } = await released;
    expect(asked).toEqual([]);
    expect(stdout).toMatch(/ vacated\nTaken over by worker-aaaaa_\S+ after \d(\.\d)? s\n$/);
    expect(stderr).toMatch(/^watching default\/lease\/worker for up to 19 s\nCluster: /);
    expect(code).toBe(0);
    const [[path, object] = []] = [...kept];
    expect(path).toMatch(/^\/usual\/default_lease_worker_\d{8}T\d{6}\.\d{3}Z\.yaml$/);
    expect(object).toMatchObject({
      kind: 'Lease',
      spec: { holderIdentity: expect.stringContaining('zkb5w') },
    });
  });

  test('nobody takes it: exit 4', async () => {
    const { code, stdout } = await release([LOCK, '--yes', '--timeout', '5s']);
    expect([code, stdout]).toEqual([
      4,
      expect.stringMatching(/Still vacant after 5 s: nobody took it so far\n {2}The pods of/),
    ]);
  });

  test('a backup that cannot be made stops everything', async () => {
    const backupInto = () => () => Promise.reject(new Error('EROFS: read-only file system'));
    const { code, stderr } = await release([LOCK, '--yes'], { backupInto });
    expect([code, writes(stage)]).toEqual([3, []]);
    expect(stderr).toMatch(/error: nothing was written, because no backup could be: EROFS.*\n.*--backup-dir/);
  });

  test('--backup-dir says where', async () => {
    const { stdout } = await release([LOCK, '--yes', '--no-wait', '--backup-dir', '/mine']);
    expect(stdout).toMatch(/^lease\/worker saved to \/mine\/default_lease_worker/);
  });

  test('a missing right is named: exit 1', async () => {
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const { code, stderr } = await release([LOCK, '--yes']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/error: lease\/worker was not vacated: .*cannot patch/),
    ]);
  });

  test('a lock that changed meanwhile: exit 3', async () => {
    const ask = (): Promise<string> => {
      standby();
      stage.cluster.remove(LEASES, 'default', NAME);
      return Promise.resolve(NAME);
    };
    const { code, stderr } = await release([LOCK], { ask });
    expect([code, stderr]).toEqual([3, expect.stringContaining('error: Not vacated. ')]);
  });

  test('ctrl-C after the write: what was done is said, exit 130', async () => {
    const released = release([LOCK, '--yes']);
    await stage.clock.advance(25_000);
    expect(writes(stage)).toHaveLength(1);
    stage.signal.abort();
    const { code, stdout } = await released;
    expect(code).toBe(130);
    expect(stdout).toMatch(/lease\/worker vacated\nWhether somebody takes it was not waited for\n$/);
  });

  test('ctrl-C while watching: nothing was written', async () => {
    const released = release([LOCK, '--yes']);
    await stage.clock.advance(5_000);
    stage.signal.abort();
    const { code, stderr } = await released;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/Interrupted: nothing was written\.\n$/)]);
  });
});

describe('a refusal', () => {
  test('says why and what to do instead, exits with 3, and may be overridden', async () => {
    stage.elector(`${NAME}-zkb5w_x`, { name: 'other' });
    await stage.clock.advance(5_000);
    const { code, stdout, stderr } = await release(['default/lease/other', '--yes']);
    expect([code, stdout, kept.size]).toEqual([3, '', 0]);
    expect(stderr).toMatch(/^error: default\/lease\/other is not released: it is renewed by/m);
    expect(stderr).toMatch(/^Instead: .*[\s\S]*kubectl leader depose default\/lease\/other/m);
    expect(stderr).toMatch(/^Override: +--force/m);
    const forced = await release(['default/lease/other', '--yes', '--force']);
    expect(forced.stderr).toMatch(/^Forced: +It is renewed by .*29 of 32 trials/m);
    expect([forced.code, forced.stdout]).toEqual([
      4,
      expect.stringContaining('Taken back by the same holder'),
    ]);
  });
});

describe('--dry-run', () => {
  test('client shows the plan, and neither asks nor writes', async () => {
    const { code, stdout } = await release([LOCK, '--dry-run=client']);
    expect([code, writes(stage), kept.size]).toEqual([0, [], 0]);
    await expect(stdout).toMatchFileSnapshot('golden/release-plan.txt');
  });

  test('server has the writes checked', async () => {
    const { revision } = stage.cluster.store;
    const { code, stdout } = await release([LOCK, '--dry-run=server']);
    expect([code, stage.cluster.store.revision, kept.size]).toEqual([0, revision, 0]);
    expect(stdout).toMatch(/Plan: [\s\S]*lease\/worker vacated \(server dry run\)\n$/);
  });
});

describe('for programs', () => {
  test('json on stdout alone, whatever else is said', async () => {
    const released = release([LOCK, '--yes', '-o', 'json']);
    await stage.clock.advance(19_000);
    standby();
    const { code, stdout, stderr } = await released;
    expect(code).toBe(0);
    expect(stderr).toMatch(/lease\/worker saved to [\s\S]*lease\/worker vacated\n/);
    await expect(stdout).toMatchFileSnapshot('golden/release.json.txt');
  });

  test('yaml', async () => {
    const { stdout } = await release([LOCK, '--dry-run=client', '-o', 'yaml']);
    expect(load(stdout)).toMatchObject({ kind: 'LockRelease', dryRun: 'client', writes: [], outcome: null });
  });

  test('what a refusal advises goes to the same cluster', async () => {
    const flags = ['--context', 'prod', '--as', 'ann', '--token', 'secret'];
    const { stderr } = await release([LOCK, '--yes', '--observe', '0', ...flags]);
    expect(stderr).toMatch(/kubectl leader depose --context prod --as ann default\/lease\/worker takes/);
    expect(stderr).not.toContain('secret');
  });

  test('a refusal is a document too', async () => {
    const { code, stdout } = await release([LOCK, '--yes', '--observe', '0', '-o', 'json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      apiVersion: 'leader.kubectl/v1',
      kind: 'LockRelease',
      refusal: { code: 'renewing', forceable: true },
      plan: null,
    });
  });
});

describe('usage', () => {
  test.each([
    [[], /needs the name of one lock/],
    [['a', 'b'], /takes one lock, got 2: "a b"/],
    [['a', '--strategy', 'x'], /invalid value "x" for --strategy\nIt is vacate or delete/],
    [['a', '--dry-run', 'maybe'], /invalid value "maybe" for --dry-run\nIt is none, client or server\.$/m],
    [['a', '--timeout', 'soon'], /invalid duration "soon" for --timeout/],
    [['a', '--observe', '-1'], /invalid duration "-1" for --observe/],
    [['a', '-o', 'wide'], /invalid value "wide" for --output/],
    [['a', '--no-wait', '--timeout', '1s'], /exclude each other/],
    [['pod/a'], /default\/lease|no lock|does not name|nobody could answer/],
  ])('%j', async (words, expected) => {
    const { code, stderr, connected } = await release(words);
    expect([code === 0, connected, stderr]).toEqual([false, null, expect.stringMatching(expected)]);
  });

  test('a lock that does not exist', async () => {
    const { code, stderr } = await release(['nothing', '--yes']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no lock nothing')]);
  });

  test('a cluster that cannot be reached', async () => {
    const connect = () => Promise.reject(new LeaderError('unreachable', 'no answer from x'));
    expect(await release([LOCK, '--yes'], { connect })).toMatchObject({
      code: 1,
      stderr: 'error: no answer from x\n',
    });
  });

  test('help', async () => {
    const { stdout } = await run(['release', '--help']);
    await expect(stdout).toMatchFileSnapshot('golden/help-release.txt');
  });
});

test.each([
  ['nothing was said', {}, [], true],
  ['only where, and where to keep the backup', { namespace: 'ops', 'backup-dir': '/b' }, [], true],
  ['a lock was named', {}, [LOCK], true],
  ['several were named', {}, [LOCK, NAME], false],
  ['it was said how long to wait', { timeout: '5s' }, [LOCK], false],
  ['it was said how', { force: true }, [], false],
  ['nobody is to be asked', { yes: true }, [], false],
  ['a document is wanted', { output: 'json' }, [], false],
])('it is left to a dialog, or not, where %s', (_, values, args, expected) => {
  expect(asksForDialog(values, args)).toBe(expected);
});
