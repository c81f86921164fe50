import { type ChildProcess, spawn } from 'node:child_process';
import { eventually } from './child-process.ts';
import { findOnPath } from './find-on-path.ts';

/** Whether this machine can give a program a terminal of its own. */
export const hasTerminals = findOnPath('script') !== null;

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A program in a pseudo-terminal, typed at as a person would. */
export class Terminal {
  /** Everything that was shown, as it came. */
  shown = '';
  /** The program's own exit code. */
  readonly exited: Promise<number>;
  readonly #process: ChildProcess;

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv) {
    const command = argv.map(quoted).join(' ');
    this.#process = spawn('script', ['-qefc', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.shown += text;
    });
    this.#process.stdin?.on('error', () => {});
    this.exited = new Promise((resolve) => this.#process.once('close', (code) => resolve(code ?? -1)));
  }

  type(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** Resolves when what was shown so far fits; rejects with it otherwise. */
  async shows(pattern: RegExp, ms = 60_000): Promise<void> {
    try {
      await eventually(`${pattern} on the terminal`, () => (pattern.test(this.shown) ? true : null), { ms });
    } catch (error) {
      throw new Error(`it shows:\n${this.shown}`, { cause: error });
    }
  }

  async end(): Promise<void> {
    this.#process.kill('SIGHUP');
    await this.exited;
  }
}
