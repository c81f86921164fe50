import { isLeaderError } from '../core/errors.ts';
import type { Asked } from './asked.ts';
import { interruptedError } from './http-transport-errors.ts';
import { exchangeJson, type FromProtobuf, type JsonAnswer } from './json-exchange.ts';
import { failureOf, type Link } from './link.ts';

/** One read: what is asked, and how it is sent. */
export interface Read {
  asked: Asked;
  path: string;
  query: URLSearchParams;
  accept: string;
  /** Where the header accepts protobuf. */
  fromProtobuf?: FromProtobuf;
}

const MAX_RETRIES = 4;
const MAX_WAIT_MS = 10_000;

/**
 * A GET whose answer is one JSON object. An overloaded server that says when to come back (429, 503 with
 * Retry-After) is asked again at most 4 times within about 10 s. Rejects with a LeaderError.
 */
export async function readJson(link: Link, read: Read, signal?: AbortSignal): Promise<JsonAnswer> {
  const { asked, path, query, accept, fromProtobuf } = read;
  let waited = 0;
  for (let retries = 0; ; retries++) {
    if (signal?.aborted) throw interruptedError();
    try {
      const headers = { Accept: accept };
      return await exchangeJson(link, asked, { method: 'GET', path, query, headers, signal }, fromProtobuf);
    } catch (thrown) {
      const error = failureOf(thrown, asked, signal);
      const wait = isLeaderError(error, 'throttled', 'server') ? error.retryAfterMs : null;
      if (wait === null || retries === MAX_RETRIES || waited + wait > MAX_WAIT_MS) throw error;
      waited += wait;
      await link.clock.sleep(wait, signal);
    }
  }
}
