import { PassThrough, Writable } from 'node:stream';
import type { Terminal } from '../../src/tui/terminal.ts';

/** Keeps the bytes that would reach a terminal, and plays its keyboard. */
export class FakeTerminal implements Terminal {
  written = '';
  stopped = 0;
  rawMode = false;
  readonly restores = new Set<() => void>();
  readonly #out: Writable & { columns: number; rows: number; isTTY: boolean };
  readonly #in: PassThrough;

  constructor(columns = 100, rows = 24) {
    const write = (chunk: unknown, _encoding: string, done: () => void): void => {
      this.written += String(chunk);
      done();
    };
    this.#out = Object.assign(new Writable({ write, decodeStrings: false }), { columns, rows, isTTY: true });
    const setRawMode = (on: boolean): void => {
      this.rawMode = on;
    };
    this.#in = Object.assign(new PassThrough(), { isTTY: true, setRawMode, ref: () => {}, unref: () => {} });
  }

  get stdin(): NodeJS.ReadStream {
    return this.#in as unknown as NodeJS.ReadStream;
  }

  get stdout(): NodeJS.WriteStream {
    return this.#out as unknown as NodeJS.WriteStream;
  }

  stop(): Promise<void> {
    this.stopped += 1;
    return Promise.resolve();
  }

  onCrash(restore: () => void): () => void {
    this.restores.add(restore);
    return () => this.restores.delete(restore);
  }

  press(bytes: string): void {
    this.#in.write(bytes);
  }

  resize(columns: number, rows: number): void {
    Object.assign(this.#out, { columns, rows });
    this.#out.emit('resize');
  }

  /** Modes that a program switches on and has to switch off again: true while one is on. */
  get modes(): Record<string, boolean> {
    const isOn = (mode: string): boolean =>
      this.written.lastIndexOf(`\u001b[?${mode}h`) > this.written.lastIndexOf(`\u001b[?${mode}l`);
    return {
      alternateScreen: isOn('1049'),
      bracketedPaste: isOn('2004'),
      hiddenCursor: this.written.lastIndexOf('\u001b[?25l') > this.written.lastIndexOf('\u001b[?25h'),
      rawMode: this.rawMode,
    };
  }
}
