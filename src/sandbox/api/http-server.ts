import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { asLeaderError, isLeaderError, LeaderError } from '../../core/errors.ts';
import type { Api } from './api.ts';
import { type Call, placeAt, verbOf } from './call.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { aboutItself } from './discovery.ts';
import { isProtobuf, protobufBody } from './protobuf-body.ts';
import { statusAnswer } from './status.ts';

/** Longer bodies than this nobody sends, bytes. */
const LONGEST_BODY = 3 << 20;

export interface RunningServer {
  /** `https://127.0.0.1:port` */
  url: string;
  /** What its certificate is checked against, PEM. */
  authority: string;
  /** The certificate's key, PEM. */
  key: string;
  /** Ends every connection, and with them every watch. */
  stop(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LONGEST_BODY) throw new LeaderError('usage', 'the body of the request is too large');
    chunks.push(chunk as Buffer);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length === 0) return null;
  const type = request.headers['content-type'] ?? 'application/json';
  if (isProtobuf(type)) return protobufBody(bytes);
  if (!type.includes('json')) throw new LeaderError('refused', `the body is ${type}, only JSON is accepted`);
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    throw new LeaderError('usage', 'the body of the request is no JSON');
  }
}

/** One request and its answer. */
class Exchange {
  readonly #api: Api;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #call: Call | null = null;

  constructor(api: Api, request: IncomingMessage, response: ServerResponse) {
    this.#api = api;
    this.#request = request;
    this.#response = response;
    response.sendDate = false;
  }

  async run(): Promise<void> {
    try {
      await this.#answer();
    } catch (thrown) {
      const error = asLeaderError(thrown);
      if (this.#response.headersSent || isLeaderError(error, 'unreachable', 'interrupted')) {
        this.#response.destroy();
        return;
      }
      const { code, body, retryAfterSeconds } = statusAnswer(error, this.#call);
      const headers = retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) };
      this.#send(code, body, headers);
    }
  }

  async #answer(): Promise<void> {
    const { url = '/', method = '', headers } = this.#request;
    const { pathname, searchParams: query } = new URL(url, 'https://localhost');
    const user = this.#userOf();
    const about = method === 'GET' ? aboutItself(pathname) : null;
    if (about !== null) {
      this.#send(200, about);
      return;
    }
    const place = placeAt(pathname);
    if (place === null) {
      this.#send(404, '404 page not found\n');
      return;
    }
    const verb = verbOf(method, place, query);
    if (verb === null) {
      const why = new LeaderError('usage', 'the server does not allow this method on the requested resource');
      this.#send(405, { ...statusAnswer(why, null).body, reason: 'MethodNotAllowed', code: 405 });
      return;
    }
    const gone = new AbortController();
    this.#response.on('close', () => gone.abort());
    const { accept = '', 'content-type': contentType = '', 'user-agent': agent = '' } = headers;
    this.#call = { ...place, user, agent, verb, query, accept, contentType, body: null, signal: gone.signal };
    this.#call.body = await bodyOf(this.#request);
    if (verb === 'watch') {
      await this.#api.watch(this.#call, () => this.#beginStream());
      this.#response.end();
      return;
    }
    const { code, body } = await this.#api.answer(this.#call);
    this.#send(code, body);
  }

  /** Who asks, or whom it acts as. */
  #userOf(): string {
    const { access } = this.#api;
    const { authorization, 'impersonate-user': other } = this.#request.headers;
    const user = access.userOf(authorization);
    if (typeof other !== 'string') return user;
    const wish = { verb: 'impersonate', group: '', resource: 'users', namespace: '' };
    if (access.allows(user, wish)) return other;
    const who = `users "${other}" is forbidden: User "${user}" cannot impersonate resource "users"`;
    throw new LeaderError('forbidden', `${who} in API group "" at the cluster scope`);
  }

  #headers(): Record<string, string> {
    return { date: new Date(this.#api.store.serverNow()).toUTCString() };
  }

  #beginStream(): (line: string) => void {
    this.#response.writeHead(200, { ...this.#headers(), 'content-type': 'application/json' });
    this.#response.flushHeaders();
    return (line) => void this.#response.write(line);
  }

  #send(code: number, body: object | string, more: Record<string, string> = {}): void {
    const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
    const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
    this.#response.writeHead(code, { ...this.#headers(), ...more, 'content-type': type });
    this.#response.end(text);
  }
}

/** Serves the API on a free port of 127.0.0.1, over TLS, to whoever has a token. */
export async function serve(
  api: Api,
  { certificate, key }: Certificate = makeCertificate(api.clock.now()),
): Promise<RunningServer> {
  const server = createServer({ cert: certificate, key }, (request, response) => {
    void new Exchange(api, request, response).run();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}`,
    authority: certificate,
    key,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
