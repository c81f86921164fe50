import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { SCENARIO_NAMES } from '../../src/sandbox/scenario-names.ts';
import { run } from '../cli/fake-host.ts';

describe('kubectl leader demo', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('lists what it can play, one line each', async () => {
    const { code, stdout, stderr } = await run(['demo', '--list']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([...SCENARIO_NAMES]);
  });

  it.each([
    ['an unknown scenario', ['demo', 'nope'], /unknown scenario "nope"\nScenarios are ghost, frozen/],
    ['two scenarios', ['demo', 'ghost', 'frozen'], /one scenario, got "ghost frozen"/],
    ['a speed that is none', ['demo', '--speed', 'fast'], /invalid value "fast" for --speed/],
    ['a speed beyond what clocks of whole seconds can show', ['demo', '--speed', '50'], /1 to 10/],
    ['no terminal', ['demo'], /no terminal for it\nGive --serve/],
  ])('is refused: %s', async (_, argv, message) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  it('says what to do where it cannot make its folder, and runs no further', async () => {
    vi.stubEnv('TMPDIR', '/nonexistent');
    const { code, stdout, stderr } = await run(['demo', '--serve'], { clock: systemClock });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^error: cannot start the demo: ENOENT.*\nIt needs a folder of its own in \/nonexistent/,
    );
  });

  it('serves until it is stopped, for its user alone, and leaves nothing behind', async () => {
    const stop = new AbortController();
    let file = '';
    let served = '';
    const onStdout = (text: string): void => {
      file = /^export KUBECONFIG=(\S+)\n$/.exec(text)?.[1] ?? '';
      served = readFileSync(file, 'utf8');
      expect(statSync(file).mode & 0o077).toBe(0);
      expect(statSync(dirname(file)).mode & 0o077).toBe(0);
      stop.abort();
    };
    const { code, stdout, stderr } = await run(['demo', 'ghost', '--serve'], {
      clock: systemClock,
      signal: stop.signal,
      onStdout,
    });
    expect(code).toBe(130);
    expect(stdout).toBe(`export KUBECONFIG=${file}\n`);
    expect(stderr).toMatch(/until ctrl-C/);
    const config = JSON.parse(served) as {
      clusters: { cluster: { server: string } }[];
      contexts: { name: string }[];
    };
    expect(config.clusters[0]?.cluster.server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(config.contexts.map(({ name }) => name)).toEqual(['demo', 'viewer']);
    expect(existsSync(dirname(file))).toBe(false);
    await expect(fetch(config.clusters[0]?.cluster.server ?? '')).rejects.toThrow();
  });
});
