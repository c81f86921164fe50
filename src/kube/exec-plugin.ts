import { spawn } from 'node:child_process';

/** An exec plugin, ready to run. */
export interface Plugin {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** True: it may ask the user, so it gets this process's standard input. */
  interactive: boolean;
}

/** How a plugin ended. `exitCode` is null when a signal ended it. */
export interface PluginResult {
  exitCode: number | null;
  stdout: string;
}

/** Runs a plugin to its end. Rejects with the operating system's error when it cannot be started. */
export type RunPlugin = (plugin: Plugin) => Promise<PluginResult>;

/** What it writes to standard error is for the user and goes straight to the terminal. */
export const runPlugin: RunPlugin = (plugin) =>
  new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env: plugin.env,
      stdio: [plugin.interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout: Buffer.concat(chunks).toString('utf8') }));
  });
