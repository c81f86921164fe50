import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { RunResult } from './api-access.ts';
import { Child } from './child-process.ts';
import { findOnPath } from './find-on-path.ts';

const LIMIT_MS = 60_000;

export interface PluginRun {
  kubeconfig?: string;
  /** As `kubectl leader ...`, the default, or the bundle by itself. */
  through?: 'kubectl' | 'nothing';
  env?: Readonly<Record<string, string>>;
  stdin?: string;
  /** Ended, and reported as an error, after so many milliseconds. */
  limitMs?: number;
}

/** The built plugin, as users run it: an executable `kubectl-leader` on PATH, which kubectl finds. */
export interface Plugin {
  /** The executable, for those who start it in a way of their own. */
  readonly file: string;
  run(args: readonly string[], options?: PluginRun): Promise<RunResult>;
  /** Starts the plugin by itself, to be watched and signalled. Give `--kubeconfig` among the arguments. */
  start(args: readonly string[]): Child;
  /** Removes the folder that was put on PATH. */
  dispose(): void;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Runs a program to its end. Rejects when it cannot be started or exceeds the limit. */
async function runToEnd(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { stdin = '', limitMs = LIMIT_MS }: PluginRun,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      const output = `stdout:\n${stdout}\nstderr:\n${stderr}`;
      if (late) reject(new Error(`${args.join(' ')} ran for more than ${limitMs} ms; ${output}`));
      else resolve({ code: code ?? -1, stdout, stderr });
    });
    // It may end without having read its input.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

/** Puts a built bundle on a PATH of its own, in a new folder inside the given one. */
export function installPlugin(bundle: string, inFolder: string): Plugin {
  const folder = mkdtempSync(join(inFolder, 'plugin-'));
  const shim = join(folder, 'kubectl-leader');
  // Whatever it keeps for its user goes into the folder.
  const command = `HOME=${quoted(folder)} exec ${quoted(process.execPath)} ${quoted(bundle)} "$@"`;
  writeFileSync(shim, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  const kubectl = findOnPath('kubectl');
  const path = [folder, ...(kubectl === null ? [] : [dirname(kubectl)]), '/usr/bin', '/bin'];
  return {
    file: shim,
    run: async (args, options = {}) => {
      const env = {
        PATH: path.join(delimiter),
        HOME: folder,
        LANG: 'C.UTF-8',
        KUBECONFIG: options.kubeconfig ?? join(folder, 'no-kubeconfig'),
        ...options.env,
      };
      if (options.through === 'nothing') return runToEnd(shim, args, env, options);
      if (kubectl === null) throw new Error('there is no kubectl on PATH');
      return runToEnd(kubectl, ['leader', ...args], env, options);
    },
    start: (args) => new Child(`kubectl leader ${args.join(' ')}`, shim, args),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
