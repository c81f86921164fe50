import { subscribe } from 'node:diagnostics_channel';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { isLeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { Mono } from '../core/time.ts';
import { serverText } from './config-server-url.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

/** Node.js tells here of every connection that this process opens. */
const CONNECTIONS = 'net.client.socket';

/** `4.2 kB`: thousands, as networks count. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1e3, 'kB'] : [bytes / 1e6, 'MB'];
  return `${value.toFixed(1)} ${unit}`;
}

interface Span {
  begun: Mono;
  ended: Mono;
}

/** How many of these at least came after another had ended: the longest row in which none overlaps the next. */
function inARow(spans: readonly Span[]): number {
  let count = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { begun, ended } of spans.toSorted((a, b) => a.ended - b.ended)) {
    if (begun < end) continue;
    count += 1;
    end = ended;
  }
  return count;
}

/**
 * What a process asked of API servers, for `-v=6`: a line a request when its answer is complete (a watch: when it is
 * opened, and when it ends), and figures of all of them. Methods, addresses, states, times and sizes; never a header or a body.
 */
export class RequestTrace {
  readonly #write: (line: string) => void;
  readonly #mono: () => Mono;
  readonly #sockets: Socket[] = [];
  readonly #spans: Span[] = [];
  #requests = 0;
  #watches = 0;
  #answerBytes = 0;

  /** `write` gets lines without their end; `mono` is a monotonic clock, milliseconds. */
  constructor(write: (line: string) => void, mono: () => Mono) {
    this.#write = write;
    this.#mono = mono;
    subscribe(CONNECTIONS, (message) => {
      this.#sockets.push((message as { socket: Socket }).socket);
    });
  }

  /** The same transport, observed. `server` is where it goes, a URL. */
  over(transport: Transport, server: string): Transport {
    const root = serverText(new URL(server));
    return {
      send: (request) => this.#send(transport, root, request),
      close: () => transport.close(),
    };
  }

  /** One line about everything so far. `elapsedMs`: since the process began; `peakBytes`: the most memory it had. */
  figures({ elapsedMs, peakBytes }: { elapsedMs: number; peakBytes: number }): string {
    const received = this.#sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
    const watches = this.#watches === 0 ? '' : ` (${this.#watches} watches)`;
    return [
      `${this.#requests} requests${watches}`,
      `${inARow(this.#spans)} of them one after another`,
      `${this.#sockets.length} connections`,
      `${sizeText(received)} received`,
      `${sizeText(this.#answerBytes)} of answers`,
      `${Math.round(elapsedMs)} ms`,
      `${Math.round(peakBytes / 2 ** 20)} MiB at most`,
    ].join(', ');
  }

  async #send(transport: Transport, root: string, request: HttpRequest): Promise<HttpAnswer> {
    const { method, path, query, streaming = false } = request;
    const asked = printable(`${method} ${root}${path}${query?.size ? `?${query}` : ''}`);
    const begun = this.#mono();
    const took = (): string => `${Math.round(this.#mono() - begun)} ms`;
    const done = (): void => {
      // A watch goes on beside everything else: nothing waits for its end.
      if (!streaming) this.#spans.push({ begun, ended: this.#mono() });
    };
    this.#requests += 1;
    if (streaming) this.#watches += 1;
    const answer = await transport.send(request).catch((error: unknown) => {
      done();
      const why = isLeaderError(error) ? error.code : 'unexpected error';
      this.#write(`${asked} failed in ${took()}: ${why}`);
      throw error;
    });
    const state = `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trimEnd();
    if (streaming) this.#write(`${asked} ${state} in ${took()}`);
    let size = 0;
    let open = true;
    const end = (how: string): void => {
      if (!open) return;
      open = false;
      done();
      this.#write(`${asked} ${streaming ? 'ended after' : `${state} in`} ${took()}, ${sizeText(size)}${how}`);
    };
    const hear = (bytes: number): void => {
      size += bytes;
      this.#answerBytes += bytes;
    };
    return {
      status: answer.status,
      headers: answer.headers,
      body: observed(answer.body, hear, end),
      discard: () => {
        end(', not read to its end');
        answer.discard();
      },
    };
  }
}

async function* observed(
  body: AsyncIterable<Uint8Array>,
  hear: (bytes: number) => void,
  end: (how: string) => void,
): AsyncGenerator<Uint8Array> {
  let how = ', not read to its end';
  try {
    for await (const chunk of body) {
      hear(chunk.byteLength);
      yield chunk;
    }
    how = '';
  } catch (error) {
    how = isLeaderError(error, 'interrupted') ? ', left' : ', broken off';
    throw error;
  } finally {
    end(how);
  }
}
