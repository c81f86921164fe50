import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?=[^/?#])/;

/**
 * The API server's address as kubectl reads it: a URL, or `host:port`, which means plain http. Query, fragment and
 * user name are dropped; a path is kept as the prefix of all requests, without its last slash. Throws a LeaderError
 * with code `config`.
 */
export function parseServerUrl(server: string): URL {
  const hasScheme = SCHEME.test(server);
  let url: URL;
  try {
    url = new URL(hasScheme ? server : `http://${server}`);
  } catch (error) {
    throw notAnAddress(server, error);
  }
  if (!hasScheme && url.pathname !== '/') throw notAnAddress(server);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new LeaderError('config', `unsupported protocol scheme "${printable(url.protocol.slice(0, -1))}"`, {
      hint: 'The server of a cluster must be an https:// (or http://) URL.',
    });
  }
  const clean = new URL(url.origin);
  clean.pathname = url.pathname.replace(/\/+$/, '');
  return clean;
}

/** The address as people are told it: several clusters may be behind one host, and only the path tells them apart. */
export function serverText({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/$/, '')}`;
}

function notAnAddress(server: string, cause?: unknown): LeaderError {
  // What stands before an @ is a user's name and password.
  const shown = printable(server.replace(/[^/@]*@/, ''));
  return new LeaderError('config', `host must be a URL or a host:port pair: "${shown}"`, {
    hint: 'Check the server of the cluster in the kubeconfig, or --server.',
    cause,
  });
}
