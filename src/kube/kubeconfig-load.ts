import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { ConnectionHost } from './connection-host.ts';
import { errnoText, isMissingFile } from './connection-host.ts';
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from './kubeconfig.ts';
import { parseKubeconfig } from './kubeconfig.ts';

export interface LoadedKubeconfig {
  config: Kubeconfig;
  /** Where a kubeconfig was looked for. */
  searched: readonly string[];
  /** True when none of these files exists. */
  noneFound: boolean;
}

/** Which files count, first one first: the flag's alone, else $KUBECONFIG's, else the one in the home folder. */
function files(flag: string, host: ConnectionHost): string[] {
  if (flag !== '') return [flag];
  const listed = host.env['KUBECONFIG'] ?? '';
  if (listed === '') return [join(host.homeDir, '.kube', 'config')];
  return [...new Set(listed.split(delimiter))].filter((file) => file !== '');
}

/** Paths in a kubeconfig are relative to the file that holds them, not to the working directory. */
function resolvePaths(config: Kubeconfig, file: string): Kubeconfig {
  const folder = dirname(resolve(file));
  const at = (path: string): string => (path === '' ? '' : resolve(folder, path));
  const cluster = (entry: ClusterEntry): ClusterEntry => ({
    ...entry,
    certificateAuthority: at(entry.certificateAuthority),
  });
  const user = (entry: UserEntry): UserEntry => ({
    ...entry,
    clientCertificate: at(entry.clientCertificate),
    clientKey: at(entry.clientKey),
    tokenFile: at(entry.tokenFile),
    // A bare command name is looked up on the PATH instead.
    exec: entry.exec?.command.includes(sep) ? { ...entry.exec, command: at(entry.exec.command) } : entry.exec,
  });
  return {
    ...config,
    clusters: new Map([...config.clusters].map(([name, entry]) => [name, cluster(entry)])),
    users: new Map([...config.users].map(([name, entry]) => [name, user(entry)])),
  };
}

/** The first file to define a name wins entirely: entries of the same name are never mixed. */
function merge(configs: readonly Kubeconfig[]): Kubeconfig {
  const clusters = new Map<string, ClusterEntry>();
  const users = new Map<string, UserEntry>();
  const contexts = new Map<string, ContextEntry>();
  for (const config of configs.toReversed()) {
    for (const [name, entry] of config.clusters) clusters.set(name, entry);
    for (const [name, entry] of config.users) users.set(name, entry);
    for (const [name, entry] of config.contexts) contexts.set(name, entry);
  }
  const currentContext = configs.find((config) => config.currentContext !== '')?.currentContext ?? '';
  return { currentContext, clusters, users, contexts };
}

/**
 * The kubeconfig as kubectl finds and merges it. `flag` is --kubeconfig, empty if not given. Missing files are
 * skipped, except the flag's. Rejects with a LeaderError of code `config`.
 */
export async function loadKubeconfig(flag: string, host: ConnectionHost): Promise<LoadedKubeconfig> {
  const searched = files(flag, host);
  const configs: Kubeconfig[] = [];
  for (const file of searched) {
    let text: string;
    try {
      text = (await host.readFile(file)).toString('utf8');
    } catch (error) {
      if (flag === '' && isMissingFile(error)) continue;
      throw new LeaderError('config', `error loading config file "${printable(file)}": ${errnoText(error)}`, {
        hint: flag === '' ? 'Check $KUBECONFIG and the rights of that file.' : 'Check --kubeconfig.',
        cause: error,
      });
    }
    configs.push(resolvePaths(parseKubeconfig(text, file), file));
  }
  return { config: merge(configs), searched, noneFound: configs.length === 0 };
}
