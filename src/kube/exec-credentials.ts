import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { Credential, Credentials } from './auth.ts';
import type { ExecCluster } from './config-authentication.ts';
import type { ConnectionHost } from './connection-host.ts';
import { errnoText, isMissingFile } from './connection-host.ts';
import type { Plugin, PluginResult } from './exec-plugin.ts';
import type { ExecReply } from './exec-reply.ts';
import { readExecReply } from './exec-reply.ts';
import type { ExecEntry } from './kubeconfig.ts';

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** So much of a plugin's own last line is told, characters. */
const LONGEST_WORD = 200;

function failed(why: string, hint: string, cause?: unknown): LeaderError {
  return new LeaderError('credentials', `getting credentials: ${printable(why)}`, {
    hint: printable(hint),
    cause,
  });
}

/**
 * Credentials from a client-go credential plugin (client.authentication.k8s.io). The plugin runs when a credential is
 * first needed, after it has expired, and once more after a 401; however many requests wait, it runs once.
 */
export class ExecCredentials implements Credentials {
  readonly #exec: ExecEntry;
  readonly #cluster: ExecCluster;
  readonly #host: ConnectionHost;
  #last: ExecReply | null = null;
  #running: Promise<Credential> | null = null;

  constructor(exec: ExecEntry, cluster: ExecCluster, host: ConnectionHost) {
    this.#exec = exec;
    this.#cluster = cluster;
    this.#host = host;
  }

  async current(): Promise<Credential> {
    const last = this.#last;
    const good = last !== null && (last.expiresAt === null || this.#host.now() <= last.expiresAt);
    return good ? last.credential : this.#renew();
  }

  async refresh(rejected: Credential): Promise<boolean> {
    // Unless another request's 401 has already done it.
    if (this.#last?.credential === rejected) await this.#renew();
    return true;
  }

  #renew(): Promise<Credential> {
    this.#running ??= this.#ask().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #ask(): Promise<Credential> {
    const { command, apiVersion } = this.#exec;
    const plugin = this.#plugin();
    const { exitCode, stdout, stderr } = await this.#run(plugin);
    if (exitCode !== 0) {
      const how = exitCode === null ? 'was ended by a signal' : `failed with exit code ${exitCode}`;
      const what = `exec: executable ${command} ${how}`;
      if (!plugin.isHidden) throw failed(what, 'Its own message is above; perhaps you have to log in again.');
      const last = stderr.trim().split('\n').at(-1)?.trim().slice(0, LONGEST_WORD) ?? '';
      throw failed(
        last === '' ? what : `${what}: ${last}`,
        'Log in again in another terminal: this goes on then.',
      );
    }
    const reply = readExecReply(stdout, apiVersion);
    if (typeof reply === 'string') throw failed(reply, `Run ${command} yourself to see what it prints.`);
    this.#last = reply;
    return reply.credential;
  }

  async #run(plugin: Plugin): Promise<PluginResult> {
    try {
      return await this.#host.runPlugin(plugin);
    } catch (error) {
      const { command, installHint } = this.#exec;
      if (!isMissingFile(error))
        throw failed(`exec: ${command}: ${errnoText(error)}`, 'Check the exec user.', error);
      // Hints are paragraphs; an error is one line.
      const hint = installHint.replace(/\s+/g, ' ').trim();
      throw failed(
        `exec: executable ${command} not found`,
        hint || 'Install that client-go credential plugin, or put its folder on the PATH.',
        error,
      );
    }
  }

  #plugin(): Plugin {
    const { apiVersion, command, args, env, provideClusterInfo } = this.#exec;
    if (!API_VERSIONS.includes(apiVersion)) {
      throw failed(
        `exec plugin: invalid apiVersion "${apiVersion}"`,
        `It must be ${API_VERSIONS.join(' or ')}.`,
      );
    }
    const isHidden = this.#host.screenTaken();
    const interactive = this.#interactive(isHidden);
    const spec = { ...(provideClusterInfo ? { cluster: this.#cluster } : {}), interactive };
    return {
      command,
      args,
      env: {
        ...this.#host.env,
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion, spec }),
      },
      interactive,
      isHidden,
    };
  }

  #interactive(isHidden: boolean): boolean {
    switch (this.#exec.interactiveMode) {
      case 'Never':
        return false;
      case 'Always':
        if (isHidden) {
          throw failed(
            `exec: executable ${this.#exec.command} has to ask you something, and the screen is in use`,
            'Leave this and start it again: it asks before the screen is taken.',
          );
        }
        if (this.#host.stdinIsTerminal) return true;
        throw failed(
          'exec plugin cannot support interactive mode: standard input is not a terminal',
          'Run this in a terminal, or log in beforehand so that the plugin need not ask.',
        );
      default:
        return this.#host.stdinIsTerminal && !isHidden;
    }
  }
}
