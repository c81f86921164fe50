import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './child-process.ts';

const run = promisify(execFile);

export interface TmuxOptions {
  columns?: number;
  rows?: number;
  /** Environment of the shell, beside what every program needs. */
  env?: Readonly<Record<string, string>>;
}

/** A real pseudo-terminal with a shell in it, in a tmux server of its own. */
export class Tmux {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts a shell, in a new folder inside the given one. */
  static async start(
    inFolder: string,
    { columns = 120, rows = 30, env = {} }: TmuxOptions = {},
  ): Promise<Tmux> {
    const tmux = new Tmux(mkdtempSync(join(inFolder, 'tmux-')));
    const variables = { LANG: 'C.UTF-8', HOME: tmux.#folder, HISTFILE: '', ...env };
    const flags = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', String(columns), '-y', String(rows)];
    await tmux.#call('-f', '/dev/null', 'new-session', '-d', ...size, ...flags, 'bash --norc --noprofile');
    await tmux.until(/[#$]$/m);
    await tmux.enter("PS1='$ '; clear");
    await tmux.until(/^\$$/);
    return tmux;
  }

  /** Keys by tmux's names (`Enter`, `C-c`, `Escape`); anything else is typed. */
  async press(...keys: string[]): Promise<void> {
    // One by one: what comes in one piece is a paste.
    for (const key of keys) await this.#call('send-keys', key);
  }

  /** Types a command line and runs it. */
  async enter(command: string): Promise<void> {
    await this.#call('send-keys', '-l', command);
    await this.#call('send-keys', 'Enter');
  }

  /** Pastes as a terminal does, bracketed where the program asked for that. */
  async paste(text: string): Promise<void> {
    await this.#call('set-buffer', text);
    await this.#call('paste-buffer', '-p', '-r');
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#call('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on screen, lines without spaces at their end. */
  async screen(): Promise<string> {
    return (await this.#call('capture-pane', '-p')).trimEnd();
  }

  /** The same with escape sequences for colours and attributes. */
  async screenWithColors(): Promise<string> {
    return this.#call('capture-pane', '-p', '-e');
  }

  /** Waits until the screen looks like this; gives it. */
  async until(pattern: RegExp, ms = 30_000): Promise<string> {
    let screen = '';
    const look = async (): Promise<string | null> => {
      screen = await this.screen();
      return pattern.test(screen) ? screen : null;
    };
    return eventually(`the screen shows ${pattern}`, look, { ms }).catch((error: unknown) => {
      throw new Error(`${String(error)}; it shows:\n${screen}`);
    });
  }

  /** Modes that a full-screen program leaves behind if it does not clean up. */
  async modes(): Promise<{ alternateScreen: boolean; cursor: boolean; mouse: boolean }> {
    const text = await this.#call(
      'display-message',
      '-p',
      '#{alternate_on} #{cursor_flag} #{mouse_any_flag}',
    );
    const [alternate, cursor, mouse] = text.trim().split(' ');
    return { alternateScreen: alternate === '1', cursor: cursor === '1', mouse: mouse === '1' };
  }

  /** The process that runs in front. */
  async pid(name: RegExp): Promise<number> {
    const shell = Number((await this.#call('display-message', '-p', '#{pane_pid}')).trim());
    return eventually(`a process like ${name}`, async () => {
      const { stdout } = await run('ps', ['-o', 'pid=,args=', '--ppid', String(shell)]);
      const line = stdout.split('\n').find((text) => name.test(text));
      return line === undefined ? null : Number.parseInt(line, 10);
    });
  }

  async end(): Promise<void> {
    await this.#call('kill-server').catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #call(...args: string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-S', join(this.#folder, 'socket'), ...args]);
    return stdout;
  }
}
