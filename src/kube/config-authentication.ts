import type { Selection } from './config-select.ts';
import type { ExecEntry, UserEntry } from './kubeconfig.ts';

/**
 * How the user proves who they are, apart from a client certificate. Holds secrets: never print it. The `token` of a
 * `token-file` is used until the file can be read; empty if there is none.
 */
export type Authentication =
  | { by: 'nothing' }
  | { by: 'token'; token: string }
  | { by: 'token-file'; path: string; token: string }
  | { by: 'basic'; username: string; password: string }
  | { by: 'exec'; exec: ExecEntry; cluster: ExecCluster }
  | { by: 'auth-provider'; user: string; provider: NonNullable<UserEntry['authProvider']> };

/** What an exec plugin with `provideClusterInfo` is told, under the names it expects. */
export type ExecCluster = Readonly<Record<string, unknown>>;

/** Which proof applies: fixed ones come before those that have to be asked for, so that `--token` replaces a plugin. */
export function authenticationOf(selection: Selection, server: URL, ca: Buffer | null): Authentication {
  const { user, cluster, userName } = selection;
  const certificate = user.clientCertificate !== '' || user.clientCertificateData !== null;
  if (user.tokenFile !== '') return { by: 'token-file', path: user.tokenFile, token: user.token };
  if (user.token !== '') return { by: 'token', token: user.token };
  if (user.username !== '') return { by: 'basic', username: user.username, password: user.password };
  if (user.authProvider !== null) return { by: 'auth-provider', user: userName, provider: user.authProvider };
  if (user.exec === null || certificate) return { by: 'nothing' };
  return {
    by: 'exec',
    exec: user.exec,
    cluster: {
      server: server.pathname === '/' ? cluster.server : server.href,
      ...(cluster.tlsServerName === '' ? {} : { 'tls-server-name': cluster.tlsServerName }),
      ...(cluster.insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
      ...(ca === null ? {} : { 'certificate-authority-data': ca.toString('base64') }),
      ...(cluster.proxyUrl === '' ? {} : { 'proxy-url': cluster.proxyUrl }),
      ...(cluster.disableCompression ? { 'disable-compression': true } : {}),
      config: cluster.execExtension,
    },
  };
}
