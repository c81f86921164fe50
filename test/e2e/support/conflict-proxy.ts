import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { ApiAccess } from './api-access.ts';

/**
 * A reverse proxy in front of an API server that can make an object unwritable: every PUT and PATCH of it is answered
 * 409, whatever resourceVersion it carries, as a server with a broken etcd did. Everything else passes, watches too.
 */
export interface ConflictProxy {
  /** `https://127.0.0.1:port` */
  server: string;
  /** Writes a kubeconfig that goes through the proxy, and gives its path. */
  kubeconfig(user?: string): string;
  /** From now on writes to this path (`/api/v1/namespaces/x/endpoints/y`) conflict. */
  conflictOn(path: string): void;
  /** Lets them through again. */
  pass(path: string): void;
  /** How many writes were refused. */
  readonly conflicts: number;
  stop(): Promise<void>;
}

/** The Status of a write that lost a race, for the object at a path. */
function conflictStatus(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const group = segments[0] === 'apis' ? segments[1] : undefined;
  const [kind = '', name = ''] = segments.slice(-2);
  const resource = group === undefined ? kind : `${kind}.${group}`;
  const advice = 'please apply your changes to the latest version and try again';
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; ${advice}`,
    reason: 'Conflict',
    details: { name, ...(group !== undefined && { group }), kind },
    code: 409,
  });
}

function forward(server: string, ca: Buffer, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { host: _, ...headers } = incoming.headers;
  const { method } = incoming;
  const upstream = request(new URL(incoming.url ?? '/', server), { method, headers, ca }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

/** Starts a proxy in front of an API server, with the API server's own certificate. */
export async function startConflictProxy(api: ApiAccess): Promise<ConflictProxy> {
  const { certificateFile, certificateKeyFile, server: upstream } = api.coordinates;
  const cert = readFileSync(certificateFile);
  const key = readFileSync(certificateKeyFile);
  const conflicting = new Set<string>();
  let conflicts = 0;
  const proxy = createServer({ cert, key }, (incoming, outgoing) => {
    const { pathname } = new URL(incoming.url ?? '/', upstream);
    const writes = incoming.method === 'PUT' || incoming.method === 'PATCH';
    if (!writes || !conflicting.has(pathname)) {
      forward(upstream, cert, incoming, outgoing);
      return;
    }
    conflicts += 1;
    incoming.resume();
    outgoing.writeHead(409, { 'content-type': 'application/json' }).end(conflictStatus(pathname));
  });
  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject);
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const address = proxy.address();
  const server = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    server,
    kubeconfig: (user) => api.kubeconfig(user, { server }),
    conflictOn: (path) => void conflicting.add(path),
    pass: (path) => void conflicting.delete(path),
    get conflicts() {
      return conflicts;
    },
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  };
}
