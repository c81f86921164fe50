import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const ROUTES: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'INVALID_CA',
  'CERT_SIGNATURE_FAILURE',
]);

const NO_CONNECTION = 'Unable to connect to the server:';

/** The names in the certificate that node:tls attached to its error. */
function certifiedNames(error: unknown): string {
  const certificate: unknown = error instanceof Error && 'cert' in error ? error.cert : null;
  const names = (certificate as { subjectaltname?: unknown } | null)?.subjectaltname;
  if (typeof names !== 'string' || names === '') return 'no name';
  return printable(names.replaceAll('IP Address:', '').replaceAll('DNS:', ''));
}

function tlsError(code: string, host: string, error: unknown): LeaderError | null {
  const made = (what: string, hint: string): LeaderError =>
    new LeaderError('tls', `${NO_CONNECTION} tls: ${what}`, { hint, cause: error });
  if (UNTRUSTED.has(code)) {
    return made(
      `the certificate of ${host} is signed by unknown authority`,
      'Check the certificate-authority of the cluster in the kubeconfig; perhaps this is another server than you expect.',
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const what = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not yet valid';
    return made(`the certificate of ${host} ${what}`, 'Renew it, and check the clock of this machine.');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return made(
      `the certificate of ${host} is valid for ${certifiedNames(error)}, not for the name it was asked for`,
      'Use an address that it is valid for as the server, or give one of its names with --tls-server-name.',
    );
  }
  if (/ALERT|SSLV3|TLSV1/.test(code)) {
    return made(
      `${host} broke off the handshake`,
      'It does not accept the client certificate of this user, perhaps because it has expired.',
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return made(
      `${host} does not speak TLS`,
      'Check the port and the scheme of the server: is it http:// perhaps?',
    );
  }
  if (code.startsWith('CERT_') || code.startsWith('ERR_TLS_')) {
    return made(
      `the certificate of ${host} cannot be verified (${code})`,
      'Check the certificate of the API server.',
    );
  }
  return null;
}

/** Names whoever was to be reached. */
export interface Peer {
  /** `host:port`. */
  host: string;
  role: 'server' | 'proxy';
  /** Replaces the general advice when it cannot be reached. */
  hint: string | null;
}

/** Whatever node:net, node:tls or node:http reported, as a LeaderError. Carries no header, query or body. */
export function transportError(error: unknown, { host, role, hint }: Peer): LeaderError {
  if (error instanceof LeaderError) return error;
  const code = codeOf(error);
  const advice =
    hint ??
    (role === 'server'
      ? 'Check the server with "kubectl config view --minify".'
      : 'Check the proxy settings.');
  const unreachable = (message: string): LeaderError =>
    new LeaderError('unreachable', message, { hint: advice, cause: error });
  if (code === 'ECONNREFUSED') {
    return unreachable(
      `The connection to the ${role} ${host} was refused - did you specify the right host or port?`,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const why = code === 'ENOTFOUND' ? 'no such host' : 'no name server answered';
    return unreachable(`${NO_CONNECTION} lookup ${host.replace(/:\d+$/, '')}: ${why}`);
  }
  const route = ROUTES[code];
  if (route !== undefined) return unreachable(`${NO_CONNECTION} ${host}: ${route}`);
  if (code === 'ERR_INVALID_CHAR') {
    return new LeaderError(
      'credentials',
      'A credential or an impersonated name cannot be sent: it has invalid characters',
      {
        hint: 'Look for line breaks in the token, or in the value of an --as flag.',
        cause: error,
      },
    );
  }
  const tls = tlsError(code, host, error);
  if (tls !== null) return tls;
  if (code.startsWith('HPE_')) {
    return new LeaderError('bad-answer', `${host} does not answer as an HTTP server does`, {
      hint: 'Check the port and the scheme of the server: is it https:// perhaps?',
      cause: error,
    });
  }
  return unreachable(`The connection to the ${role} ${host} was closed before the answer was complete`);
}

export function interruptedError(): LeaderError {
  return new LeaderError('interrupted', 'interrupted');
}
