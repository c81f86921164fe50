import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutableParts } from '../build.ts';
import { signedMachO, withoutMachOSignature } from './mach-o.ts';
import type { SeaOrder } from './pkg-sea.ts';
import { withoutCertificate } from './portable-executable.ts';
import type { Target } from './targets.ts';

const run = promisify(execFile);

/** What the identity of the program is on a Mac. */
const IDENTIFIER = 'kubectl-leader';

/**
 * Flags of Node.js, for so short a life: one thread beside the main one, since to start three more takes longer than they
 * save, and a fixed room for what is made in it (MiB), so that nothing is collected before there is something to gain, and
 * memory does not double with large answers. Most other flags of V8 make the code cache of Node.js' own modules invalid.
 */
export const NODE_FLAGS = ['--v8-pool-size=1', '--min-semi-space-size=8', '--max-semi-space-size=8'];

export interface Bases {
  /** The Node.js binary that the program is put into. */
  binary: string;
  /** The version of it, without a leading `v`. */
  version: string;
  /** A Node.js of the same version that runs here. */
  generator: string;
  /** True if the binary itself runs here: only it can write what V8 reads faster than the program's text. */
  isHost: boolean;
}

const PKG_OS = { linux: 'linux', darwin: 'macos', windows: 'win' } as const;
const NODE_OS = { linux: 'linux', darwin: 'darwin', windows: 'win' } as const;
const NODE_ARCH = { amd64: 'x64', arm64: 'arm64' } as const;
const STRIPPERS = {
  amd64: ['x86_64-linux-gnu-strip', 'llvm-strip'],
  arm64: ['aarch64-linux-gnu-strip', 'llvm-strip'],
} as const;

/** Takes the symbols out of a Linux binary, which are a seventh of it. Resolves to false where no tool can do it. */
async function strip(file: string, arch: Target['arch']): Promise<boolean> {
  for (const tool of STRIPPERS[arch]) {
    try {
      await run(tool, ['--strip-unneeded', file]);
      return true;
    } catch {
      // Not there, or not for this architecture: the next one may be.
    }
  }
  return false;
}

/** Makes the binary fit to be added to: without what the addition would make untrue, or what nobody needs. */
async function prepare(file: string, { os, arch }: Target): Promise<void> {
  switch (os) {
    case 'linux':
      if (!(await strip(file, arch)))
        console.warn(`note: no tool here strips linux/${arch}, it stays larger`);
      break;
    case 'darwin':
      await writeFile(file, withoutMachOSignature(await readFile(file)));
      break;
    case 'windows':
      await writeFile(file, withoutCertificate(await readFile(file)));
      break;
  }
}

/** Where pkg keeps the binaries that it downloaded. What has its `.ok` beside it is taken as it is. */
async function putIntoCache(home: string, target: Target, { binary, version }: Bases): Promise<void> {
  const name = `node-v${version}-${NODE_OS[target.os]}-${NODE_ARCH[target.arch]}`;
  const cache = join(home, '.pkg-cache', 'sea');
  const archive = join(cache, `${name}${target.os === 'windows' ? '.zip' : '.tar.gz'}`);
  const file = target.os === 'windows' ? join(cache, `${name}.exe`) : join(cache, name, 'bin', 'node');
  await mkdir(dirname(file), { recursive: true });
  await copyFile(binary, file);
  await chmod(file, 0o755);
  await prepare(file, target);
  await Promise.all([archive, `${archive}.ok`, `${file}.ok`].map((path) => writeFile(path, '')));
}

/** Builds the single executable for one target into the file `output`. Downloads nothing. */
export async function buildExecutable(
  parts: ExecutableParts,
  target: Target,
  bases: Bases,
  output: string,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'kubectl-leader-package-'));
  try {
    await putIntoCache(home, target, bases);
    const order: SeaOrder = {
      main: parts.main,
      assets: parts.assets,
      output,
      flags: NODE_FLAGS,
      target: {
        platform: PKG_OS[target.os],
        arch: NODE_ARCH[target.arch],
        nodeRange: `node${bases.version}`,
      },
    };
    await rm(output, { force: true });
    const env = { ...process.env, HOME: home, USERPROFILE: home };
    await run(bases.generator, [join(import.meta.dirname, 'pkg-sea.ts'), JSON.stringify(order)], { env });
    if (target.os === 'darwin') {
      await writeFile(output, signedMachO(await readFile(output), IDENTIFIER));
    }
    await chmod(output, 0o755);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
