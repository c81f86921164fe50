import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

const COMMON: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  minify: true,
  legalComments: 'eof',
  define: { 'import.meta.url': 'importMetaUrl', 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

/** What is used of the libraries that would otherwise make up most of the bundle, and whether most runs need it. */
const USED: Readonly<Record<string, { name: string; often: boolean }>> = {
  '@kubernetes/client-node': { name: 'KubeConfig', often: false },
  'yargs/helpers': { name: 'Parser', often: true },
};

/** Takes every module for one that does nothing by being loaded, so that what nobody uses of it is left out. */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === withoutSideEffects || options.kind !== 'import-statement') return null;
      return { ...(await resolve(path, { ...options, pluginData: withoutSideEffects })), sideEffects: false };
    });
  },
};

/** A module as a text that is compiled when it is first needed: Node.js reads a text far faster than a program. */
function compiledWhenNeeded(code: string): string {
  const names = ['module', 'exports', 'require', 'importMetaUrl'];
  return `new Function(${names.map((name) => `'${name}'`).join()}, ${JSON.stringify(code)})(${names.join()});`;
}

/**
 * esbuild keeps all of a module that is loaded lazily, used or not. A library that is much larger than its used part
 * is therefore bundled on its own first, and put in ready-made: every byte costs time at each start.
 */
const onlyWhatIsUsed: Plugin = {
  name: 'only-what-is-used',
  setup({ onResolve, onLoad }) {
    const namespace = 'only-what-is-used';
    onResolve({ filter: /./ }, ({ path }) => (Object.hasOwn(USED, path) ? { path, namespace } : null));
    onLoad({ filter: /./, namespace }, async ({ path }) => {
      const used = USED[path];
      const { outputFiles } = await build({
        ...COMMON,
        stdin: { contents: `export { ${used?.name} } from '${path}';`, resolveDir: root },
        plugins: [withoutSideEffects],
        write: false,
      });
      const code = outputFiles[0]?.text ?? '';
      return { contents: used?.often === true ? code : compiledWhenNeeded(code) };
    });
  },
};

/** The whole program in one file. Resolves to its path. */
async function bundle(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const outfile = join(root, 'dist', 'kubectl-leader.cjs');
  const { warnings } = await build({
    ...COMMON,
    entryPoints: ['src/main.ts'],
    outfile,
    banner: {
      js: '#!/usr/bin/env node\n"use strict";const importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
    },
    define: { ...COMMON.define, KUBECTL_LEADER_VERSION: JSON.stringify(version) },
    plugins: [onlyWhatIsUsed],
  });
  if (warnings.length > 0) throw new Error(`${warnings.length} warnings while bundling`);
  await chmod(outfile, 0o755);
  return outfile;
}

console.log(await bundle());
