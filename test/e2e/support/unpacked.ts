import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { RunResult } from './api-access.ts';
import { findOnPath } from './find-on-path.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** The program as a user gets it: the archive for this machine, unpacked where there is nothing else but a kubectl. */
export class Unpacked {
  /** What the archive held. */
  readonly files: readonly string[];
  /** The whole environment of a user who has nothing: no Node.js, no npm, an empty home folder. */
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;

  private constructor(folder: string, files: readonly string[]) {
    this.#folder = folder;
    this.files = files;
    this.env = {
      PATH: [join(folder, 'bin'), join(folder, 'unpacked')].join(delimiter),
      HOME: join(folder, 'home'),
      LANG: 'C.UTF-8',
    };
  }

  /** Packages the program and unpacks it, in a new folder inside the given one. Takes some seconds. */
  static async begin(inFolder: string): Promise<Unpacked> {
    const folder = mkdtempSync(join(inFolder, 'unpacked-'));
    await run(process.execPath, [join(ROOT, 'scripts/package.ts'), '--folder', join(folder, 'dist')]);
    const [archive = ''] = readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.tar.gz'));
    for (const name of ['unpacked', 'bin', 'home']) mkdirSync(join(folder, name));
    await run('tar', ['-xzf', join(folder, 'dist', archive), '-C', join(folder, 'unpacked')]);
    rmSync(join(folder, 'dist'), { recursive: true });
    const kubectl = findOnPath('kubectl');
    if (kubectl !== null) symlinkSync(realpathSync(kubectl), join(folder, 'bin', 'kubectl'));
    const files = readdirSync(join(folder, 'unpacked'));
    symlinkSync('kubectl-leader', join(folder, 'unpacked', 'kubectl_complete-leader'));
    return new Unpacked(folder, files);
  }

  /** The path of a program in the user's tree. */
  program(name: 'kubectl' | 'kubectl-leader'): string {
    return join(this.#folder, name === 'kubectl' ? 'bin' : 'unpacked', name);
  }

  /** Runs one of them to its end. */
  run(
    name: 'kubectl' | 'kubectl-leader',
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunResult> {
    const options = { env: { ...this.env, ...env }, cwd: this.env['HOME'], timeout: 60_000 };
    return new Promise((done) => {
      execFile(this.program(name), args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        done({ code, stdout, stderr });
      });
    });
  }

  end(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
