import { LeaderError } from '../../src/core/errors.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../src/kube/transport.ts';

/** A body that a test writes while it is being read. */
export class ScriptedStream {
  #chunks: Uint8Array[] = [];
  #over: { error: unknown } | null = null;
  #wake = (): void => {};

  push(text: string | Uint8Array): this {
    this.#chunks.push(typeof text === 'string' ? Buffer.from(text) : text);
    this.#wake();
    return this;
  }

  /** One event of a watch. */
  event(type: string, object: unknown): this {
    return this.push(`${JSON.stringify({ type, object })}\n`);
  }

  end(error: unknown = null): this {
    this.#over ??= { error };
    this.#wake();
    return this;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (this.#over !== null) {
        if (this.#over.error !== null) throw this.#over.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  stream: ScriptedStream;
}

export function reply(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  const stream = new ScriptedStream().push(text).end();
  return { status, headers: { 'content-type': type, ...headers }, stream };
}

export function status(code: number, message: string, more: Record<string, unknown> = {}): unknown {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code, ...more };
}

/** A watch that was accepted. */
export function open(stream: ScriptedStream): Reply {
  return { status: 200, headers: { 'content-type': 'application/json' }, stream };
}

type Next = Reply | LeaderError | 'hang' | ((request: HttpRequest) => Reply | LeaderError);

/** Answers requests in the order of its script, and keeps what was asked. An unexpected request fails the test. */
export class ScriptedTransport implements Transport {
  readonly asked: HttpRequest[] = [];
  /** Requests whose answer has not come to its end. */
  inFlight = 0;
  readonly #script: Next[];

  constructor(...script: Next[]) {
    this.#script = script;
  }

  /** Adds to the script. */
  follow(...script: Next[]): void {
    this.#script.push(...script);
  }

  query(index: number): Record<string, string> {
    return Object.fromEntries(this.asked[index]?.query ?? []);
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    this.asked.push(request);
    if (request.signal?.aborted) throw new LeaderError('interrupted', 'interrupted');
    const next = this.#script.shift();
    if (next === undefined) throw new Error(`unexpected request ${request.path}?${request.query}`);
    const made = typeof next === 'function' ? next(request) : next;
    if (made === 'hang') return hang(request.signal);
    if (made instanceof LeaderError) throw made;
    const { stream, headers } = made;
    this.inFlight += 1;
    const abort = (): unknown => stream.end(new Error('aborted'));
    request.signal?.addEventListener('abort', abort, { once: true });
    let settled = false;
    const settle = (): void => {
      if (!settled) this.inFlight -= 1;
      settled = true;
      request.signal?.removeEventListener('abort', abort);
    };
    const body = (async function* () {
      try {
        yield* stream.read();
      } finally {
        settle();
      }
    })();
    const discard = (): void => {
      stream.end();
      settle();
    };
    return { status: made.status, headers, body, discard };
  }

  close(): void {}
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new LeaderError('interrupted', 'interrupted')));
  });
}

/** The error that it rejects with. */
export async function failed(promise: Promise<unknown>): Promise<LeaderError> {
  const error: unknown = await promise.then(
    () => new Error('did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LeaderError)) throw error;
  return error;
}
