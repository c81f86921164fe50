import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { findOnPath } from './find-on-path.ts';

/** What went on so far is kept up to this many lines, oldest dropped first. */
const KEPT_LINES = 400;
const TERMINATION_MS = 10_000;

/** Where the system can do it, the kernel ends our processes even when we are killed ourselves. Same process id. */
const TIE = findOnPath('setpriv');

/** What still runs; all of it ends with us. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One process of ours, its output by lines, ended by its own id. Nothing outlives the process that started it. */
export class Child {
  /** Lines of stdout and stderr in the order they came. */
  readonly lines: string[] = [];
  readonly exited: Promise<ExitStatus>;
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #status: ExitStatus | null = null;

  constructor(name: string, file: string, args: readonly string[]) {
    this.#name = name;
    this.#process = spawn(TIE ?? file, TIE === null ? args : ['--pdeathsig', 'KILL', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#process);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > KEPT_LINES) this.lines.shift();
        this.#wake();
      });
    }
    this.exited = new Promise((resolve) => {
      const end = (status: ExitStatus): void => {
        running.delete(this.#process);
        this.#status = status;
        this.#wake();
        resolve(status);
      };
      this.#process.once('error', (error) => {
        this.lines.push(error.message);
        end({ code: null, signal: null });
      });
      this.#process.once('close', (code, signal) => end({ code, signal }));
    });
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error(`${this.#name} could not be started: ${this.lines.join(' ')}`);
    return pid;
  }

  /** Null while it runs. */
  get status(): ExitStatus | null {
    return this.#status;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves with the first line, past or coming, that fits; rejects when it exits first, or after `ms` milliseconds. */
  async line(pattern: RegExp, ms: number): Promise<string> {
    const found = (): string | undefined => this.lines.find((line) => pattern.test(line));
    await this.#until(() => found() !== undefined, `print ${pattern}`, ms);
    return found() ?? '';
  }

  /** SIGTERM, then SIGKILL if it does not heed that. Also ends a stopped process, and one that is gone already. */
  async stop(): Promise<void> {
    if (this.#status === null) {
      this.signal('SIGTERM');
      this.signal('SIGCONT');
      const timer = setTimeout(() => this.signal('SIGKILL'), TERMINATION_MS);
      await this.exited;
      clearTimeout(timer);
    }
  }

  /** The last lines it printed, for messages. */
  tail(count = 15): string {
    return this.lines.slice(-count).join('\n');
  }

  async #until(done: () => boolean, what: string, ms: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const finish = (problem: string | null): void => {
        clearTimeout(timer);
        this.#listeners.delete(check);
        if (problem === null) resolve();
        else reject(new Error(`${this.#name} ${problem}; its last lines:\n${this.tail()}`));
      };
      const check = (): void => {
        if (done()) finish(null);
        else if (this.#status) finish(`exited (${JSON.stringify(this.#status)}) and did not ${what}`);
      };
      const timer = setTimeout(() => finish(`did not ${what} within ${ms} ms`), ms);
      this.#listeners.add(check);
      check();
    });
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Asks again and again until the answer is not null; rejects after `ms` milliseconds. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null> | T | null,
  { ms = 30_000, everyMs = 100 }: { ms?: number; everyMs?: number } = {},
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() >= end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
