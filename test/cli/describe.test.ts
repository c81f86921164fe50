import { stripVTControlCharacters } from 'node:util';
import { load } from 'js-yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stage } from '../app/stage.ts';
import { pod } from '../support/objects.ts';
import { STORIES, type Story } from './case-stories.ts';
import { type Run, run, type Setting } from './fake-host.ts';

// Loading it takes real time, of which a fake clock knows nothing.
beforeAll(() => import('../../src/cli/run-describe.ts'));

/** The program on a cluster in which a story has happened. */
async function told(story: Story, argv: readonly string[], setting: Setting = {}): Promise<Run> {
  const stage = new Stage();
  await story(stage);
  const { cluster, clock } = stage;
  return stage.run(run(argv, { connect: () => Promise.resolve(cluster), clock, ...setting }));
}

function golden(name: string): string {
  return `golden/describe-${name}.txt`;
}

describe('the case as people read it', () => {
  it.each(Object.entries(STORIES))('%s', async (name, story) => {
    const { code, stdout, stderr } = await told(story, [
      'describe',
      'worker',
      '--probe',
      '-n',
      namespaceOf(name),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(golden(name));
  });

  it.each(Object.entries(STORIES))(
    '%s fits into 80 columns, but for what must not be broken',
    async (name, story) => {
      const { stdout } = await told(story, ['describe', 'worker', '-n', namespaceOf(name)], { terminal: 80 });
      const lines = stripVTControlCharacters(stdout).split('\n');
      const wide = lines.filter(
        (line) =>
          line.length > 80 && !/^\s+kubectl |POD +STATUS|^ {2}worker-|_6d8f3f0c|LEASECANDIDATE/.test(line),
      );
      expect(wide).toEqual([]);
    },
  );
});

function namespaceOf(name: string): string {
  return { frozen: 'kube-system', ghost: 'volumes' }[name] ?? 'default';
}

it('what the record itself shows is not said to have been watched', async () => {
  const argv = ['describe', 'worker', '--observe', '0'];
  expect((await told(STORIES.invalid, argv)).stdout).toMatch(/^Verdict: +Invalid \(as it was read\): /m);
  expect((await told(STORIES.healthy, argv)).stdout).toMatch(/^Verdict: +Healthy \(by the clock\): /m);
});

it('what is advised goes to the cluster that was looked at', async () => {
  const flags = ['--context', "it's prod", '--as-group=a', '--as-group=b', '--token', 'secret'];
  const { stdout } = await told(STORIES.ghost, ['describe', 'worker', '-n', 'volumes', ...flags]);
  const commands = stdout.split('\n').filter((line) => line.startsWith('     kubectl '));
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    expect(command).toMatch(
      /^ +kubectl (leader \w+ )?--context 'it'\\''s prod' --as-group a --as-group b \S/,
    );
  }
});

describe('the case for programs', () => {
  it.each(['json', 'yaml'])('%s', async (format) => {
    const { stdout } = await told(STORIES.ghost, ['describe', 'worker', '-n', 'volumes', '-o', format]);
    const document = load(stdout) as Record<string, unknown>;
    expect(document).toMatchObject({ apiVersion: 'leader.kubectl/v1', kind: 'LockCase' });
    if (format === 'json') await expect(stdout).toMatchFileSnapshot(golden('ghost-json'));
  });

  it('several locks are a list', async () => {
    const story: Story = async (stage) => {
      for (const name of ['a', 'b']) await stage.leader(name);
    };
    const { stdout } = await told(story, ['describe', 'a', 'b', '-ojson', '--observe', '0']);
    const { kind, items } = JSON.parse(stdout) as { kind: string; items: { lock: { name: string } }[] };
    expect([kind, items.map(({ lock }) => lock.name)]).toEqual(['LockCaseList', ['a', 'b']]);
  });
});

describe('on a terminal', () => {
  it('the verdict is coloured, and progress is told on stderr and taken away again', async () => {
    const { stdout, stderr } = await told(STORIES.ghost, ['describe', 'worker'], { terminal: 80 });
    expect(stdout).toContain('\u001b[1;31mGhost\u001b[0m (watched)');
    expect(stderr).toMatch(/watching, 2 of 19 s: 1 renewal seen \(ctrl-C ends the watching\)/);
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  it('NO_COLOR and --color never are obeyed', async () => {
    for (const [argv, env] of [
      [['describe', 'worker'], { NO_COLOR: '1' }],
      [['describe', 'worker', '--color', 'never'], {}],
    ] as const) {
      const { stdout } = await told(STORIES.healthy, argv, { terminal: 80, env });
      expect(stdout).not.toContain('\u001b');
    }
  });

  it('nothing that somebody else wrote reaches it unescaped', async () => {
    const evil = '\u001b[2J\u202e\r\nVerdict: fine';
    const story: Story = async (stage) => {
      stage.elector(`${evil}_x`, { name: 'worker' });
      stage.cluster.create(pod({ name: 'worker-0' }));
      await stage.clock.advance(10_000);
    };
    const { stdout } = await told(story, ['describe', 'worker']);
    for (const char of ['\u001b', '\u202e', '\r']) expect(stdout).not.toContain(char);
    expect(stdout.match(/^Verdict:/gm)).toHaveLength(1);
  });
});

describe('refused before anything is asked of a cluster', () => {
  it.each([
    [['describe'], 'describe needs the name of a lock'],
    [['describe', 'x', '-o', 'wide'], 'unknown output format "wide"'],
    [['describe', 'x', '--observe', 'long'], 'invalid duration "long" for --observe'],
    [['describe', 'x', '--color', 'blue'], 'invalid value "blue" for --color'],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr, connected } = await run(argv);
    expect({ code, stdout, connected }).toEqual({ code: 1, stdout: '', connected: null });
    expect(stderr.split('\n')[0]).toBe(`error: ${message}`);
  });

  it('a name that is none', async () => {
    const { code, stderr } = await told(STORIES.healthy, ['describe', 'a/b/c/d']);
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'error: "a/b/c/d" does not name a lock']);
  });
});

it('the help tells what it does', async () => {
  await expect((await run(['describe', '--help'])).stdout).toMatchFileSnapshot('golden/help-describe.txt');
});
