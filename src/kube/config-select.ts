import type { ConnectionFlags } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from './kubeconfig.ts';
import { EMPTY_CLUSTER, EMPTY_CONTEXT, EMPTY_USER } from './kubeconfig.ts';

/** The entries that apply, with the flags laid over them. Empty text means not set. */
export interface Selection {
  contextName: string;
  /** False when the context was named by the kubeconfig, but is not defined by it. */
  contextExists: boolean;
  context: ContextEntry;
  clusterName: string;
  /** False when nothing defines the cluster, so that only flags and defaults say where it is. */
  clusterExists: boolean;
  cluster: ClusterEntry;
  userName: string;
  /** False when nothing defines the user. */
  userExists: boolean;
  user: UserEntry;
}

function missing(what: string, name: string, flag: string): LeaderError {
  return new LeaderError('config', `${what} "${printable(name)}" does not exist`, {
    hint: `Check ${flag}: "kubectl config view" shows what the kubeconfig defines.`,
  });
}

/** `key=value`, repeated keys collecting their values. Throws a LeaderError with code `config`. */
function extraOf(pairs: readonly string[]): Map<string, string[]> {
  const extra = new Map<string, string[]>();
  for (const pair of pairs) {
    const split = pair.indexOf('=');
    if (split < 1) {
      throw new LeaderError('config', `--as-user-extra "${printable(pair)}" is not of the form key=value`);
    }
    const key = pair.slice(0, split);
    extra.set(key, [...(extra.get(key) ?? []), pair.slice(split + 1)]);
  }
  return extra;
}

function overlayCluster(entry: ClusterEntry, flags: ConnectionFlags): ClusterEntry {
  const { server = '', tlsServerName = '', certificateAuthority = '', insecureSkipTlsVerify = false } = flags;
  const cluster = {
    ...entry,
    server: server || entry.server,
    disableCompression: flags.disableCompression || entry.disableCompression,
  };
  // A flag about trust replaces all that the file says about trust: a rest of it would contradict the flag.
  if (insecureSkipTlsVerify || certificateAuthority !== '') {
    Object.assign(cluster, { insecureSkipTlsVerify, certificateAuthority, certificateAuthorityData: null });
  }
  // The file's server name belongs to the file's server.
  if (tlsServerName !== '' || server !== '') cluster.tlsServerName = tlsServerName;
  return cluster;
}

function overlayUser(entry: UserEntry, flags: ConnectionFlags): UserEntry {
  const { clientCertificate = '', clientKey = '', asGroup = [] } = flags;
  return {
    ...entry,
    ...(clientCertificate === '' ? {} : { clientCertificate, clientCertificateData: null }),
    ...(clientKey === '' ? {} : { clientKey, clientKeyData: null }),
    token: flags.token || entry.token,
    username: flags.username || entry.username,
    password: flags.password || entry.password,
    as: flags.as || entry.as,
    asUid: flags.asUid || entry.asUid,
    asGroups: asGroup.length > 0 ? asGroup : entry.asGroups,
    asUserExtra: new Map([...entry.asUserExtra, ...extraOf(flags.asUserExtra ?? [])]),
  };
}

/**
 * Picks context, cluster and user as kubectl does and lays the flags over them. What a flag names must exist; what
 * the kubeconfig names may be missing, then the defaults apply. Throws a LeaderError with code `config`.
 */
export function selectConfig(config: Kubeconfig, flags: ConnectionFlags, defaultServer: string): Selection {
  const contextName = flags.context || config.currentContext;
  const named = config.contexts.get(contextName);
  const context: ContextEntry = {
    cluster: flags.cluster || (named ?? EMPTY_CONTEXT).cluster,
    user: flags.user || (named ?? EMPTY_CONTEXT).user,
    namespace: flags.namespace || (named ?? EMPTY_CONTEXT).namespace,
  };
  const user = config.users.get(context.user);
  const cluster = config.clusters.get(context.cluster);
  if (flags.user && !user) throw missing('auth info', flags.user, '--user');
  if (flags.context && !named) throw missing('context', flags.context, '--context');
  if (flags.cluster && !cluster) throw missing('cluster', flags.cluster, '--cluster');
  const base = cluster ?? EMPTY_CLUSTER;
  return {
    contextName,
    contextExists: contextName === '' || named !== undefined,
    context,
    clusterName: context.cluster,
    clusterExists: cluster !== undefined,
    cluster: overlayCluster({ ...base, server: base.server || defaultServer }, flags),
    userName: context.user,
    userExists: user !== undefined,
    user: overlayUser(user ?? EMPTY_USER, flags),
  };
}
