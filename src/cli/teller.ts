import { printable } from '../core/text.ts';
import type { Host } from './host.ts';
import { statusLine } from './status-line.ts';

/** What a person reads of a command that does something, on whichever stream is not the answer for programs. */
export class Teller {
  readonly #host: Host;
  readonly #status: (text: string | null) => void;
  readonly #answer: (text: string) => void;

  /** `forPeople`: the answer is text, and belongs on stdout. */
  constructor(host: Host, forPeople: boolean) {
    this.#host = host;
    this.#status = statusLine(host.stderr);
    this.#answer = (text) => (forPeople ? host.stdout : host.stderr).write(text);
  }

  /** On the way; on a terminal only. */
  progress(text: string | null): void {
    this.#status(text);
  }

  /** Beside the answer. */
  aside(text: string): void {
    this.#status(null);
    this.#host.stderr.write(text);
  }

  /** Part of the answer. */
  say(text: string, hint: string | null = null): void {
    this.#status(null);
    this.#answer(`${text}\n${hint === null ? '' : `  ${printable(hint)}\n`}`);
  }

  fail(text: string, hint: string | null): void {
    this.aside(`error: ${text}\n${hint === null ? '' : `${printable(hint)}\n`}`);
  }
}
