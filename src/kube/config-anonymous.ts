import { printable } from '../core/text.ts';
import type { Connection } from './config-resolve.ts';
import type { Selection } from './config-select.ts';

/** Why requests carry no credentials, and what to do about it, in a sentence; null when they do carry some. */
export function withoutCredentials(
  { tls, authentication }: Pick<Connection, 'tls' | 'authentication'>,
  { userName, userExists, contextName }: Selection,
): string | null {
  if (tls === null) return 'Over plain http no credentials are sent: give the server with https://.';
  if (authentication.by !== 'nothing' || tls.certificate !== null) return null;
  const remedy = '"kubectl config view" shows users; choose one with --user.';
  if (userName === '') {
    const who = contextName === '' ? 'The kubeconfig' : `Context "${printable(contextName)}"`;
    return `${who} names no user, so no credentials were sent: ${remedy}`;
  }
  return userExists
    ? `User "${printable(userName)}" of the kubeconfig has no credentials: log in, or give it a token or certificate.`
    : `The kubeconfig does not define user "${printable(userName)}", so no credentials were sent: ${remedy}`;
}
