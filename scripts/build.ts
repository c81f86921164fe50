import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { inkAsCommonJs, quickFrames } from './bundled-ink.ts';
import { noticesFor } from './notices.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

const COMMON: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  minify: true,
  legalComments: 'eof',
  define: {
    'import.meta.url': 'importMetaUrl',
    KUBECTL_LEADER_VERSION: JSON.stringify(version),
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
  },
  logLevel: 'warning',
  // What is in the program, or in Node.js, is there at once: no need for the machinery of a module loader.
  supported: { 'dynamic-import': false },
};

interface Library {
  /** What is used of it, as a module. */
  contents: string;
  /** Needed in most runs; the others are compiled when they are. */
  often: boolean;
  plugins: readonly Plugin[];
}

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

/**
 * A module that is compiled when it is first needed: Node.js reads a text far faster than a program. `text` is the
 * expression that gives it.
 */
function compiledWhenNeeded(text: string): string {
  const names = ['module', 'exports', 'require', 'importMetaUrl'];
  return `new Function(${names.map((name) => `'${name}'`).join()}, ${text})(${names.join()});`;
}

/** Keeps the text of a library that is compiled when needed. Resolves to the expression that gives the text back. */
type KeepText = (library: string, code: string) => Promise<string>;

/** In files beside the program: what is not read costs no time. */
const besideTheProgram =
  (folder: string): KeepText =>
  async (library, code) => {
    const name = `kubectl-leader.${library}.txt`;
    await writeFile(join(folder, name), code);
    return `require('node:fs').readFileSync(require('node:path').join(__dirname, '${name}'), 'utf8')`;
  };

/** The libraries that would otherwise make up most of the bundle. Ink comes with React inside: there must be only one. */
const LIBRARIES: Readonly<Record<string, Library>> = {
  'client-node': {
    contents: "export { KubeConfig } from '@kubernetes/client-node';",
    often: false,
    plugins: [withoutSideEffects],
  },
  yargs: {
    contents: "export { Parser } from 'yargs/helpers';",
    often: true,
    plugins: [withoutSideEffects],
  },
  ink: {
    contents: `
      export { Box, render, Text, useApp, useInput, usePaste } from 'ink';
      export { useEffect } from 'react';
      export { Fragment, jsx, jsxs } from 'react/jsx-runtime';
    `,
    often: false,
    plugins: [inkAsCommonJs, quickFrames],
  },
  // Our own, but as good as a library: one command in many needs it, and it needs nothing of the others at run time.
  sandbox: {
    contents: `
      export { startDemo } from './src/sandbox/demo.ts';
      export { SCENARIOS } from './src/sandbox/scenarios/index.ts';
    `,
    often: false,
    plugins: [],
  },
};

/** Which library a module is taken from. */
const FROM: Readonly<Record<string, string>> = {
  '@kubernetes/client-node': 'client-node',
  'yargs/helpers': 'yargs',
  ink: 'ink',
  react: 'ink',
  'react/jsx-runtime': 'ink',
  '../sandbox/demo.ts': 'sandbox',
  '../sandbox/scenarios/index.ts': 'sandbox',
};

/**
 * esbuild keeps all of a module that is loaded lazily, used or not. A library that is much larger than its used part
 * is therefore bundled on its own first, and put in ready-made: every byte costs time at each start.
 */
function onlyWhatIsUsed(keepText: KeepText, inputs: Set<string>): Plugin {
  const namespace = 'only-what-is-used';
  const setup: Plugin['setup'] = ({ onResolve, onLoad }) => {
    onResolve({ filter: /./ }, ({ path }) => {
      const library = Object.hasOwn(FROM, path) ? FROM[path] : undefined;
      return library === undefined ? null : { path: library, namespace };
    });
    onLoad({ filter: /./, namespace }, async ({ path }) => {
      const library = LIBRARIES[path];
      if (library === undefined) throw new Error(`no such library: ${path}`);
      const { outputFiles, metafile } = await build({
        ...COMMON,
        metafile: true,
        stdin: { contents: library.contents, resolveDir: root },
        plugins: [...library.plugins],
        write: false,
      });
      for (const input of Object.keys(metafile.inputs)) inputs.add(input);
      const code = outputFiles[0]?.text ?? '';
      return { contents: library.often ? code : compiledWhenNeeded(await keepText(path, code)) };
    });
  };
  return { name: namespace, setup };
}

const PROGRAM = 'kubectl-leader.program.cjs';

/** Bundles the program without what starts it. Resolves to the paths of all files in it, relative to the project's folder. */
async function bundleProgram(outfile: string, keepText: KeepText): Promise<ReadonlySet<string>> {
  const inputs = new Set<string>();
  const { warnings, metafile } = await build({
    ...COMMON,
    metafile: true,
    entryPoints: ['src/main.ts'],
    outfile,
    banner: {
      js: '"use strict";const importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
    },
    plugins: [onlyWhatIsUsed(keepText, inputs)],
  });
  if (warnings.length > 0) throw new Error(`${warnings.length} warnings while bundling`);
  for (const input of Object.keys(metafile.inputs)) inputs.add(input);
  return inputs;
}

/** What Node.js is given to start: a few lines that load the program if they have to. */
async function bundleStart(entryPoint: string, outfile: string, options: BuildOptions): Promise<void> {
  await build({ ...COMMON, entryPoints: [entryPoint], outfile, ...options });
}

const programBesideTheStart: Plugin = {
  name: 'program-beside-the-start',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: `./${PROGRAM}`, external: true }));
  },
};

/** What a single executable is made of. */
export interface ExecutableParts {
  /** What Node.js starts. */
  main: string;
  /** The program: the expression of a function that takes what Node.js gives a CommonJS module. */
  program: string;
  /** Files that are asked of Node.js, by the name they are asked for; the program is one of them. */
  assets: Record<string, string>;
  /** All files that are in them, relative to the project's folder. */
  inputs: ReadonlySet<string>;
}

/** The program, and beside it the libraries that most runs do not need. */
export async function bundleForExecutable(folder: string): Promise<ExecutableParts> {
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'program.txt');
  const assets: Record<string, string> = { program };
  const inputs = await bundleProgram(program, async (library, code) => {
    const file = join(folder, `${library}.txt`);
    await writeFile(file, code);
    assets[library] = file;
    return `require('node:sea').getAsset('${library}', 'utf8')`;
  });
  const parameters = 'exports, require, module, __filename, __dirname';
  await writeFile(program, `(function (${parameters}) {${await readFile(program, 'utf8')}\n})`);
  const main = join(folder, 'main.cjs');
  await bundleStart('src/executable.ts', main, {});
  return { main, program, assets, inputs };
}

// The program, the libraries that most runs do not need, and the licences of what is in them.
if (import.meta.main) {
  const outfile = resolve(process.argv[2] ?? join(root, 'dist', 'kubectl-leader.cjs'));
  const folder = dirname(outfile);
  await mkdir(folder, { recursive: true });
  const inputs = await bundleProgram(join(folder, PROGRAM), besideTheProgram(folder));
  await bundleStart('src/start.ts', outfile, {
    banner: { js: '#!/usr/bin/env node' },
    plugins: [programBesideTheStart],
  });
  await chmod(outfile, 0o755);
  await writeFile(join(folder, 'THIRD-PARTY-NOTICES.txt'), await noticesFor(root, inputs));
  console.log(outfile);
}
