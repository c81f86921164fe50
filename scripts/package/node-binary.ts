import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { NodePackage } from './targets.ts';

const run = promisify(execFile);

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The integrity of a file, as lock files write it. */
function integrityOf(content: Buffer): string {
  return `sha512-${createHash('sha512').update(content).digest('base64')}`;
}

/**
 * A Node.js binary of another system, fetched once by npm and kept in `cache`. Its hash is checked before it is
 * unpacked. Resolves to its path, rejects when it cannot be had or is not what was pinned.
 */
export async function nodeBinary(node: NodePackage, cache: string): Promise<string> {
  const id = `${node.name}@${node.version}`;
  const kept = join(cache, id, node.file);
  if (await exists(kept)) return kept;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fetching-'));
  try {
    // npm is a script on Windows, which only a shell can start.
    const shell = process.platform === 'win32';
    const { stdout } = await run('npm', ['pack', id, '--json', '--pack-destination', folder], { shell });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    const archive = join(folder, packed?.filename ?? '');
    const integrity = integrityOf(await readFile(archive));
    if (integrity !== node.integrity) throw new Error(`${id} is not what was pinned: it has ${integrity}`);
    await run('tar', ['-xzf', archive, '-C', folder, `package/${node.file}`]);
    // Not every package of Node.js has its licence in it.
    await run('tar', ['-xzf', archive, '-C', folder, 'package/LICENSE']).catch(() => {});
    await mkdir(dirname(kept), { recursive: true });
    await rename(join(folder, 'package', 'LICENSE'), join(cache, id, 'LICENSE')).catch(() => {});
    await rename(join(folder, 'package', node.file), kept);
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is to be said of the Node.js in an executable: its licence, if a package of that version that was fetched has it. */
export async function nodeNotice(
  version: string,
  known: readonly NodePackage[],
  cache: string,
): Promise<string> {
  const source = `https://github.com/nodejs/node/blob/v${version}/LICENSE`;
  const heading = `Node.js ${version}, its licence and those of what it contains: ${source}`;
  for (const node of known.filter((each) => each.version === version)) {
    const text = await readFile(join(cache, `${node.name}@${version}`, 'LICENSE'), 'utf8').catch(() => null);
    if (text !== null) return `${heading}\n\n${text.trim()}`;
  }
  return heading;
}
