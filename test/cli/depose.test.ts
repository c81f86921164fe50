import { load } from 'js-yaml';
import { beforeEach, describe, expect, test } from 'vitest';
// Loaded when first needed, which takes time that is not the stage's.
import '../../src/cli/run-depose.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { LEASES, PODS } from '../../src/core/resources.ts';
import { DeposeStage, HOLDER, ME, NAME, recordIn, writes } from '../app/depose-stage.ts';
import { endpointsLock } from '../support/objects.ts';
import { type Run, run, type Setting, typing } from './fake-host.ts';

const named = { namespace: 'default', name: 'settings' };
const configMap: ClusterObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: named };

let stage: DeposeStage;
let asked: AbortController;
const LOCK = `default/lease/${NAME}`;

beforeEach(async () => {
  stage = new DeposeStage();
  asked = new AbortController();
  await stage.ghost();
  stage.standby('ccccc');
});

/** What a signal to the process does. */
function interrupt(): void {
  asked.abort();
  stage.signal.abort();
}

/** `depose` with these words on the cluster of the stage. */
function depose(words: readonly string[], setting: Setting = {}): Promise<Run> {
  const { cluster, clock, signal } = stage;
  return stage.run(
    run(['depose', ...words], {
      clock,
      signal: signal.signal,
      asked: asked.signal,
      connect: () => Promise.resolve(cluster),
      backupInto: (folder) => (_object, name) => Promise.resolve(`${folder ?? '/usual'}/${name}`),
      ...setting,
    }),
  );
}

/** Runs until the lock is held. */
async function untilHeld(): Promise<void> {
  while (recordIn(stage)['holderIdentity'] !== ME) await stage.step(100);
}

describe('asking', () => {
  test('the name of the lock deposes its holder, and everything is told with its time', async () => {
    const { asked, ask } = typing(` ${NAME}\n`);
    const { code, stdout, stderr } = await depose([LOCK], { ask, terminal: 100 });
    expect(asked).toEqual([`Type ${NAME} to depose its holder in context fake: `]);
    expect(stderr).toMatch(
      /Verdict: +Ghost[\s\S]*Plan: +1\. Take lease\/worker as\s+kubectl-leader-depose_ann@desk_/,
    );
    expect(stderr).toMatch(/holding it until the old leader must have stopped, 7 of 19 s/);
    expect(stderr).toMatch(/watching whether the old leader comes back, 7 of 15 s/);
    await expect(stdout).toMatchFileSnapshot('golden/depose.txt');
    expect(code).toBe(0);
  });

  test.each(['y', 'yes', '', LOCK, null])('%j does not', async (answer) => {
    const { code, stdout, stderr } = await depose([LOCK], { ask: typing(answer).ask });
    expect([code, stdout, writes(stage)]).toEqual([3, '', []]);
    expect(stderr).toMatch(/Not confirmed: nothing was written\.\n$/);
  });

  test('ctrl-C at the question writes nothing, and says so', async () => {
    const ask = (): Promise<string | null> => {
      interrupt();
      return Promise.resolve(null);
    };
    const { code, stderr } = await depose([LOCK], { ask });
    expect([code, writes(stage)]).toEqual([130, []]);
    expect(stderr).toMatch(/Interrupted: nothing was written\.\n$/);
  });

  test('where nobody could answer it is refused before anything is read', async () => {
    const { code, stderr, connected } = await depose([LOCK, '--force']);
    expect([code, connected]).toEqual([3, null]);
    expect(stderr).toMatch(/depose asks before it writes, and nobody could answer[\s\S]*--yes/);
  });
});

describe('exit codes', () => {
  test('4 where nobody takes it', async () => {
    for (const elector of stage.electors.slice(1)) elector.kill();
    const { code, stdout } = await depose([LOCK, '--yes', '--timeout', '5s']);
    expect([code, stdout]).toEqual([
      4,
      expect.stringMatching(/nobody took the lock within 5 s\n {2}The pods of/),
    ]);
  });

  test('1 where it may not be written to', async () => {
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const { code, stderr } = await depose([LOCK, '--yes']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/error: lease\/worker was not taken: .*cannot patch/),
    ]);
  });

  test('3 where the lock changed meanwhile', async () => {
    const ask = (): Promise<string> => {
      stage.cluster.remove(LEASES, 'default', NAME);
      return Promise.resolve(NAME);
    };
    for (const elector of stage.electors) elector.freeze();
    const { code, stderr } = await depose([LOCK, '--force'], { ask });
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining('error: Not taken, it has changed meanwhile'),
    ]);
  });

  test('3 for a refusal, with what to do instead', async () => {
    for (const elector of stage.electors.slice(1)) elector.kill();
    stage.cluster.remove(PODS, 'default', `${NAME}-ccccc`);
    const { code, stdout, stderr } = await depose([LOCK, '--yes']);
    expect([code, stdout, writes(stage)]).toEqual([3, '', []]);
    expect(stderr).toMatch(
      /^error: default\/lease\/worker is left to its holder: nobody else is there to take it/m,
    );
    expect(stderr).toMatch(/^Override: +--force deposes its holder all the same/m);
  });

  test('130 for ctrl-C while it is held: freed, and what that means is said', async () => {
    const deposed = depose([LOCK, '--yes']);
    await untilHeld();
    interrupt();
    const { code, stdout, stderr } = await deposed;
    expect([code, recordIn(stage)['holderIdentity']]).toEqual([130, '']);
    expect(stdout).toMatch(/Z {2}lease\/worker freed\nFreed; who takes it was not waited for\n$/);
    expect(stderr).toMatch(/^Interrupted after .* may not have stopped yet, so two may lead for up to /m);
  });

  test('a reader that has seen enough does not make it free the lock before its time', async () => {
    const deposed = depose([LOCK, '--yes', '-o', 'jsonl']);
    await untilHeld();
    stage.signal.abort();
    const { code } = await deposed;
    expect([code, stage.mostLeaders]).toEqual([0, 1]);
  });

  test('ctrl-C after the reader is gone still frees the lock', async () => {
    const deposed = depose([LOCK, '--yes', '-o', 'jsonl']);
    await untilHeld();
    stage.signal.abort();
    await stage.step(1_000);
    interrupt();
    const { code } = await deposed;
    expect([code, recordIn(stage)['holderIdentity']]).toEqual([130, '']);
  });
});

