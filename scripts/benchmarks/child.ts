import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../test/e2e/support/find-on-path.ts';

/** GNU time: asks the system what a process and those that it waited for used. */
const TIME = findOnPath('time');
export const measuresUsage = TIME !== null;

/** One run of a command. */
export interface Sample {
  wallMs: number;
  /** User and system, of the process and those that it waited for; NaN where it cannot be measured. */
  cpuMs: number;
  /** Of the largest of these processes; NaN where it cannot be measured. */
  peakMiB: number;
}

export interface Contestant {
  name: string;
  argv: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Runs it to its end. Rejects when it fails: nothing is learnt from how fast something fails. */
async function measured({ argv, env = {} }: Contestant): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), 'leader-beside-kubectl-'));
  const file = join(folder, 'usage');
  const prefix = TIME === null ? [] : [TIME, '-o', file, '-f', '%U %S %M'];
  const [command = '', ...args] = [...prefix, ...argv];
  try {
    const begun = performance.now();
    const { code, stderr } = await toItsEnd(command, args, env);
    const wallMs = performance.now() - begun;
    if (code !== 0) throw new Error(`${argv.join(' ')} exited with ${code}: ${stderr.slice(-2_000)}`);
    const usage = TIME === null ? '' : readFileSync(file, 'utf8');
    const [user = Number.NaN, system = Number.NaN, kib = Number.NaN] = usage.split(' ').map(Number);
    return { wallMs, cpuMs: (user + system) * 1000, peakMiB: kib / 1024 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What it printed on stderr, where `-v=6` puts what is asked of the API server. */
export async function stderrOf({ argv, env = {} }: Contestant): Promise<string> {
  const [command = '', ...args] = argv;
  const { code, stderr } = await toItsEnd(command, args, env);
  if (code !== 0) throw new Error(`${argv.join(' ')} exited with ${code}: ${stderr.slice(-2_000)}`);
  return stderr;
}

function toItsEnd(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * The medians of all contestants, who take turns, so that whatever else the machine does meets each of them. One round
 * before the first that counts warms caches up.
 */
export async function compared(contestants: readonly Contestant[], rounds: number): Promise<Sample[]> {
  const samples = contestants.map((): Sample[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      const sample = await measured(contestant);
      if (round > 0) samples[index]?.push(sample);
    }
  }
  return samples.map((of) => ({
    wallMs: median(of.map(({ wallMs }) => wallMs)),
    cpuMs: median(of.map(({ cpuMs }) => cpuMs)),
    peakMiB: median(of.map(({ peakMiB }) => peakMiB)),
  }));
}
