import type { ClusterContext, ConnectionFlags } from '../app/ports.ts';
import { credentialsFor } from './auth-sources.ts';
import { resolveConnection } from './config-resolve.ts';
import type { HostFacts } from './connection-host.ts';
import { hostOf } from './connection-host.ts';
import { HttpTransport } from './http-transport.ts';
import type { Transport } from './transport.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Finds the API server and the user that kubectl would take with these flags. Opens no connection and runs no plugin:
 * that happens with the first request. Rejects with a LeaderError of code `config`. `logIn` runs a plugin beforehand,
 * while it can still ask and say something at the terminal; it rejects with a LeaderError of code `credentials`.
 */
export async function openConnection(
  flags: ConnectionFlags,
  facts: HostFacts,
): Promise<{ transport: Transport; context: ClusterContext; logIn: () => Promise<void> }> {
  const host = hostOf(facts);
  const connection = await resolveConnection(flags, host);
  const credentials = await credentialsFor(connection.authentication, host);
  const transport = new HttpTransport(connection, credentials, {
    userAgent: `kubectl-leader/${host.version}`,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  const logIn = async (): Promise<void> => {
    if (connection.authentication.by === 'exec') await credentials.current();
  };
  return { transport, context: connection.context, logIn };
}
