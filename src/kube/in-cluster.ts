import { isIPv6 } from 'node:net';
import type { ConnectionHost } from './connection-host.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What every Pod is given to reach its own cluster with. */
export interface InCluster {
  server: string;
  tokenFile: string;
  /** The cluster's certificate authority, PEM; null when none was mounted. */
  ca: Buffer | null;
  /** The namespace that applies in this Pod. */
  namespace: string;
}

async function read(host: ConnectionHost, name: string): Promise<Buffer | null> {
  return host.readFile(`${FOLDER}/${name}`).catch(() => null);
}

/** The cluster that this process runs in; null when it does not run in a Pod with a service account. */
export async function detectInCluster(host: ConnectionHost): Promise<InCluster | null> {
  const address = host.env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = host.env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (address === '' || port === '' || (await read(host, 'token')) === null) return null;
  const mounted = (await read(host, 'namespace'))?.toString('utf8').trim();
  return {
    server: `https://${isIPv6(address) ? `[${address}]` : address}:${port}`,
    tokenFile: `${FOLDER}/token`,
    ca: await read(host, 'ca.crt'),
    namespace: host.env['POD_NAMESPACE'] || mounted || 'default',
  };
}
