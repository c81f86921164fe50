/**
 * `scripts/bench`: the single executable beside kubectl, taking turns in one run, on a real control plane that is filled
 * through its API. Machines are noisy: read the ratios. See docs/performance.md.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startControlPlane } from '../../test/e2e/support/control-plane.ts';
import { measuresUsage } from './child.ts';
import { grow } from './fill.ts';
import { measureGrowth } from './growth.ts';
import { measureListing, measureNetwork } from './listing.ts';
import { measureLoad } from './load.ts';
import { SIZES, type Size, type SizeName, sizeNamed } from './sizes.ts';
import { measureStartup } from './startup.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PARTS = ['startup', 'ls', 'network', 'load'] as const;
type Part = (typeof PARTS)[number];

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: 'S,M,L,XL' },
    rounds: { type: 'string', default: '11' },
    delays: { type: 'string', default: '20,100' },
    only: { type: 'string' },
    binary: { type: 'string' },
    seconds: { type: 'string', default: '120' },
  },
});

function listOf<Name extends string>(text: string, known: readonly Name[], flag: string): Name[] {
  const given = text.split(',').filter((word) => word !== '');
  const unknown = given.find((word) => !known.some((name) => name === word));
  if (unknown !== undefined) throw new Error(`--${flag} knows ${known.join(', ')}, not ${unknown}`);
  return known.filter((name) => given.includes(name));
}

const sizes = listOf(values.sizes, [...(Object.keys(SIZES) as SizeName[]), 'XL' as const], 'sizes');
const parts = listOf(values.only ?? PARTS.join(','), PARTS, 'only');
const delays = values.delays.split(',').map(Number);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const wants = (part: Part): boolean => parts.includes(part);

function saying(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', cwd: ROOT }).trim();
}

/** What users run, built of the sources as they are. */
function packaged(folder: string): string {
  console.error('packaging ...');
  const script = join(ROOT, 'scripts/package.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '--folder', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`it cannot be packaged: ${stderr}`);
  return join(folder, 'kubectl-leader');
}

function printSetting(binary: string): void {
  const [cpu] = cpus();
  const changed = saying('git', 'status', '--porcelain', '--', 'src') === '' ? '' : ' with changes';
  console.log(
    `build: ${saying('git', 'rev-parse', '--short', 'HEAD')}${changed}, ${(statSync(binary).size / 1e6).toFixed(1)} MB`,
  );
  console.log(`kubectl: ${saying('kubectl', 'version', '--client').split('\n')[0]}`);
  console.log(
    `${cpus().length} x ${cpu?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, load ${loadavg()[0]?.toFixed(1)} at the beginning`,
  );
  if (!measuresUsage) console.log('CPU time and memory are not measured: there is no GNU time on PATH.');
}

async function measureClusters(binary: string, assets: string): Promise<void> {
  const plane = await startControlPlane({ assets, apiserverFlags: ['--max-mutating-requests-inflight=800'] });
  try {
    let from: Size | null = null;
    for (const name of sizes) {
      if (name === 'XL') continue;
      const size = sizeNamed(name);
      await grow(plane.api, size, from);
      from = size;
      if (wants('ls')) await measureListing(plane.api, binary, size, rounds);
      if (wants('network')) await measureNetwork(plane.api, binary, size, Math.min(rounds, 5), delays);
    }
    if (from !== null && wants('load')) await measureLoad(plane.api, binary, from, seconds);
  } finally {
    await plane.stop();
  }
}

const assets = process.env['KUBEBUILDER_ASSETS'];
const folder = mkdtempSync(join(tmpdir(), 'leader-beside-kubectl-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
// What was started ends when this ends, however that comes about.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const binary = values.binary === undefined ? packaged(folder) : resolve(values.binary);
printSetting(binary);
if (wants('startup')) await measureStartup(binary, rounds * 2);
if (sizes.some((name) => name !== 'XL') && (wants('ls') || wants('network') || wants('load'))) {
  if (!assets) throw new Error('export KUBEBUILDER_ASSETS=$(setup-envtest use -p path)');
  await measureClusters(binary, assets);
}
if (sizes.includes('XL') && wants('ls')) await measureGrowth(binary, Math.min(rounds, 5));
