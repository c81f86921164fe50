import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { Credential, Credentials } from './auth.ts';
import type { UserEntry } from './kubeconfig.ts';

type Provider = NonNullable<UserEntry['authProvider']>;

/**
 * The auth providers that preceded exec plugins (`oidc`, and `gcp` and `azure`, which kubectl no longer has), as far
 * as the client library knows them. Tokens that it refreshes are kept in memory, the kubeconfig is not rewritten.
 */
export class AuthProvider implements Credentials {
  readonly #user: string;
  readonly #provider: Provider;
  #apply: ((options: RequestOptions) => Promise<void>) | null = null;

  constructor(user: string, provider: Provider) {
    this.#user = user;
    this.#provider = provider;
  }

  async current(): Promise<Credential> {
    const headers: OutgoingHttpHeaders = {};
    try {
      this.#apply ??= await this.#load();
      await this.#apply({ headers });
    } catch (error) {
      throw this.#failed('could not get a token', error);
    }
    const authorization = headers['Authorization'];
    if (typeof authorization !== 'string') {
      throw this.#failed('has no valid token and cannot get one');
    }
    return { authorization, certificate: null };
  }

  async refresh(rejected: Credential): Promise<boolean> {
    return (await this.current()).authorization !== rejected.authorization;
  }

  async #load(): Promise<(options: RequestOptions) => Promise<void>> {
    // Big, and needed by hardly anybody.
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    const { name, config: settings } = this.#provider;
    config.loadFromOptions({
      clusters: [],
      users: [{ name: this.#user, authProvider: { name, config: { ...settings } } }],
      contexts: [{ name: 'only', cluster: '', user: this.#user }],
      currentContext: 'only',
    });
    return (options) => config.applyToHTTPSOptions(options);
  }

  /** What the library said goes into the cause only: it may quote a token. */
  #failed(what: string, cause?: unknown): LeaderError {
    const provider = printable(this.#provider.name);
    const user = printable(this.#user);
    return new LeaderError(
      'credentials',
      `getting credentials: auth provider "${provider}" of user "${user}" ${what}`,
      {
        hint: 'Log in again as you do for kubectl, or move that user to an exec credential plugin.',
        cause,
      },
    );
  }
}
