import { connect, createServer, type Server, type Socket } from 'node:net';

/** What went through a proxy, bytes as they are on the wire, with TLS. */
export interface Traffic {
  connections: number;
  sent: number;
  received: number;
}

/** Hands chunks on after a while, in their order, however many are under way: it delays and does not throttle. */
function delayed(from: Socket, to: Socket, waitMs: () => number, count: (bytes: number) => void): void {
  const later = (what: () => void): void => {
    const wait = waitMs();
    if (wait <= 0) what();
    else setTimeout(what, wait);
  };
  from.on('data', (chunk) => {
    count(chunk.length);
    later(() => {
      if (!to.destroyed) to.write(chunk);
    });
  });
  from.on('close', () => later(() => to.end()));
  from.on('error', () => undefined);
}

/**
 * A way to the API server that counts and delays: half of the round trip in each direction, and a whole one before a
 * new connection is open. TLS passes through it as it is.
 */
export class CountingProxy {
  /** The time of a round trip, milliseconds. Changed only while nothing is under way. */
  roundTripMs = 0;
  #traffic: Traffic = { connections: 0, sent: 0, received: 0 };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL) {
    this.#server = createServer((client) => this.#connected(client, target));
  }

  static async to(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(new URL(target));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  get traffic(): Traffic {
    return { ...this.#traffic };
  }

  /** Begins to count anew. */
  reset(): void {
    this.#traffic = { connections: 0, sent: 0, received: 0 };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connected(client: Socket, { hostname, port }: URL): void {
    const server = connect({ host: hostname, port: Number(port), noDelay: true });
    client.setNoDelay(true);
    this.#traffic.connections += 1;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    const openAt = performance.now() + this.roundTripMs;
    const oneWay = (): number => this.roundTripMs / 2;
    const afterOpening = (): number => Math.max(0, openAt - performance.now()) + oneWay();
    delayed(client, server, afterOpening, (size) => {
      this.#traffic.sent += size;
    });
    delayed(server, client, oneWay, (size) => {
      this.#traffic.received += size;
    });
  }
}
