import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { startControlPlane } from './support/control-plane.ts';
import './support/shared.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HOW_TO_GET_ONE = 'export KUBEBUILDER_ASSETS=$(setup-envtest use -p path)';

/** Builds what users run, and gives the bundle's path. */
async function buildBundle(): Promise<string> {
  const node = join(ROOT, 'node_modules/.bin/node');
  await promisify(execFile)(node, [join(ROOT, 'scripts/build.ts')], { cwd: ROOT });
  const bundle = join(ROOT, 'dist/kubectl-leader.cjs');
  if (!existsSync(bundle)) throw new Error(`the build left no ${bundle}`);
  return bundle;
}

/** Before the end-to-end tests: the bundle, and one control plane for all of them. Without binaries they are skipped. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (!assets) {
    project.vitest.logger.warn(
      `End-to-end tests are skipped: no control plane. To run them: ${HOW_TO_GET_ONE}`,
    );
    project.provide('controlPlane', null);
    project.provide('bundle', null);
    return undefined;
  }
  project.provide('bundle', await buildBundle());
  const plane = await startControlPlane({ assets: resolve(assets) });
  project.provide('controlPlane', plane.coordinates);
  return plane.stop;
}
