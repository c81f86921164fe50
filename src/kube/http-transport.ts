import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Credential, Credentials } from './auth.ts';
import type { Connection } from './config-resolve.ts';
import { apiServerTls } from './connection-tls.ts';
import { answerOf, type Patience, Stop } from './http-transport-answer.ts';
import type { Peer } from './http-transport-errors.ts';
import { interruptedError, transportError } from './http-transport-errors.ts';
import { ConnectionPool } from './http-transport-pool.ts';
import { Slots } from './http-transport-slots.ts';
import { bare, proxyAuthorization } from './proxy-rules.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

export interface HttpTransportOptions {
  /** The `User-Agent` header. */
  userAgent: string;
  /** The longest that connecting may take, proxy and TLS included, milliseconds. */
  connectTimeoutMs: number;
  /** The longest that the server may be silent where no --request-timeout is given, milliseconds. */
  silenceTimeoutMs?: number;
}

const SILENCE_MS = 30_000;

/** Requests with an end at once, and as many where more of them queue; watches do not count, or they would use all of these up. */
const REQUESTS = 3;
const MOST_REQUESTS = 6;

/** True where the connection had been idle and the server ended it just when this request was sent. */
function metClosedConnection(request: http.ClientRequest, error: unknown): boolean {
  return request.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

/** Waits for the promise no longer than the signal allows; the work itself goes on. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(interruptedError());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/**
 * HTTP/1.1 to one API server with one user's credentials. The constructor throws a LeaderError of code `config` for
 * certificates that cannot be used; `send` rejects with `unreachable`, `tls`, `timeout`, `credentials`, `bad-answer`
 * or `interrupted`. Only a GET is ever sent twice: after a 401 with fresh credentials, and after meeting an idle
 * connection that the server had just closed.
 */
export class HttpTransport implements Transport {
  readonly #connection: Connection;
  readonly #credentials: Credentials;
  readonly #options: HttpTransportOptions;
  readonly #peer: Peer;
  readonly #slots = new Slots(REQUESTS, MOST_REQUESTS);
  readonly #pools = new Set<ConnectionPool>();
  #pool: ConnectionPool;
  /** The client certificate that `#pool` presents, where a plugin returned one. */
  #certificate: Credential['certificate'] = null;

  constructor(connection: Connection, credentials: Credentials, options: HttpTransportOptions) {
    this.#connection = connection;
    this.#credentials = credentials;
    this.#options = options;
    this.#peer = { host: connection.server.host, role: 'server', hint: connection.hint };
    this.#pool = this.#newPool();
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { signal } = request;
    const credential = await unlessAborted(this.#credentials.current(), signal);
    const answer = await this.#sendWith(credential, request);
    if (answer.status !== 401) return answer;
    const renewed = await unlessAborted(this.#credentials.refresh(credential), signal).catch(
      (error: unknown) => {
        answer.discard();
        throw error;
      },
    );
    if (!renewed || request.method !== 'GET') return answer;
    answer.discard();
    return this.#sendWith(await unlessAborted(this.#credentials.current(), signal), request);
  }

  close(): void {
    for (const pool of this.#pools) pool.close();
  }

  async #sendWith(credential: Credential, request: HttpRequest): Promise<HttpAnswer> {
    const { signal, streaming = false } = request;
    const giveBack = streaming ? () => undefined : await this.#slots.take(signal);
    const stop = new Stop(signal, this.#patienceFor(streaming), this.#peer);
    const done = (): void => {
      stop.release();
      // By then the connection is there for the next request.
      setImmediate(giveBack);
    };
    try {
      const pool = this.#poolFor(credential);
      const response = await this.#exchange(pool, credential, request, stop, request.method === 'GET');
      return await answerOf(response, streaming, stop, this.#peer, done);
    } catch (error) {
      done();
      throw stop.reason ?? transportError(error, this.#peer);
    }
  }

  #patienceFor(streaming: boolean): Patience {
    const totalMs = this.#connection.timeoutMs;
    const { silenceTimeoutMs = SILENCE_MS } = this.#options;
    return { totalMs, silenceMs: streaming || totalMs !== 0 ? 0 : silenceTimeoutMs };
  }

  #exchange(
    pool: ConnectionPool,
    credential: Credential,
    request: HttpRequest,
    stop: Stop,
    mayRepeat: boolean,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { request: start } = this.#connection.tls === null ? http : https;
      const sent = start(this.#requestOptions(pool, credential, request));
      sent.once('response', resolve);
      sent.on('error', (error) => {
        if (mayRepeat && stop.reason === null && metClosedConnection(sent, error)) {
          resolve(this.#exchange(pool, credential, request, stop, false));
        } else reject(error);
      });
      stop.whenEnded((reason) => {
        sent.destroy(reason);
        // Its own error comes only when it has a connection, and that may never come about.
        reject(reason);
      });
      sent.end(request.body);
    });
  }

  #requestOptions(pool: ConnectionPool, credential: Credential, request: HttpRequest): RequestOptions {
    const { server, proxy, tls } = this.#connection;
    const query = request.query === undefined || request.query.size === 0 ? '' : `?${request.query}`;
    const path = `${server.pathname.replace(/\/$/, '')}${request.path}${query}`;
    // Without TLS an HTTP proxy does not tunnel but forwards, so it has to be told where to.
    const forwards = proxy !== null && proxy.scheme !== 'socks5' && tls === null;
    return {
      agent: pool.agent,
      hostname: bare(server.hostname),
      port: server.port,
      method: request.method,
      path: forwards ? `${server.origin}${path}` : path,
      headers: this.#headers(credential, request, forwards),
    };
  }

  #headers(credential: Credential, request: HttpRequest, forwards: boolean): OutgoingHttpHeaders {
    const { headers, compression, proxy } = this.#connection;
    const proxyLogin = forwards && proxy !== null ? proxyAuthorization(proxy) : null;
    return {
      'User-Agent': this.#options.userAgent,
      // Events of a watch must not wait in a compressor.
      ...(compression && !request.streaming ? { 'Accept-Encoding': 'gzip' } : {}),
      ...request.headers,
      ...headers,
      ...(credential.authorization === null ? {} : { Authorization: credential.authorization }),
      ...(proxyLogin === null ? {} : { 'Proxy-Authorization': proxyLogin }),
      ...(request.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(request.body) }),
    };
  }

  /** A connection keeps the client certificate it was opened with: another certificate needs other connections. */
  #poolFor({ certificate }: Credential): ConnectionPool {
    const known = this.#certificate;
    if (certificate?.cert === known?.cert && certificate?.key === known?.key) return this.#pool;
    this.#certificate = certificate;
    this.#pool.retire();
    this.#pool = this.#newPool();
    return this.#pool;
  }

  #newPool(): ConnectionPool {
    const { server, tls, proxy } = this.#connection;
    const hostname = bare(server.hostname);
    const port = Number(server.port) || (tls === null ? 80 : 443);
    const pool = new ConnectionPool({
      server: { hostname, port, peer: this.#peer },
      tls: tls === null ? null : apiServerTls(tls, hostname, this.#certificate),
      proxy,
      connectTimeoutMs: this.#options.connectTimeoutMs,
    });
    this.#pools.add(pool);
    return pool;
  }
}
