import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, inject, it } from 'vitest';
import './support/shared.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

// Without the bundle there is nothing to pack.
describe.skipIf(inject('bundle') === null)('the npm package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-leader-npm-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is installed without a network, and brings both programs', async () => {
    const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await run('npm', packing, { cwd: ROOT });
    const [{ filename = '' } = {}] = JSON.parse(stdout) as { filename?: string }[];
    await run(
      'npm',
      ['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, join(folder, filename)],
      {
        cwd: folder,
      },
    );
    const program = (name: string): string => join(folder, 'node_modules/.bin', name);
    expect((await run(program('kubectl-leader'), ['version'])).stdout).toMatch(/^Client Version: v\d/);
    const completed = await run(program('kubectl_complete-leader'), ['vers']);
    expect(completed.stdout).toBe('version\tShow the version of this program\n:36\n');
  });
});
