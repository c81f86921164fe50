import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { asksVersionOnly, versionLine } from '../../src/cli/version-line.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { run, unreachable } from './fake-host.ts';

describe('help', () => {
  test.each([
    ['program', ['--help']],
    ['program', ['help']],
    ['program', ['-h']],
    ['ls', ['help', 'ls']],
    ['ls', ['ls', '--help']],
    ['ls', ['-n', 'ls', 'list', '-h']],
    ['version', ['version', '-h']],
    ['options', ['options']],
  ])('%s: %j', async (file, argv) => {
    const { code, stdout, stderr, connected } = await run(argv);
    await expect(stdout).toMatchFileSnapshot(`golden/help-${file}.txt`);
    expect({ code, stderr, connected }).toEqual({ code: 0, stderr: '', connected: null });
  });

  test('speaks of the program as it was called', async () => {
    const { stdout } = await run(['ls', '-h'], { program: 'kubectl-leader' });
    expect(stdout).toContain('  kubectl-leader ls [KIND...] [options]');
    expect(stdout).not.toContain('kubectl leader');
  });

  test('of an unknown command is an error', async () => {
    expect(await run(['help', 'nope'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'error: unknown command "nope" for "kubectl leader"\nCommands are ls, describe, release, depose, demo, completion, options, version, help.\n',
    });
  });
});

describe('version', () => {
  test.each([[['version']], [['--version']], [['version', '--client']], [['version', '-n', 'x']]])(
    '%j',
    async (argv) => {
      expect(await run(argv)).toMatchObject({
        code: 0,
        stdout: 'Client Version: v1.2.3\n',
        stderr: '',
        connected: null,
      });
    },
  );

  test('the short way says what the full one says', async () => {
    for (const argv of [['version'], ['--version']]) {
      expect(asksVersionOnly(argv)).toBe(true);
      expect(versionLine('1.2.3')).toBe((await run(argv)).stdout);
    }
    expect(asksVersionOnly(['version', '-o', 'json'])).toBe(false);
  });

  test('for programs', async () => {
    const expected = {
      clientVersion: { gitVersion: 'v1.2.3', nodeVersion: 'v24.0.0', platform: 'linux/x64' },
    };
    expect(JSON.parse((await run(['version', '-o', 'json'])).stdout)).toEqual(expected);
    expect(load((await run(['version', '-oyaml'])).stdout)).toEqual(expected);
  });

  test.each([
    [['version', '-o', 'wide'], 'error: unknown output format "wide"\nFormats are json, yaml.\n'],
    [
      ['version', 'x'],
      'error: version takes no arguments, got "x"\nSee \'kubectl leader version --help\' for usage.\n',
    ],
    [
      ['version', '--watch'],
      "error: unknown flag: --watch\nSee 'kubectl leader version --help' for usage.\n",
    ],
  ])('%j is an error', async (argv, stderr) => {
    expect(await run(argv)).toMatchObject({ code: 1, stdout: '', stderr });
  });
});

describe('errors', () => {
  test.each<[string, unknown, number, string]>([
    ['one line', new LeaderError('unreachable', 'no answer'), 1, 'error: no answer\n'],
    [
      'and what to do',
      new LeaderError('config', 'bad file', { hint: 'Mend it.' }),
      1,
      'error: bad file\nMend it.\n',
    ],
    ['a refusal has its own code', new LeaderError('refused', 'it is alive'), 3, 'error: it is alive\n'],
    ['an interruption needs no words', new LeaderError('interrupted', 'stopped'), 130, ''],
    [
      'a message of the server cannot act on the terminal',
      new LeaderError('forbidden', 'no\u001b[2J\nerror: forged', { hint: '\u202e' }),
      1,
      'error: no^[[2J\\nerror: forged\n\\u202e\n',
    ],
    [
      'an unexpected one keeps its stack to itself',
      new TypeError('x is not a function'),
      1,
      'error: this should not have happened: TypeError: x is not a function\nRepeat it with -v=6 to see where.\n',
    ],
    [
      'not even an error',
      'text',
      1,
      'error: this should not have happened: text\nRepeat it with -v=6 to see where.\n',
    ],
  ])('%s', async (_, error, code, stderr) => {
    expect(await run([], unreachable(error))).toMatchObject({ code, stdout: '', stderr });
  });

  test.each([[['-v=6']], [['-v', '8']], [['-v7']], [['ls', '--v=10']]])(
    '%j shows the stack',
    async (argv) => {
      const { code, stderr } = await run(argv, unreachable(new TypeError('x')));
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: this should not have happened: TypeError: x\n {4}at .*program\.test\.ts/,
      );
    },
  );

  test.each([
    [['foo'], 'unknown command "foo" for "kubectl leader"'],
    [['-n', 'x', 'foo'], 'unknown command "foo" for "kubectl leader"'],
    [['ls', '--foo'], 'unknown flag: --foo'],
    [['-v=high'], 'invalid argument "high" for "-v, --v" flag'],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr, connected } = await run(argv);
    expect({ code, stdout, connected }).toEqual({ code: 1, stdout: '', connected: null });
    expect(stderr.split('\n')[0]).toBe(`error: ${message}`);
  });
});
