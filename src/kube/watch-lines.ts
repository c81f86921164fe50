/** Cuts a stream of bytes into lines. Lines, and characters of several bytes, may be split anywhere. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** The lines that this chunk completes, without blank ones. */
  push(chunk: Uint8Array): string[] {
    const text = this.#decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('\n');
    if (end === -1) {
      this.#rest += text;
      return [];
    }
    const lines = (this.#rest + text.slice(0, end)).split('\n');
    this.#rest = text.slice(end + 1);
    return lines.filter((line) => line.trim() !== '');
  }
}
