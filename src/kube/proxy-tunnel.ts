import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { LeaderError } from '../core/errors.ts';
import type { ProxyServer } from './proxy-rules.ts';
import { proxyAuthorization } from './proxy-rules.ts';

/** Long enough for any proxy's greeting; more than that is no proxy. */
const MAX_HEAD_BYTES = 64 * 1024;

/** Reads exactly as much as the peer has said so far, at least one byte. Rejects when it hangs up. */
async function nextBytes(stream: Duplex): Promise<Buffer> {
  for (;;) {
    const chunk: unknown = stream.read();
    if (Buffer.isBuffer(chunk)) return chunk;
    if (stream.readableEnded || stream.destroyed) throw new Error('it closed the connection');
    const done = new AbortController();
    const events = ['readable', 'end', 'close'].map((event) => once(stream, event, { signal: done.signal }));
    await Promise.race(events).finally(() => done.abort());
  }
}

function failed(proxy: ProxyServer, why: string, cause?: unknown): LeaderError {
  return new LeaderError('unreachable', `Unable to connect to the server: the proxy ${proxy.host} ${why}`, {
    hint: 'Check the proxy-url of the cluster in the kubeconfig, or HTTPS_PROXY and NO_PROXY.',
    cause,
  });
}

/** Asks an HTTP proxy, over an open connection to it, for a tunnel to `target` (`host:port`). */
export async function openHttpTunnel(stream: Duplex, proxy: ProxyServer, target: string): Promise<void> {
  const authorization = proxyAuthorization(proxy);
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
  stream.write(`${lines.join('\r\n')}\r\n\r\n`);
  let head = Buffer.alloc(0);
  while (!head.includes('\r\n\r\n')) {
    head = Buffer.concat([
      head,
      await nextBytes(stream).catch((error: unknown) => {
        throw failed(proxy, 'closed the connection instead of opening a tunnel', error);
      }),
    ]);
    if (head.length > MAX_HEAD_BYTES) throw failed(proxy, 'did not answer as an HTTP proxy does');
  }
  const end = head.indexOf('\r\n\r\n') + 4;
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1'))?.[1];
  if (status === undefined) throw failed(proxy, 'did not answer as an HTTP proxy does');
  if (status === '407') throw failed(proxy, 'wants a user name and a password, or other ones (407)');
  if (!status.startsWith('2'))
    throw failed(proxy, `refused to open a tunnel to ${target} (HTTP status ${status})`);
  if (end < head.length) stream.unshift(head.subarray(end));
}

const SOCKS_FAILURES: Readonly<Record<number, string>> = {
  1: 'it failed',
  2: 'its rules forbid it',
  3: 'the network is unreachable',
  4: 'the host is unreachable',
  5: 'the connection was refused',
  6: 'the time ran out',
};

/** Reads `count` bytes; anything beyond them is put back. */
async function exactly(stream: Duplex, count: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < count) bytes = Buffer.concat([bytes, await nextBytes(stream)]);
  if (bytes.length > count) stream.unshift(bytes.subarray(count));
  return bytes.subarray(0, count);
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

async function socksLogin(stream: Duplex, proxy: ProxyServer): Promise<void> {
  const { credentials } = proxy;
  stream.write(Buffer.from(credentials ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await exactly(stream, 2);
  if (version !== 5) throw failed(proxy, 'did not answer as a SOCKS5 proxy does');
  if (method === 0) return;
  if (method !== 2 || credentials === null) throw failed(proxy, 'wants a user name and a password');
  const { username, password } = credentials;
  stream.write(Buffer.concat([Buffer.from([1]), lengthPrefixed(username), lengthPrefixed(password)]));
  if ((await exactly(stream, 2))[1] !== 0) throw failed(proxy, 'does not accept the user name and password');
}

/** Asks a SOCKS5 proxy (RFC 1928, 1929) for a connection; the proxy resolves the name. */
export async function openSocksTunnel(
  stream: Duplex,
  proxy: ProxyServer,
  target: { hostname: string; port: number },
): Promise<void> {
  try {
    await socksLogin(stream, proxy);
    const port = Buffer.from([target.port >> 8, target.port & 0xff]);
    stream.write(Buffer.concat([Buffer.from([5, 1, 0, 3]), lengthPrefixed(target.hostname), port]));
    const [version, reply = 1, , kind] = await exactly(stream, 4);
    if (version !== 5) throw failed(proxy, 'did not answer as a SOCKS5 proxy does');
    if (reply !== 0) {
      throw failed(
        proxy,
        `refused to connect to ${target.hostname}: ${SOCKS_FAILURES[reply] ?? `error ${reply}`}`,
      );
    }
    // The address it connected from, which nobody needs.
    const size = kind === 1 ? 4 : kind === 4 ? 16 : ((await exactly(stream, 1))[0] ?? 0);
    await exactly(stream, size + 2);
  } catch (error) {
    if (error instanceof LeaderError) throw error;
    throw failed(proxy, 'closed the connection instead of opening a tunnel', error);
  }
}
