/**
 * What becomes of a live leader whose lock is released, and of one that is deposed, with two standbys waiting:
 * `node scripts/measure-depose.ts [TRIALS]` prints a Markdown table. Every trial has electors of its own, with client-go's
 * default times (15 s, 10 s, 2 s); those of one row run side by side. Needs KUBEBUILDER_ASSETS with the `elector` that
 * docs/depose.md describes, and a build (`npm run build`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { ApiAccess } from '../test/e2e/support/api-access.ts';
import { startControlPlane } from '../test/e2e/support/control-plane.ts';
import { daemonSet, node, pod } from '../test/support/objects.ts';

const TRIALS = Number(process.argv[2] ?? 4);
const LOCKS = ['leases', 'endpoints', 'endpointsleases'] as const;
const UUID = '6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';
const PATIENCE_MS = 120_000;

type LockType = (typeof LOCKS)[number];
type Act = 'release' | 'depose';

interface Line {
  text: string;
  /** When it was printed, milliseconds of this process. */
  at: number;
}

/** A process, and when it printed what. */
class Timed {
  readonly lines: Line[] = [];
  readonly exited: Promise<number>;
  readonly #process: ChildProcess;
  #listeners: (() => void)[] = [];

  constructor(file: string, args: readonly string[]) {
    this.#process = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    if (this.#process.stdout !== null) {
      createInterface({ input: this.#process.stdout }).on('line', (text) => {
        this.lines.push({ text, at: performance.now() });
        for (const heard of this.#listeners.splice(0)) heard();
      });
    }
    this.exited = new Promise((done) => {
      this.#process.once('close', () => done(performance.now()));
    });
  }

  /** The first line, past or coming, that fits. */
  async line(pattern: RegExp): Promise<Line> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.lines.find(({ text }) => pattern.test(text));
      if (found !== undefined) return found;
      if (performance.now() > end) throw new Error(`never printed ${pattern}`);
      await new Promise<void>((wake) => {
        this.#listeners.push(wake);
        setTimeout(wake, 1_000);
      });
    }
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }
}

/** What one trial came to, in seconds. */
interface Trial {
  /** The same holder had the lock again. */
  retaken: boolean;
  /** For how long two electors said that they led; 0 if never. */
  bothLed: number;
  /** From the taking of the lock until the old leader said that it had stopped; null if it was not taken, or never did. */
  stoppedAfter: number | null;
  /** From the freeing of the lock until a standby led; null if none did. */
  ledAfter: number | null;
  /** For how long nobody said that they led; null if the old leader never stopped. */
  nobodyFor: number | null;
}

function seconds(from: number, to: number): number {
  return (to - from) / 1_000;
}

interface Place {
  assets: string;
  api: ApiAccess;
  namespace: string;
}

async function elector({ assets, api, namespace }: Place, lock: LockType, name: string, podName: string) {
  await api.apply(pod({ namespace, name: podName, owner: { kind: 'DaemonSet', name } }));
  const place = ['-lock', lock, '-namespace', namespace, '-name', name, '-id', `${podName}_${UUID}`];
  return new Timed(join(assets, 'elector'), ['-kubeconfig', api.kubeconfig(), ...place]);
}

function leadingFrom({ lines }: Timed): number | null {
  return lines.find(({ text }) => text.startsWith('leading '))?.at ?? null;
}

async function trial(place: Place, act: Act, lock: LockType, name: string): Promise<Trial> {
  const { api, namespace } = place;
  await api.apply(daemonSet({ namespace, name }));
  const old = await elector(place, lock, name, `${name}-bbbbb`);
  await old.line(/^leading /);
  const standbys = [
    await elector(place, lock, name, `${name}-ccccc`),
    await elector(place, lock, name, `${name}-ddddd`),
  ];
  for (const standby of standbys) await standby.line(/^leader /);
  // Electors that start together try together; in life they do not.
  await new Promise((done) => setTimeout(done, Math.random() * 4_000));
  const words =
    act === 'depose'
      ? ['-o', 'jsonl', '--timeout', '20s']
      : ['--force', '--observe', '0', '--timeout', '20s'];
  const bundle = resolve(import.meta.dirname, '..', 'dist/kubectl-leader.cjs');
  const where = [
    '--kubeconfig',
    api.kubeconfig(),
    '-n',
    namespace,
    '--backup-dir',
    join(api.coordinates.folder, 'backups'),
  ];
  const tool = new Timed(process.execPath, [
    bundle,
    act,
    `${namespace}/${name}`,
    '--yes',
    ...words,
    ...where,
  ]);
  try {
    const taken = act === 'depose' ? (await tool.line(/"event":"taken"/)).at : null;
    const freed = (await tool.line(act === 'depose' ? /"event":"freed"/ : / vacated$/)).at;
    await tool.exited;
    // An old leader that lost the lock says so within its renew deadline.
    if (act === 'release') await new Promise((done) => setTimeout(done, 13_000));
    const stopped = old.lines.find(({ text }) => text.startsWith('stopped '))?.at ?? null;
    const led = standbys.map(leadingFrom).find((at) => at !== null) ?? null;
    return {
      retaken: led === null,
      bothLed: led === null ? 0 : Math.max(0, seconds(led, stopped ?? performance.now())),
      stoppedAfter: taken === null || stopped === null ? null : seconds(taken, stopped),
      ledAfter: led === null ? null : seconds(freed, led),
      nobodyFor: stopped === null || led === null ? null : Math.max(0, seconds(stopped, led)),
    };
  } finally {
    await Promise.all([tool, old, ...standbys].map((process) => process.stop()));
  }
}

function range(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '-';
  const [least, most] = [Math.min(...known).toFixed(1), Math.max(...known).toFixed(1)];
  return least === most ? `${least} s` : `${least} to ${most} s`;
}

function row(act: Act, lock: LockType, trials: readonly Trial[]): string {
  const of = (count: number): string => `${count} of ${trials.length}`;
  const two = trials.filter(({ bothLed }) => bothLed > 0);
  const cells = [
    `${act}, ${lock}`,
    of(trials.filter(({ retaken }) => retaken).length),
    two.length === 0 ? 'never' : `${of(two.length)}, for ${range(two.map(({ bothLed }) => bothLed))}`,
    range(trials.map(({ stoppedAfter }) => stoppedAfter)),
    range(trials.map(({ ledAfter }) => ledAfter)),
    act === 'release' ? '-' : range(trials.map(({ nobodyFor }) => nobodyFor)),
  ];
  return `| ${cells.join(' | ')} |`;
}

const assets = process.env['KUBEBUILDER_ASSETS'];
if (!assets) throw new Error('export KUBEBUILDER_ASSETS: a folder with etcd, kube-apiserver and elector');
const plane = await startControlPlane({ assets });
try {
  const { api } = plane;
  const namespace = await api.namespace('measure');
  await api.apply(node({ name: 'node-1' }));
  console.log(
    '| what was done | same holder back | two led at once | old leader stopped, after the take | a standby led, after the freeing | nobody led for |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const act of ['release', 'depose'] as const) {
    for (const lock of LOCKS) {
      const numbers = Array.from({ length: TRIALS }, (_, index) => index);
      const trials = await Promise.all(
        numbers.map((number) => trial({ assets, api, namespace }, act, lock, `${act}-${lock}-${number}`)),
      );
      console.log(row(act, lock, trials));
    }
  }
} finally {
  await plane.stop();
}
