/** So many lines are held back at most: the newest are kept. */
const MOST_HELD = 2_000;

/** Lines for stderr that wait while a full-screen program has the terminal: written into it they would tear it. */
export class HeldLines {
  readonly #write: (text: string) => void;
  readonly #hasScreen: () => boolean;
  #held: string[] = [];
  #dropped = 0;

  constructor(write: (text: string) => void, hasScreen: () => boolean) {
    this.#write = write;
    this.#hasScreen = hasScreen;
  }

  /** Writes the line, or keeps it until the screen was left. */
  tell(line: string): void {
    this.#held.push(line);
    if (this.#held.length > MOST_HELD) {
      this.#held.shift();
      this.#dropped += 1;
    }
    if (!this.#hasScreen()) this.flush();
  }

  /** Writes what was held back. */
  flush(): void {
    const dropped = this.#dropped === 0 ? [] : [`(${this.#dropped} earlier lines are not shown)`];
    const lines = [...dropped, ...this.#held];
    this.#held = [];
    this.#dropped = 0;
    this.#write(lines.map((line) => `${line}\n`).join(''));
  }
}
