import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { noticesFor } from './notices.ts';

const root = join(import.meta.dirname, '..');

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
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
  },
  logLevel: 'warning',
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

/** Replaces a piece of a library's source; fails when the library no longer has it. */
function replaced(source: string, piece: RegExp, by: string): string {
  const changed = source.replace(piece, by);
  if (changed === source) throw new Error(`the library changed: ${piece} fits nothing`);
  return changed;
}

/**
 * Ink as CommonJS, which knows no await outside of functions: the layout engine is instantiated at once instead of in
 * the background, and what connects to the developer tools is left out.
 */
const inkAsCommonJs: Plugin = {
  name: 'ink-as-common-js',
  setup({ onLoad }) {
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const data = /"data:application\/octet-stream;base64,([^"]+)"/;
      const wasm = data.exec(source)?.[1] ?? '';
      const contents = replaced(source, data, '""');
      return { contents: `${contents}\nexport const wasm = Buffer.from('${wasm}', 'base64');` };
    });
    onLoad({ filter: /yoga-layout\/dist\/src\/index\.js$/ }, () => ({
      contents: `
        import loadYoga, { wasm } from '../binaries/yoga-wasm-base64-esm.js';
        import wrapAssembly from './wrapAssembly.js';
        const yoga = {
          instantiateWasm(imports, done) {
            done(new WebAssembly.Instance(new WebAssembly.Module(wasm), imports));
            return {};
          },
        };
        loadYoga(yoga);
        export default wrapAssembly(yoga);
        export * from './generated/YGEnums.js';
      `,
      resolveDir: join(root, 'node_modules/yoga-layout/dist/src'),
    }));
    onLoad({ filter: /ink\/build\/reconciler\.js$/ }, async ({ path }) => {
      const development = /^if \(process\.env\['DEV'\] === 'true'\) \{$.*?^\}$/gms;
      return { contents: replaced(await readFile(path, 'utf8'), development, '') };
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

const withinTheFile: KeepText = (_library, code) => Promise.resolve(JSON.stringify(code));

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
    plugins: [inkAsCommonJs],
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

/** Resolves to the paths of all files that are in the bundle, relative to the project's folder. */
async function bundleInto(outfile: string, keepText: KeepText): Promise<ReadonlySet<string>> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const inputs = new Set<string>();
  const { warnings, metafile } = await build({
    ...COMMON,
    metafile: true,
    entryPoints: ['src/main.ts'],
    outfile,
    banner: {
      js: '#!/usr/bin/env node\n"use strict";const importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
    },
    define: { ...COMMON.define, KUBECTL_LEADER_VERSION: JSON.stringify(version) },
    plugins: [onlyWhatIsUsed(keepText, inputs)],
  });
  if (warnings.length > 0) throw new Error(`${warnings.length} warnings while bundling`);
  await chmod(outfile, 0o755);
  for (const input of Object.keys(metafile.inputs)) inputs.add(input);
  return inputs;
}

/** What a single executable is made of. */
export interface ExecutableParts {
  main: string;
  /** Files that the program asks Node.js for, by the name it asks for them. */
  assets: Record<string, string>;
  /** All files that are in them, relative to the project's folder. */
  inputs: ReadonlySet<string>;
}

/** The program, and beside it the libraries that most runs do not need: what is not read costs no time. */
export async function bundleForExecutable(folder: string): Promise<ExecutableParts> {
  await mkdir(folder, { recursive: true });
  const main = join(folder, 'kubectl-leader.cjs');
  const assets: Record<string, string> = {};
  const inputs = await bundleInto(main, async (library, code) => {
    const file = join(folder, `${library}.txt`);
    await writeFile(file, code);
    assets[library] = file;
    return `require('node:sea').getAsset('${library}', 'utf8')`;
  });
  return { main, assets, inputs };
}

// The whole program in one file, and the licences of what is in it.
if (import.meta.main) {
  const outfile = process.argv[2] ?? join(root, 'dist', 'kubectl-leader.cjs');
  const inputs = await bundleInto(outfile, withinTheFile);
  await writeFile(join(dirname(outfile), 'THIRD-PARTY-NOTICES.txt'), await noticesFor(root, inputs));
  console.log(outfile);
}
