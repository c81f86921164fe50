import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { LeaderError } from '../core/errors.ts';
import { publicTls } from './connection-tls.ts';
import type { Peer } from './http-transport-errors.ts';
import { interruptedError, transportError } from './http-transport-errors.ts';
import type { ProxyServer } from './proxy-rules.ts';

export interface Route {
  server: { hostname: string; port: number; peer: Peer };
  /** For the API server; null for plain http. */
  tls: ConnectionOptions | null;
  proxy: ProxyServer | null;
  /** The longest that it may take until a request can be sent, milliseconds. */
  connectTimeoutMs: number;
}

/** A silent peer is found out after this long, milliseconds, plus the ten probes of one second that libuv asks for. */
const KEEP_ALIVE_MS = 30_000;

function addressOf({ hostname, port }: { hostname: string; port: number }): string {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

/** Resolves when the socket is ready; rejects with its error. */
function ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('closed'));
    socket.once(event, () => {
      socket.off('error', reject);
      socket.off('close', closed);
      resolve();
    });
    socket.once('error', reject);
    socket.once('close', closed);
  });
}

/** One attempt to connect: every socket it opens is destroyed when it fails or takes too long. */
class Dial {
  readonly #route: Route;
  readonly #signal: AbortSignal;

  constructor(route: Route, signal: AbortSignal) {
    this.#route = route;
    this.#signal = signal;
  }

  async open(): Promise<Duplex> {
    const { proxy, server, tls } = this.#route;
    const stream = proxy === null ? await this.#tcp(server, server.peer) : await this.#throughProxy(proxy);
    return tls === null ? stream : this.#tls(stream, tls, server.peer);
  }

  async #throughProxy(proxy: ProxyServer): Promise<Socket> {
    const { server, tls } = this.#route;
    const peer: Peer = { host: proxy.host, role: 'proxy', hint: null };
    const plain = await this.#tcp(proxy, peer);
    const stream = proxy.scheme === 'https' ? await this.#tls(plain, publicTls(proxy.hostname), peer) : plain;
    const tunnel = await import('./proxy-tunnel.ts');
    if (proxy.scheme === 'socks5') await tunnel.openSocksTunnel(stream, proxy, server);
    // A plain request goes to the proxy itself, which reads the address from its first line.
    else if (tls !== null) await tunnel.openHttpTunnel(stream, proxy, addressOf(server));
    return stream;
  }

  async #tcp(to: { hostname: string; port: number }, peer: Peer): Promise<Socket> {
    const socket = connectTcp({ host: to.hostname, port: to.port, noDelay: true });
    this.#watch(socket);
    await ready(socket, 'connect').catch((error: unknown) => {
      throw transportError(error, peer);
    });
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  }

  async #tls(over: Socket, options: ConnectionOptions, peer: Peer): Promise<Socket> {
    const socket = connectTls({ ...options, socket: over });
    this.#watch(socket);
    await ready(socket, 'secureConnect').catch((error: unknown) => {
      throw transportError(error, peer);
    });
    return socket;
  }

  #watch(socket: Socket): void {
    // An error between two steps of connecting has no other listener, and would end the process; the next step sees
    // that the socket is closed.
    socket.on('error', () => undefined);
    if (this.#signal.aborted) socket.destroy();
    else this.#signal.addEventListener('abort', () => socket.destroy(), { once: true });
  }
}

/**
 * A connection over which requests can be sent to the API server. Rejects with a LeaderError when it cannot be had,
 * takes too long, or the signal aborts; nothing stays open then.
 */
export async function dial(route: Route, signal: AbortSignal): Promise<Duplex> {
  const attempt = new AbortController();
  const late = new LeaderError(
    'timeout',
    `Unable to connect to the server: no connection to ${route.server.peer.host} within ${route.connectTimeoutMs / 1000} s`,
    {
      hint:
        route.server.peer.hint ?? 'Check the network, a VPN or a firewall, and the server in the kubeconfig.',
    },
  );
  const giveUp = (): void => attempt.abort();
  const timer = setTimeout(giveUp, route.connectTimeoutMs);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await new Dial(route, attempt.signal).open();
  } catch (error) {
    const gaveUp = attempt.signal.aborted;
    attempt.abort();
    if (signal.aborted) throw interruptedError();
    throw gaveUp ? late : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
