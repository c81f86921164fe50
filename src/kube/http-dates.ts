import type { IncomingHttpHeaders } from 'node:http';
import type { ServerTime } from '../app/ports.ts';
import type { Instant, Mono } from '../core/time.ts';

/** An HTTP date in milliseconds since the epoch; null for anything else. */
function parseHttpDate(text: string | undefined): Instant | null {
  if (text === undefined || !/[A-Za-z]{3}/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** The server's clock from an answer that was asked for at `askedAt` and whose headers arrived at `receivedAt`. */
export function serverTimeOf(
  headers: IncomingHttpHeaders,
  askedAt: Mono,
  receivedAt: Mono,
): ServerTime | null {
  const at = parseHttpDate(headers.date);
  return at === null ? null : { at, receivedAt, roundTripMs: receivedAt - askedAt };
}

/**
 * How long the server asks to wait, milliseconds: `Retry-After` in seconds or as a date. A date is compared with the
 * answer's own `Date`, so that a wrong clock here does not matter; `now` stands in when there is none.
 */
export function retryAfterOf(headers: IncomingHttpHeaders, now: Instant): number | null {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const until = parseHttpDate(text);
  return until === null ? null : Math.max(0, until - (parseHttpDate(headers.date) ?? now));
}
