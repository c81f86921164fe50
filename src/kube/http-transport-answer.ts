import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { LeaderError } from '../core/errors.ts';
import type { Peer } from './http-transport-errors.ts';
import { interruptedError, transportError } from './http-transport-errors.ts';
import type { HttpAnswer } from './transport.ts';

/** Ends a request before its time: when the caller's signal aborts, or its time is up. */
export class Stop {
  /** Why it was ended; null while it was not. */
  reason: LeaderError | null = null;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.#end(interruptedError());
  #onStop: (reason: LeaderError) => void = () => undefined;

  /** `timeoutMs` 0: no limit. */
  constructor(signal: AbortSignal | undefined, timeoutMs: number, { host }: Peer) {
    this.#signal = signal;
    if (signal?.aborted) this.reason = interruptedError();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (timeoutMs === 0) return;
    const late = new LeaderError(
      'timeout',
      `${host} did not answer within ${timeoutMs / 1000} s (--request-timeout)`,
      {
        hint: 'Allow more time with --request-timeout, or find out what keeps the API server busy.',
      },
    );
    this.#timer = setTimeout(() => this.#end(late), timeoutMs);
  }

  /** What to do when the time has come; done at once when it has come already. */
  whenEnded(onStop: (reason: LeaderError) => void): void {
    this.#onStop = onStop;
    if (this.reason !== null) onStop(this.reason);
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #end(reason: LeaderError): void {
    this.reason ??= reason;
    this.release();
    this.#onStop(this.reason);
  }
}

async function* chunks(body: Readable, stop: Stop, peer: Peer): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    throw stop.reason ?? transportError(error, peer);
  }
}

async function decompressed(response: IncomingMessage): Promise<Readable> {
  if (response.headers['content-encoding'] !== 'gzip') return response;
  const [{ createGunzip }, { pipeline }] = await Promise.all([import('node:zlib'), import('node:stream')]);
  // Errors of either reach whoever reads the result.
  return pipeline(response, createGunzip(), () => undefined);
}

/** What the transport answers for a response whose head has arrived. `done` is called when the rest has, or never will. */
export async function answerOf(
  response: IncomingMessage,
  streaming: boolean,
  stop: Stop,
  peer: Peer,
  done: () => void,
): Promise<HttpAnswer> {
  // Whoever reads the body sees the error; nobody may be reading.
  response.on('error', () => undefined);
  response.once('close', done);
  const body = await decompressed(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: chunks(body, stop, peer),
    discard: () => {
      // Reading on keeps the connection for the next request; a watch would never end.
      if (streaming) response.destroy();
      else body.resume();
    },
  };
}
