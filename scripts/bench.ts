/**
 * Start-up and `ls`, side by side with kubectl, alternating in one run: `node scripts/bench.ts [ROUNDS]`.
 * Needs kubectl on PATH, KUBEBUILDER_ASSETS, and a build: `npm run package`, or `npm run build` to measure the bundle.
 * Machines are noisy: read the ratios.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { startControlPlane } from '../test/e2e/support/control-plane.ts';
import { configMapLock, endpointsLock, lease, node, pod } from '../test/support/objects.ts';

const ROUNDS = Number(process.argv[2] ?? 21);
const LOCKS = 50;
const PODS = 100;
const ROOT = resolve(import.meta.dirname, '..');
// What users run, if it was packaged.
const EXECUTABLE = resolve(ROOT, 'dist/kubectl-leader');
const LEADER = existsSync(EXECUTABLE)
  ? [EXECUTABLE]
  : [process.execPath, resolve(ROOT, 'dist/kubectl-leader.cjs')];

interface Contest {
  what: string;
  ours: readonly string[];
  theirs: readonly string[];
}

function timed([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} exited with ${status}: ${stderr}`);
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function measure({ what, ours, theirs }: Contest, env: NodeJS.ProcessEnv): string {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS + 2; round += 1) {
    const pair = [timed(ours, env), timed(theirs, env)] as const;
    // The first rounds warm caches up.
    if (round >= 2)
      times.forEach((list, index) => {
        list.push(pair[index] ?? 0);
      });
  }
  const [our, their] = [median(times[0]), median(times[1])];
  const ms = (value: number): string => value.toFixed(0).padStart(6);
  return `${what.padEnd(40)}${ms(our)} ms${ms(their)} ms   ${(our / their).toFixed(2)}`;
}

const assets = process.env['KUBEBUILDER_ASSETS'];
if (!assets) throw new Error('export KUBEBUILDER_ASSETS=$(setup-envtest use -p path)');
const plane = await startControlPlane({ assets });
try {
  const { api } = plane;
  const namespace = await api.namespace('bench');
  await api.apply(node({ name: 'node-1' }));
  for (let index = 0; index < PODS; index += 1) await api.apply(pod({ namespace, name: `pod-${index}` }));
  const formats = [lease, lease, lease, endpointsLock, configMapLock];
  for (let index = 0; index < LOCKS; index += 1) {
    const make = formats[index % formats.length] ?? lease;
    const holder = `pod-${index}_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11`;
    await api.apply(
      make({ namespace, name: `lock-${index}`, holder, durationSeconds: 3600, renewTime: Date.now() }),
    );
  }
  const env = { ...process.env, KUBECONFIG: api.kubeconfig() };
  const contests: Contest[] = [
    {
      what: 'version | kubectl version --client',
      ours: [...LEADER, 'version'],
      theirs: ['kubectl', 'version', '--client'],
    },
    {
      what: `ls, ${LOCKS} locks | kubectl get leases -A`,
      ours: [...LEADER, 'ls'],
      theirs: ['kubectl', 'get', 'leases', '-A'],
    },
  ];
  console.log(`${LEADER.at(-1)}: ${(statSync(LEADER.at(-1) ?? '').size / 1e6).toFixed(1)} MB`);
  console.log(
    `${'medians of'.padEnd(11)}${String(ROUNDS).padEnd(29)}${'leader'.padStart(9)}${'kubectl'.padStart(9)}   ratio`,
  );
  for (const contest of contests) console.log(measure(contest, env));
} finally {
  await plane.stop();
}
