import type { Clock } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { type Asked, inWords } from './asked.ts';
import { retryAfterOf } from './http-dates.ts';
import { interruptedError } from './http-transport-errors.ts';
import { refusalError } from './status-errors.ts';
import type { HttpAnswer, Transport } from './transport.ts';

/** What every request needs: the way to the server, and time. */
export interface Link {
  transport: Transport;
  clock: Clock;
}

/** Whatever went wrong on the way, as a LeaderError: an abort is `interrupted`, a connection that broke `unreachable`. */
export function failureOf(error: unknown, asked: Asked, signal: AbortSignal | undefined): LeaderError {
  if (signal?.aborted) return interruptedError();
  if (error instanceof LeaderError) return error;
  const why = printable(error instanceof Error ? error.message : String(error));
  return new LeaderError(
    'unreachable',
    `cannot ${inWords(asked)}: the connection to ${asked.server} broke off: ${why}`,
    { hint: 'Try again; if it stays, check the network and the API server.', cause: error },
  );
}

/** The whole body, or its first `limit` bytes and what came with them. */
export async function readBytes(
  answer: HttpAnswer,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks);
}

/** The same as text. UTF-8; bytes that are none become U+FFFD. */
export async function readText(answer: HttpAnswer, limit?: number): Promise<string> {
  return (await readBytes(answer, limit)).toString('utf8');
}

const ERROR_BODY_LIMIT = 64 * 1024;

/** The error that an answer without success stands for. Reads the body. */
export async function errorOf(answer: HttpAnswer, asked: Asked, link: Link): Promise<LeaderError> {
  const text = await readText(answer, ERROR_BODY_LIMIT);
  answer.discard();
  return refusalError(asked, {
    status: answer.status,
    contentType: answer.headers['content-type'] ?? '',
    text,
    retryAfterMs: retryAfterOf(answer.headers, link.clock.now()),
  });
}
