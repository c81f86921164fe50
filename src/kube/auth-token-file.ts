import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { Credential, Credentials } from './auth.ts';
import { bearer } from './auth.ts';
import type { ConnectionHost } from './connection-host.ts';
import { errnoText } from './connection-host.ts';

/** A mounted service account token is replaced while a program runs; looking once a minute is often enough. */
const REREAD_MS = 60_000;

/** A bearer token in a file that somebody else keeps fresh. The last token that could be read stays in use. */
export class TokenFile implements Credentials {
  readonly #path: string;
  readonly #host: ConnectionHost;
  #last: Credential | null;
  #readAt = Number.NEGATIVE_INFINITY;

  /** `token` is used as long as the file cannot be read; empty if there is none. */
  constructor(path: string, token: string, host: ConnectionHost) {
    this.#path = path;
    this.#host = host;
    this.#last = token === '' ? null : bearer(token);
  }

  async current(): Promise<Credential> {
    if (this.#last !== null && Math.abs(this.#host.now() - this.#readAt) < REREAD_MS) return this.#last;
    return this.#read();
  }

  async refresh(rejected: Credential): Promise<boolean> {
    const fresh = await this.#read();
    return fresh.authorization !== rejected.authorization;
  }

  async #read(): Promise<Credential> {
    let why: string;
    try {
      const token = (await this.#host.readFile(this.#path)).toString('utf8').trim();
      this.#readAt = this.#host.now();
      if (token !== '') {
        this.#last = bearer(token);
        return this.#last;
      }
      why = 'the file is empty';
    } catch (error) {
      why = errnoText(error);
    }
    if (this.#last !== null) return this.#last;
    throw new LeaderError('credentials', `cannot read the token file ${printable(this.#path)}: ${why}`, {
      hint: 'Check the tokenFile of the user in the kubeconfig.',
    });
  }
}
