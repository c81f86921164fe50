/**
 * Builds the single executables and their archives into dist/. `node scripts/package.ts` builds for this machine, offline;
 * `--all` for every system there is a release for, which fetches their Node.js binaries with npm, checks them against the
 * pinned hashes, and writes plugin.yaml. With `--folder` elsewhere than dist/.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dump } from 'js-yaml';
import { bundleForExecutable, type ExecutableParts } from './build.ts';
import { noticesFor } from './notices.ts';
import { type ArchiveEntry, tarGz, zip } from './package/archive.ts';
import { codeCacheFor } from './package/code-cache.ts';
import { type Bases, buildExecutable } from './package/executable.ts';
import { krewManifest, type Project, type Published } from './package/krew-manifest.ts';
import { nodeBinary, nodeNotice } from './package/node-binary.ts';
import { executableName, GENERATORS, hostTarget, TARGETS, type Target } from './package/targets.ts';

const ROOT = resolve(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'kubectl-leader');
const MEASURED_STARTS = 11;

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(ROOT, 'dist') },
  },
});
const folder = resolve(values.folder);

async function generatorFor(version: string): Promise<string> {
  if (`v${version}` === process.version) return process.execPath;
  const pinned = GENERATORS.find((node) => node.version === version);
  if (pinned === undefined) {
    throw new Error(`run this with Node.js ${version}: it writes what only the same version reads`);
  }
  return nodeBinary(pinned, CACHE);
}

/** For a release what was pinned; for this machine alone the Node.js that runs this, which is the same one. */
async function basesFor(target: Target, host: Target): Promise<Bases> {
  const here = { binary: process.execPath, version: process.version.slice(1) };
  const isHost = target === host;
  if (isHost && (!values.all || here.version === target.node.version)) {
    return { ...here, generator: here.binary, isHost };
  }
  const { version } = target.node;
  const [binary, generator] = [await nodeBinary(target.node, CACHE), await generatorFor(version)];
  return { binary, version, generator, isHost };
}

async function publish(
  parts: ExecutableParts,
  target: Target,
  bases: Bases,
  version: string,
): Promise<Published> {
  const { os, arch } = target;
  const name = `kubectl-leader_v${version}_${os}_${arch}`;
  const executable = join(folder, name, executableName(target));
  await mkdir(join(folder, name), { recursive: true });
  const cache = await codeCacheFor(parts.program, bases);
  const assets = { ...parts.assets, 'code-cache': cache };
  await buildExecutable({ ...parts, assets }, target, bases, executable);
  const pinned = [...TARGETS.map(({ node }) => node), ...GENERATORS];
  const notices = await noticesFor(ROOT, parts.inputs, [await nodeNotice(bases.version, pinned, CACHE)]);
  const entries: ArchiveEntry[] = [
    { name: executableName(target), content: await readFile(executable), executable: true },
    { name: 'LICENSE', content: await readFile(join(ROOT, 'LICENSE')), executable: false },
    { name: 'THIRD-PARTY-NOTICES.txt', content: Buffer.from(notices), executable: false },
  ];
  const archive = `${name}.${os === 'windows' ? 'zip' : 'tar.gz'}`;
  const content = os === 'windows' ? zip(entries) : tarGz(entries);
  await writeFile(join(folder, archive), content);
  if (bases.isHost) {
    // What runs at this moment cannot be written to, only replaced.
    await rm(join(folder, executableName(target)), { force: true });
    await copyFile(executable, join(folder, executableName(target)));
  }
  await rm(join(folder, name), { recursive: true });
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
  const size = (entries[0]?.content ?? content).length;
  console.log(`${archive.padEnd(48)}${megabytes(content.length)}, unpacked${megabytes(size)}`);
  return { target, archive, sha256: createHash('sha256').update(content).digest('hex') };
}

/** How long a program takes to start and end, the median of some runs, milliseconds. Null if it cannot be run. */
function startUp(file: string, args: readonly string[]): number | null {
  const times = Array.from({ length: MEASURED_STARTS }, () => {
    const begun = performance.now();
    const { status } = spawnSync(file, args, { stdio: 'ignore' });
    return status === 0 ? performance.now() - begun : Number.NaN;
  });
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
  return times.some(Number.isNaN) ? null : median;
}

function reportStartUp(executable: string): void {
  const text = (ms: number | null): string => (ms === null ? 'cannot be run' : `${ms.toFixed(0)} ms`);
  console.log(`start-up, kubectl-leader version:    ${text(startUp(executable, ['version']))}`);
  console.log(`start-up, kubectl version --client:  ${text(startUp('kubectl', ['version', '--client']))}`);
}

const project = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Project;
const host = hostTarget(process.platform, process.arch);
await mkdir(folder, { recursive: true });
const bundled = join(folder, 'parts');
const parts = await bundleForExecutable(bundled);
// All of them first: the licence of a Node.js may be in another package of the same version.
const ready: [Target, Bases][] = [];
for (const target of values.all ? TARGETS : [host]) ready.push([target, await basesFor(target, host)]);
const published: Published[] = [];
for (const [target, bases] of ready) published.push(await publish(parts, target, bases, project.version));
await rm(bundled, { recursive: true });
reportStartUp(join(folder, executableName(host)));
const sums = published.map(({ archive, sha256 }) => `${sha256}  ${archive}\n`);
await writeFile(join(folder, 'SHA256SUMS'), sums.join(''));
if (values.all) {
  const generated = '# Written by scripts/release, from package.json and the archives. Do not edit.\n';
  const manifest = generated + dump(krewManifest(project, published), { lineWidth: 110 });
  await writeFile(join(ROOT, 'plugin.yaml'), manifest);
  // The index of krew wants the file to have the plugin's name.
  await writeFile(join(folder, 'leader.yaml'), manifest);
}
