import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** An exec plugin, ready to run. */
export interface Plugin {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** True: it may ask the user, so it gets this process's standard input. */
  interactive: boolean;
  /** True: a full-screen program has the terminal, so that what it writes to standard error is kept instead. */
  isHidden: boolean;
}

/** How a plugin ended. `exitCode` is null when a signal ended it. */
export interface PluginResult {
  exitCode: number | null;
  stdout: string;
  /** Empty unless it ran hidden. */
  stderr: string;
}

/** Runs a plugin to its end. Rejects with the operating system's error when it cannot be started. */
export type RunPlugin = (plugin: Plugin) => Promise<PluginResult>;

/** Keeps what comes, and gives it as text. */
function gathered(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** What it writes to standard error is for the user, and goes straight to the terminal unless that shows something else. */
export const runPlugin: RunPlugin = (plugin) =>
  new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env: plugin.env,
      stdio: [plugin.interactive ? 'inherit' : 'ignore', 'pipe', plugin.isHidden ? 'pipe' : 'inherit'],
      windowsHide: true,
    });
    const texts = [child.stdout, child.stderr].map(gathered);
    child.once('error', reject);
    child.once('close', (exitCode) => {
      const [stdout = '', stderr = ''] = texts.map((text) => text());
      resolve({ exitCode, stdout, stderr });
    });
  });
