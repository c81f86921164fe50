import { withFlags } from '../core/next-step.ts';
import { printable } from '../core/text.ts';
import type { Host } from './host.ts';
import { statusLine } from './status-line.ts';

/** What a person reads of a command that does something, on whichever stream is not the answer for programs. */
export class Teller {
  readonly #host: Host;
  readonly #status: (text: string | null) => void;
  readonly #answer: (text: string) => void;
  readonly #hint: (text: string) => string;

  /** `forPeople`: the answer is text, and belongs on stdout. `sameCluster`: flags for the commands that are advised. */
  constructor(host: Host, forPeople: boolean, sameCluster: readonly string[]) {
    this.#host = host;
    this.#hint = (text) => printable(withFlags(text, sameCluster));
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
    this.#answer(`${text}\n${hint === null ? '' : `  ${this.#hint(hint)}\n`}`);
  }

  fail(text: string, hint: string | null): void {
    this.aside(`error: ${text}\n${hint === null ? '' : `${this.#hint(hint)}\n`}`);
  }
}
