import type { ClusterContext, ConnectionFlags } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { parseDurationFlag } from '../core/time.ts';
import type { ClientCertificate } from './auth.ts';
import { withoutCredentials } from './config-anonymous.ts';
import type { Authentication } from './config-authentication.ts';
import { authenticationOf } from './config-authentication.ts';
import { impersonation } from './config-impersonation.ts';
import type { Selection } from './config-select.ts';
import { selectConfig } from './config-select.ts';
import { parseServerUrl, serverText } from './config-server-url.ts';
import { configProblems } from './config-validate.ts';
import type { ConnectionHost } from './connection-host.ts';
import { errnoText } from './connection-host.ts';
import type { InCluster } from './in-cluster.ts';
import { detectInCluster } from './in-cluster.ts';
import type { LoadedKubeconfig } from './kubeconfig-load.ts';
import { loadKubeconfig } from './kubeconfig-load.ts';
import type { ProxyServer } from './proxy-rules.ts';
import { environmentProxy, parseProxyUrl } from './proxy-rules.ts';

export interface TlsSettings {
  /** PEM; null: what the operating system trusts. */
  ca: Buffer | null;
  /** True: whoever answers is believed. */
  insecure: boolean;
  /** The name the server's certificate must carry; empty: the host of the URL. */
  serverName: string;
  certificate: ClientCertificate | null;
}

/** Everything that is needed to reach one API server as one user. Holds secrets: never print it. */
export interface Connection {
  /** Its path, without a slash at the end, is the prefix of all requests. */
  server: URL;
  /** Null for plain http. */
  tls: TlsSettings | null;
  authentication: Authentication;
  proxy: ProxyServer | null;
  /** Impersonation, a header line for each value. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** The longest that one whole answer may take, milliseconds; 0: no limit. */
  timeoutMs: number;
  compression: boolean;
  context: ClusterContext;
  /** What to do if this server cannot be reached, when the configuration itself is suspicious. */
  hint: string | null;
}

const LAST_RESORT = 'http://localhost:8080';

function timeoutOf(flag: string): number {
  const ms = parseDurationFlag(flag);
  if (ms !== null) return ms;
  throw new LeaderError(
    'config',
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding ' +
      'time unit (e.g. 1s | 2m | 3h)',
    { hint: 'Check --request-timeout.' },
  );
}

/** Reads the files that the chosen entries point to; what cannot be read is one problem more. */
async function readFiles(selection: Selection, host: ConnectionHost, problems: string[]) {
  const read = async (what: string, owner: string, path: string): Promise<Buffer | null> => {
    if (path === '') return null;
    try {
      return await host.readFile(path);
    } catch (error) {
      problems.push(`unable to read ${what} ${path} for ${owner} due to ${errnoText(error)}`);
      return null;
    }
  };
  const { cluster, clusterName, user, userName } = selection;
  const hasCertificate = user.clientCertificate !== '' || user.clientCertificateData !== null;
  return {
    ca:
      cluster.certificateAuthorityData ??
      (await read('certificate-authority', clusterName, cluster.certificateAuthority)),
    cert: user.clientCertificateData ?? (await read('client-cert', userName, user.clientCertificate)),
    // A key alone identifies nobody.
    key: hasCertificate ? (user.clientKeyData ?? (await read('client-key', userName, user.clientKey))) : null,
  };
}

async function fromSelection(
  selection: Selection,
  context: ClusterContext,
  server: URL,
  host: ConnectionHost,
): Promise<Omit<Connection, 'timeoutMs' | 'hint' | 'context'>> {
  const problems = configProblems(selection);
  const { ca, cert, key } = await readFiles(selection, host, problems);
  const { cluster, user, clusterName } = selection;
  const secure = server.protocol === 'https:';
  if (secure && cluster.insecureSkipTlsVerify && ca !== null) {
    problems.push('specifying a root certificates file with the insecure flag is not allowed');
  }
  if (secure && user.tokenFile !== '' && user.username !== '') {
    problems.push('username/password or bearer token may be set, but not both');
  }
  if (problems.length > 0) {
    throw new LeaderError('config', `invalid configuration: ${printable(problems.join('; '))}`, {
      hint: `Check ${context.context === null ? 'the flags' : `context "${printable(context.context)}"`} with "kubectl config view".`,
    });
  }
  const proxy = cluster.proxyUrl === '' ? null : parseProxyUrl(cluster.proxyUrl, `cluster "${clusterName}"`);
  return {
    server,
    tls: secure
      ? {
          ca,
          insecure: cluster.insecureSkipTlsVerify,
          serverName: cluster.tlsServerName,
          certificate: cert && key ? { cert, key } : null,
        }
      : null,
    // Over plain http everybody on the way could read them.
    authentication: secure ? authenticationOf(selection, server, ca) : { by: 'nothing' },
    proxy: proxy ?? environmentProxy(server, host.env),
    headers: impersonation(user),
    compression: !cluster.disableCompression,
  };
}

