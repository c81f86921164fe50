import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { ScenarioName } from '../../../src/sandbox/scenario-names.ts';
import type { RunResult } from './api-access.ts';
import { type Child, eventually } from './child-process.ts';
import { installPlugin, type Plugin } from './plugin.ts';
import type { Listing } from './stage.ts';

const PATIENCE_MS = 90_000;

/** `kubectl leader demo SCENARIO --serve` in a process of its own, and the public commands against it. */
export class DemoRun {
  readonly child: Child;
  kubeconfig = '';
  readonly #folder: string;
  readonly #plugin: Plugin;

  private constructor(child: Child, folder: string, plugin: Plugin) {
    this.child = child;
    this.#folder = folder;
    this.#plugin = plugin;
  }

  static async start(bundle: string, name: ScenarioName, speed: number): Promise<DemoRun> {
    const folder = mkdtempSync(join(tmpdir(), 'leader-demo-e2e-'));
    const plugin = installPlugin(bundle, folder);
    const child = plugin.start(['demo', name, '--serve', '--speed', String(speed)]);
    const demo = new DemoRun(child, folder, plugin);
    try {
      const line = await child.line(/^export KUBECONFIG=/, PATIENCE_MS);
      demo.kubeconfig = line.replace(/^export KUBECONFIG=/, '');
      return demo;
    } catch (error) {
      await demo.end();
      throw error;
    }
  }

  /** `kubectl leader ...` */
  leader(...args: string[]): Promise<RunResult> {
    const env = { XDG_STATE_HOME: this.#folder };
    return this.#plugin.run(args, { kubeconfig: this.kubeconfig, env, limitMs: PATIENCE_MS });
  }

  async list(...args: string[]): Promise<Listing> {
    const { code, stdout, stderr } = await this.leader('ls', '-o', 'json', ...args);
    if (code !== 0) throw new Error(`ls exited with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Listing;
  }

  /** Verdicts by `kind/name`. */
  async verdicts(...args: string[]): Promise<Record<string, string>> {
    const { items } = await this.list(...args);
    return Object.fromEntries(items.map(({ kind, name, verdict }) => [`${kind}/${name}`, verdict]));
  }

  /** A command line in a shell that has kubectl, the plugin and the demo's KUBECONFIG. */
  shell(command: string): Promise<RunResult> {
    const path = [dirname(this.#plugin.file), process.env['PATH'] ?? ''].join(delimiter);
    const env = { PATH: path, HOME: this.#folder, KUBECONFIG: this.kubeconfig, LANG: 'C.UTF-8' };
    return new Promise((resolve) => {
      execFile('sh', ['-c', command], { env, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** What the story tells. */
  hears(pattern: RegExp): Promise<string> {
    return this.child.line(pattern, PATIENCE_MS);
  }

  /** The command that is told to try with the line that fits. */
  async command(pattern: RegExp): Promise<string> {
    await this.hears(pattern);
    return eventually('a command to try', () => {
      const at = this.child.lines.findLastIndex((line) => pattern.test(line));
      return /^ +try: (.*)$/.exec(this.child.lines[at + 1] ?? '')?.[1] ?? null;
    });
  }

  async end(): Promise<void> {
    await this.child.stop();
    this.#plugin.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
