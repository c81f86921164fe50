import { LeaderError } from '../../src/core/errors.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../src/kube/transport.ts';

/** A transport whose connections can be broken and mended, and whose answers can be waited on. */
export class CuttableTransport implements Transport {
  /** Runs after each answer that succeeded, before it is passed on. */
  afterAnswer: (request: HttpRequest) => Promise<void> = async () => {};
  readonly #inner: Transport;
  #cable = new AbortController();

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** Breaks what is open, and everything asked from now on. */
  cut(): void {
    this.#cable.abort();
  }

  mend(): void {
    this.#cable = new AbortController();
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const cable = this.#cable.signal;
    if (cable.aborted) throw broken();
    const signal = AbortSignal.any(request.signal ? [cable, request.signal] : [cable]);
    const answer = await unlessCut(cable, () => this.#inner.send({ ...request, signal }));
    await this.afterAnswer(request);
    return { ...answer, body: bodyUnlessCut(cable, answer), discard: () => answer.discard() };
  }

  close(): void {
    this.#inner.close();
  }
}

function broken(): LeaderError {
  return new LeaderError('unreachable', 'the cable was cut');
}

async function unlessCut<T>(cable: AbortSignal, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw cable.aborted ? broken() : error;
  }
}

async function* bodyUnlessCut(cable: AbortSignal, answer: HttpAnswer): AsyncGenerator<Uint8Array> {
  try {
    yield* answer.body;
  } catch (error) {
    throw cable.aborted ? broken() : error;
  }
  if (cable.aborted) throw broken();
}
