import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { LeaderError } from '../core/errors.ts';
import { EventQueue } from './event-queue.ts';
import type { Peer } from './http-transport-errors.ts';
import { interruptedError, transportError } from './http-transport-errors.ts';
import type { HttpAnswer } from './transport.ts';

/** How long a request may take; 0 stands for no limit. Milliseconds. */
export interface Patience {
  /** For all of it: `--request-timeout`. */
  totalMs: number;
  /** Without a single byte of an answer. */
  silenceMs: number;
}

/** Ends a request before its time: when the caller's signal aborts, or its time is up. */
export class Stop {
  /** Why it was ended; null while it was not. */
  reason: LeaderError | null = null;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.#end(interruptedError());
  #heard = false;
  #onStop: (reason: LeaderError) => void = () => undefined;

  constructor(signal: AbortSignal | undefined, { totalMs, silenceMs }: Patience, { host, hint }: Peer) {
    this.#signal = signal;
    if (signal?.aborted) this.reason = interruptedError();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    const end = (message: string, hint: string): void =>
      this.#end(new LeaderError('timeout', message, { hint }));
    const onDeadline = (): void =>
      end(
        `${host} did not answer within ${totalMs / 1000} s (--request-timeout)`,
        'Allow more time with --request-timeout, or find out what keeps the API server busy.',
      );
    const onSilence = (): void =>
      end(
        this.#heard
          ? `the API server at ${host} fell silent for ${silenceMs / 1000} s in the middle of its answer`
          : `the API server at ${host} did not answer within ${silenceMs / 1000} s`,
        hint ??
          'Check the network and any load balancer on the way; --request-timeout sets how long an answer is waited for.',
      );
    if (totalMs !== 0) this.#deadline = setTimeout(onDeadline, totalMs);
    if (silenceMs !== 0) this.#silence = setTimeout(onSilence, silenceMs);
  }

  /** What to do when the time has come; done at once when it has come already. */
  whenEnded(onStop: (reason: LeaderError) => void): void {
    this.#onStop = onStop;
    if (this.reason !== null) onStop(this.reason);
  }

  /** Something of the answer arrived. */
  heard(): void {
    this.#heard = true;
    this.#silence?.refresh();
  }

  release(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#silence);
    // What was read ahead is still being handed out, and must not start it again.
    this.#silence = undefined;
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #end(reason: LeaderError): void {
    this.reason ??= reason;
    this.release();
    this.#onStop(this.reason);
  }
}

/**
 * What arrives of the body, in order. It is not read ahead of whoever reads this, who is done with a piece before the next
 * one arrives: a stream's own iterator, which could hold it back, takes Node.js some milliseconds to get ready.
 */
async function* chunks(body: Readable, stop: Stop, peer: Peer): AsyncGenerator<Uint8Array> {
  const arrived = new EventQueue<Uint8Array>();
  let over = false;
  const end = (error: unknown): void => {
    if (over) return;
    over = true;
    // What was stopped is thrown away, and may come to an end all the same.
    arrived.close(stop.reason ?? (error === null ? null : transportError(error, peer)));
  };
  body.on('data', (chunk: Uint8Array) => {
    stop.heard();
    arrived.put(chunk);
  });
  body.once('end', () => end(null));
  body.once('error', end);
  const closed = (): void => end(new Error('closed'));
  body.once('close', closed);
  // Nothing more is told of what broke off before anybody read it.
  if (body.destroyed) closed();
  try {
    yield* arrived.drain();
  } finally {
    if (!over) body.destroy();
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
  stop.heard();
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
