import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Certificates } from './certificates.ts';

export interface TestProxy {
  port: number;
  /** What it was asked for, target and login; `closed` when the client hung up after a refusal. */
  asked: string[];
  close(): void;
}

async function listen(server: Server, asked: string[]): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one);
  for (const [stream, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    stream.on('error', () => undefined);
    stream.on('close', () => peer.destroy());
  }
}

/**
 * An HTTP proxy that tunnels and forwards, over TLS if there are certificates. Everything it is asked for goes to
 * 127.0.0.1: names need not exist. `refusal` is the status line it answers a CONNECT with instead.
 */
export async function startHttpProxy(certificates: Certificates | null, refusal = ''): Promise<TestProxy> {
  const asked: string[] = [];
  const forward: http.RequestListener = (request, response) => {
    const login = request.headers['proxy-authorization'] ?? 'nobody';
    asked.push(`${request.method} ${request.url} by ${login}`);
    const { port, pathname } = new URL(request.url ?? '');
    http.get({ host: '127.0.0.1', port, path: pathname }, (answer) => answer.pipe(response));
  };
  const server =
    certificates === null
      ? http.createServer(forward)
      : https.createServer(
          { key: certificates.pem('server.key'), cert: certificates.pem('server.crt') },
          forward,
        );
  server.on('connect', (request: http.IncomingMessage, client: Duplex) => {
    asked.push(`CONNECT ${request.url} by ${request.headers['proxy-authorization'] ?? 'nobody'}`);
    if (refusal !== '') {
      client.on('end', () => asked.push('closed'));
      client.resume();
      client.write(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const target = connect(Number(request.url?.split(':').pop()), '127.0.0.1', () => {
      // In two pieces, as networks do it.
      client.write('HTTP/1.1 200 Connection esta');
      setImmediate(() => {
        client.write('blished\r\nVia: test\r\n\r\n');
        join(client, target);
      });
    });
  });
  return listen(server, asked);
}

/** A SOCKS5 proxy; with a `login` (`name:password`) it insists on it. `reply` other than 0 refuses every target. */
export async function startSocksProxy(login: string | null, reply = 0): Promise<TestProxy> {
  const asked: string[] = [];
  const serve = async (client: Socket): Promise<void> => {
    const next = async (): Promise<Buffer> => (await once(client, 'data'))[0] as Buffer;
    const methods = (await next()).subarray(2);
    const method = login === null ? 0 : 2;
    if (!methods.includes(method)) {
      client.end(Buffer.from([5, 0xff]));
      return;
    }
    client.write(Buffer.from([5, method]));
    let who = 'nobody';
    if (login !== null) {
      const message = await next();
      const name = message.subarray(2, 2 + (message[1] ?? 0));
      who = `${name}:${message.subarray(3 + name.length)}`;
      client.write(Buffer.from([1, who === login ? 0 : 1]));
    }
    const request = await next();
    const host = request.subarray(5, 5 + (request[4] ?? 0)).toString();
    const port = request.readUInt16BE(5 + host.length);
    asked.push(`${host}:${port} by ${who}`);
    if (reply !== 0) {
      client.end(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
      return;
    }
    const target = connect(port, '127.0.0.1', () => {
      client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      join(client, target);
    });
  };
  return listen(
    createServer((client) => {
      serve(client).catch(() => client.destroy());
    }),
    asked,
  );
}