describe("others' elections are refused, with how to move their leader", () => {
  test.each<[string, ClusterObject, RegExp]>([
    [
      "Patroni's",
      endpointsLock({ name: 'pg', metadata: { annotations: { leader: 'pg-0', ttl: '30', renewTime: 'x' } } }),
      /default\/endpoints\/pg is Patroni's leader record: .*\n.*patronictl switchover/,
    ],
    [
      'leader for life',
      { ...configMap, metadata: { ...named, ownerReferences: [{ kind: 'Pod', name: 'op-0', uid: 'x' }] } },
      /held by the Pod op-0 for its life.*\n.*kubectl -n default delete pod op-0/,
    ],
    [
      "Camel's and Spring's",
      { ...configMap, data: { 'leader.pod.group': 'x-0' } },
      /an election by membership \(leader\.pod\.group\).*\n.*delete pod POD/,
    ],
  ])('%s', async (_, object, says) => {
    stage.cluster.create(object);
    const { code, stderr } = await depose([object.metadata.name!, '--yes', '-n', 'default']);
    expect([code, stderr, writes(stage)]).toEqual([3, expect.stringMatching(says), []]);
  });

  test('anything else is just no lock', async () => {
    stage.cluster.create(configMap);
    expect(await depose(['settings', '--yes'])).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('--dry-run', () => {
  test('client shows the plan, and neither asks nor writes', async () => {
    const { code, stdout } = await depose([LOCK, '--dry-run=client']);
    expect([code, writes(stage)]).toEqual([0, []]);
    await expect(stdout).toMatchFileSnapshot('golden/depose-plan.txt');
  });

  test('server has the taking checked', async () => {
    const { code, stdout } = await depose([LOCK, '--dry-run=server']);
    expect([code, recordIn(stage)['holderIdentity']]).toEqual([0, HOLDER]);
    expect(stdout).toMatch(/Plan: [\s\S]*The API server would let it be taken \(server dry run\)\n$/);
  });
});

describe('for programs', () => {
  test('json: one document at the end, on stdout alone', async () => {
    const { code, stdout, stderr } = await depose([LOCK, '--yes', '-o', 'json']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/lease\/worker taken[\s\S]*Taken over by/);
    await expect(stdout).toMatchFileSnapshot('golden/depose.json.txt');
  });

  test('jsonl: each event as it happens', async () => {
    let written = '';
    const deposed = depose([LOCK, '--yes', '-o', 'jsonl'], {
      onStdout: (text) => {
        written += text;
      },
    });
    await untilHeld();
    await stage.step(3_000);
    const early = written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect(early).toEqual(['planned', 'backed-up', 'taken', 'holding', 'renewed']);
    const { stdout } = await deposed;
    await expect(stdout).toMatchFileSnapshot('golden/depose.jsonl.txt');
  });

  test('yaml, and a refusal is a document too', async () => {
    for (const elector of stage.electors) elector.kill();
    const { code, stdout } = await depose([LOCK, '--yes', '-o', 'yaml']);
    expect(code).toBe(3);
    expect(load(stdout)).toMatchObject({
      apiVersion: 'leader.kubectl/v1',
      kind: 'LockDeposition',
      refusal: { code: 'not-renewed', forceable: true },
      plan: null,
      events: [],
      outcome: null,
    });
  });

  test('a refusal in jsonl is one line', async () => {
    for (const elector of stage.electors) elector.kill();
    const { stdout } = await depose([LOCK, '--yes', '-o', 'jsonl']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ event: 'refused', kind: 'lease', name: NAME, code: 'not-renewed' }]);
  });
});

describe('usage', () => {
  test.each([
    [[], /needs the name of one lock/],
    [['a', 'b'], /takes one lock, got 2: "a b"/],
    [['a', '--dry-run', 'maybe'], /invalid value "maybe" for --dry-run/],
    [['a', '--hold', 'long'], /invalid duration "long" for --hold/],
    [['a', '--timeout', 'soon'], /invalid duration "soon" for --timeout/],
    [['a', '--observe', '-1'], /invalid duration "-1" for --observe/],
    [['a', '-o', 'wide'], /invalid value "wide" for --output/],
  ])('%j', async (words, expected) => {
    const { code, stderr, connected } = await depose(words);
    expect([code, connected, stderr]).toEqual([1, null, expect.stringMatching(expected)]);
  });

  test('a lock that does not exist', async () => {
    const { code, stderr } = await depose(['nothing', '--yes']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no lock nothing')]);
  });

  test('help', async () => {
    const { stdout } = await run(['depose', '--help']);
    await expect(stdout).toMatchFileSnapshot('golden/help-depose.txt');
  });
});