/** The namespace where no flag names one: the context's, in a Pod the Pod's own, else `default`. */
function impliedNamespace(selection: Selection, inCluster: InCluster | null): string {
  return selection.context.namespace || inCluster?.namespace || 'default';
}

async function ownCluster(
  inCluster: InCluster,
  flags: ConnectionFlags,
  host: ConnectionHost,
): Promise<Pick<Connection, 'server' | 'tls' | 'authentication' | 'proxy'>> {
  const path = flags.certificateAuthority ?? '';
  const ca =
    path === ''
      ? inCluster.ca
      : await host.readFile(path).catch((error: unknown) => {
          throw new LeaderError(
            'config',
            `unable to read certificate-authority ${printable(path)}: ${errnoText(error)}`,
          );
        });
  const server = parseServerUrl(inCluster.server);
  return {
    server,
    tls: { ca, insecure: false, serverName: '', certificate: null },
    authentication: flags.token
      ? { by: 'token', token: flags.token }
      : { by: 'token-file', path: inCluster.tokenFile, token: '' },
    proxy: environmentProxy(server, host.env),
  };
}

/** Why the last resort was taken, for whom it fails. */
function suspicion(selection: Selection, loaded: LoadedKubeconfig, defaultServer: string): string | null {
  if (selection.cluster.server !== defaultServer) return null;
  if (loaded.noneFound) {
    return `No kubeconfig was found (looked for ${loaded.searched.map(printable).join(', ')}): set KUBECONFIG or give --kubeconfig.`;
  }
  if (selection.contextName === '') {
    return 'The kubeconfig has no current context: choose one with --context or "kubectl config use-context".';
  }
  const context = printable(selection.contextName);
  return selection.clusterExists
    ? `The cluster of context "${context}" names no server.`
    : `Context "${context}" names cluster "${printable(selection.clusterName)}", which the kubeconfig does not define.`;
}

/**
 * The connection that kubectl would make with these flags. Reads files, but neither runs anything nor opens a
 * connection. Rejects with a LeaderError of code `config`.
 */
export async function resolveConnection(flags: ConnectionFlags, host: ConnectionHost): Promise<Connection> {
  const loaded = await loadKubeconfig(flags.kubeconfig ?? '', host);
  const defaultServer = host.env['KUBERNETES_MASTER'] || LAST_RESORT;
  const selection = selectConfig(loaded.config, flags, defaultServer);
  const timeoutMs = timeoutOf(flags.requestTimeout || '0');
  const server = parseServerUrl(selection.cluster.server);
  const inCluster = await detectInCluster(host);
  // A context stands for its own cluster, and not for another one that a flag names.
  const isElsewhere = Boolean(flags.server || flags.cluster);
  const context: ClusterContext = {
    context: isElsewhere ? null : selection.contextName || null,
    server: serverText(server),
    namespace: impliedNamespace(selection, inCluster),
    namespaceIsExplicit: (flags.namespace ?? '') !== '',
    user: selection.userName || null,
  };
  const chosen = await fromSelection(selection, context, server, host);
  const hint = flags.server ? null : suspicion(selection, loaded, defaultServer);
  // kubectl takes the Pod's own cluster only where nothing at all was configured.
  const usesDefaults =
    selection.cluster.server === defaultServer &&
    !flags.server &&
    chosen.tls === null &&
    chosen.compression &&
    timeoutMs === 0 &&
    selection.cluster.proxyUrl === '' &&
    selection.user.as === '';
  if (inCluster === null || !usesDefaults) {
    const anonymous = { withoutCredentials: withoutCredentials(chosen, selection) };
    return { ...chosen, timeoutMs, hint, context: { ...context, ...anonymous } };
  }
  const own = await ownCluster(inCluster, flags, host);
  return {
    ...chosen,
    ...own,
    timeoutMs,
    hint: null,
    context: { ...context, context: null, server: serverText(own.server), user: null },
  };
}
