import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnLoadResult, Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

type Replacement = readonly [piece: RegExp, by: string];

/** The module with pieces of its source replaced; fails when the library no longer has them. */
async function rewritten(path: string, ...replacements: readonly Replacement[]): Promise<OnLoadResult> {
  let contents = await readFile(path, 'utf8');
  for (const [piece, by] of replacements) {
    const changed = contents.replace(piece, by);
    if (changed === contents) throw new Error(`the library changed: ${piece} fits nothing in ${path}`);
    contents = changed;
  }
  return { contents };
}

/** A method of Ink's `Output`: its rows, if each is one text that begins at its first column; null otherwise. */
const WHOLE_ROWS = `    wholeRows() {
        const rows = Array.from({ length: this.height }, () => '');
        for (const { type, x, y, text, transformers } of this.operations) {
            if (type !== 'write' || x !== 0 || rows[y] !== '' || text.includes('\\n')) return null;
            rows[y] = transformers.reduce((row, transform) => transform(row, 0), text);
        }
        return rows;
    }
    get() {
        const rows = this.wholeRows();
        if (rows !== null) return { output: rows.map((row) => row.trimEnd()).join('\\n'), height: rows.length };`;

/** Like ASCII, each of these signs of ours is one character in one cell: texts with them take the fast paths as well. */
const ONE_CELL_EACH = '/^[ -~…·●▸✓✗↑↓←→]*$/u';

/** What Ink does in every frame for what did not change, and for every character where whole lines would do. */
export const quickFrames: Plugin = {
  name: 'quick-frames',
  setup({ onLoad }) {
    onLoad({ filter: /ink\/build\/output\.js$/ }, ({ path }) =>
      rewritten(path, [/^ {4}get\(\) \{$/m, WHOLE_ROWS]),
    );
    // The layout has just measured the same text, and remembers it.
    onLoad({ filter: /ink\/build\/render-node-to-output\.js$/ }, ({ path }) =>
      rewritten(
        path,
        [/\bwidestLine\(text\)/, 'measureText(text).width'],
        [/import widestLine from 'widest-line'/, "import measureText from './measure-text.js'"],
      ),
    );
    // What is on screen is worth remembering; hours of what was there would only take memory.
    onLoad({ filter: /ink\/build\/measure-text\.js$/ }, ({ path }) =>
      rewritten(path, [/maxSize: 4096/, 'maxSize: 512']),
    );
    onLoad({ filter: /node_modules\/string-width\/index\.js$/ }, ({ path }) =>
      rewritten(path, [/\/\^\[\\u0020-\\u007E\]\*\$\//, ONE_CELL_EACH]),
    );
    onLoad({ filter: /ink\/build\/line-update\.js$/ }, ({ path }) =>
      rewritten(path, [/\/\^\[ -~\]\*\$\/u/, ONE_CELL_EACH]),
    );
  },
};

/**
 * Ink as CommonJS, which knows no await outside of functions: the layout engine is instantiated at once instead of in
 * the background, and what connects to the developer tools is left out.
 */
export const inkAsCommonJs: Plugin = {
  name: 'ink-as-common-js',
  setup({ onLoad }) {
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => {
      const data = /"data:application\/octet-stream;base64,([^"]+)"/;
      const wasm = data.exec(await readFile(path, 'utf8'))?.[1] ?? '';
      const { contents } = await rewritten(path, [data, '""']);
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
      return rewritten(path, [development, '']);
    });
  },
};
