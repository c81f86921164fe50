import { afterEach, beforeEach, describe, expect, test } from 'vitest';
// Loaded when first needed, which takes time that is not the stage's.
import '../../src/cli/release-on-screen.ts';
import '../../src/cli/run-release.ts';
import '../../src/tui/run.tsx';
import { CONFIGMAPS, ENDPOINTS, LEASES } from '../../src/core/resources.ts';
import { NAME, orphan, type ReleaseStage, writes } from '../app/release-stage.ts';
import { lease } from '../support/objects.ts';
import { FakeTerminal } from '../tui/fake-terminal.ts';
import { type Run, run, type Setting } from './fake-host.ts';

const LOCK = `default/lease/${NAME}`;
const CTRL_C = '\u0003';
const ESC = '\u001b';

let stage: ReleaseStage;
let terminal: FakeTerminal;
let running: Promise<Run> | null;

beforeEach(async () => {
  stage = await orphan();
  terminal = new FakeTerminal();
  running = null;
});

afterEach(async () => {
  stage.signal.abort();
  await running;
});

/** `release` with these words, on a terminal. */
function release(words: readonly string[], setting: Setting = {}): Promise<Run> {
  const { cluster, clock, signal } = stage;
  running = run(['release', ...words], {
    ...{ clock, signal: signal.signal, terminal: 100, screen: terminal },
    connect: () => Promise.resolve(cluster),
    ...setting,
  });
  return running;
}

/** Time goes on until the terminal has been sent this. */
async function until(text: string): Promise<void> {
  for (let turn = 0; turn < 400 && !terminal.written.includes(text); turn++) {
    await stage.clock.advance(500);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(terminal.written).toContain(text);
}

async function press(...keys: string[]): Promise<void> {
  for (const key of keys) {
    terminal.press(key);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The dialog is left, and then the list. */
async function leave(): Promise<void> {
  terminal.written = '';
  await press(ESC);
  await until('VERDICT');
  await press('q');
}

describe('release LOCK on a terminal', () => {
  test('who may not list, but get the lock, is asked in plain text', async () => {
    stage.cluster.forbid({ verb: 'list', resource: LEASES });
    stage.cluster.forbid({ verb: 'list', resource: ENDPOINTS });
    stage.cluster.forbid({ verb: 'list', resource: CONFIGMAPS });
    const asked: string[] = [];
    const ask = (question: string) => {
      asked.push(question);
      return Promise.resolve('no');
    };
    const released = release([LOCK], { ask });
    expect(await stage.run(released)).toMatchObject({ code: 3 });
    expect(asked.join()).toContain(`Type ${NAME}`);
    // The screen that was opened for the list is left.
    expect(terminal.written.lastIndexOf('?1049l')).toBeGreaterThan(terminal.written.lastIndexOf('?1049h'));
  });

  test.each([[LOCK], [NAME]])('%s opens its dialog', async (name) => {
    const released = release([name, '--backup-dir', '/mine']);
    await until('watching default/lease/worker');
    await until('Type worker and enter to release it');
    expect(writes(stage)).toEqual([]);
    await press(...NAME, '\r');
    await until('lease/worker vacated');
    stage.elector(stage.standbyPod('aaaaa'), { name: NAME });
    await until('Taken over by worker-aaaaa');
    await leave();
    const { code, stdout, stderr } = await released;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NAMESPACE.*\n.*lease\/worker.*Healthy/);
    expect(stderr).toMatch(/lease\/worker saved to \S+\n.* vacated\n.*: Taken over by worker-aaaaa/);
  });

  test('nobody takes it: 4, however the list is left', async () => {
    const released = release([LOCK]);
    await until('Type worker');
    await press(...NAME, '\r');
    await until('Still vacant');
    await press(CTRL_C);
    expect(await released).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('Still vacant after 30 s'),
    });
  });

  test('not confirmed: 3, and it is said; the row of that lock is selected', async () => {
    const names = ['aaa', 'bbb'];
    for (const name of names) stage.elector(`${NAME}-zkb5w_x`, { name });
    const released = release([NAME]);
    await until('Type worker');
    terminal.written = '';
    await press(ESC);
    await until('VERDICT');
    expect(terminal.written).toMatch(/>\*?[^\n]* {2}lease\/worker /);
    await press('q');
    expect(await released).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`${LOCK}: not confirmed, nothing was written\n`),
    });
    expect(writes(stage)).toEqual([]);
  });

  test('refused: 3, and why', async () => {
    stage.elector(`${NAME}-zkb5w_x`, { name: 'other' });
    const released = release(['other']);
    await until('default/lease/other is not released');
    await leave();
    expect(await released).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^default\/lease\/other is not released: it is renewed by/m),
    });
  });

  test.each([
    ['while it is examined', 'watching default/lease/worker'],
    ['at the question', 'Type worker'],
  ])('ctrl-C %s: 130', async (_, shown) => {
    const released = release([LOCK]);
    await until(shown);
    await press(CTRL_C);
    expect((await released).code).toBe(130);
    expect(writes(stage)).toEqual([]);
  });

  test('ctrl-C right after the write: 130, and what was done is said', async () => {
    const released = release([LOCK]);
    await until('Type worker');
    await press(...NAME, '\r');
    await until('lease/worker vacated');
    await press(CTRL_C);
    expect(await released).toMatchObject({ code: 130, stderr: expect.stringContaining('not waited for') });
  });

  test('a missing right: 1', async () => {
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const released = release([LOCK]);
    await until('Type worker');
    await press(...NAME, '\r');
    await until('was not vacated');
    await leave();
    expect(await released).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot patch') });
  });
});

describe('in plain text', () => {
  test.each([
    ['an unknown name', ['nothing'], 1, /^error: no lock nothing\n/],
    [
      'a name that fits two',
      ['twin'],
      1,
      /^error: twin fits 2 locks\nName one of them: default\/lease\/twin/,
    ],
    ['what is no name', ['pod/worker/x/y'], 1, /does not name a lock/],
    ['two names', ['a', 'b'], 1, /takes one lock, got 2/],
  ])('%s is told before the screen opens', async (_, words, code, expected) => {
    stage.cluster.create(lease({ namespace: 'default', name: 'twin', holder: 'a' }));
    stage.cluster.create(lease({ namespace: 'ops', name: 'twin', holder: 'b' }));
    const released = release(words);
    await stage.clock.advance(5_000);
    expect(await released).toMatchObject({ code, stderr: expect.stringMatching(expected) });
    expect(terminal.written).toBe('');
  });

  test.each([
    ['--force', [LOCK, '--force'], {}],
    ['--timeout', [LOCK, '--timeout', '5s'], {}],
    ['--observe', [LOCK, '--observe', '20s'], {}],
    ['--no-wait', [LOCK, '--no-wait'], {}],
    ['--strategy', [LOCK, '--strategy', 'vacate'], {}],
    ['TERM=dumb', [LOCK], { env: { TERM: 'dumb' } }],
  ])('%s asks at the prompt', async (_, words, setting) => {
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => {
      asked.push(question);
      return Promise.resolve('no');
    };
    const { code } = await stage.run(release(words, { ask, ...setting }), 300_000);
    expect([code, asked, terminal.written]).toEqual([
      3,
      [`Type ${NAME} to release it in context fake: `],
      '',
    ]);
  });
});
