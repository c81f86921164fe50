import type { ServerTime } from '../app/ports.ts';
import type { Asked } from './asked.ts';
import { serverTimeOf } from './http-dates.ts';
import { errorOf, type Link, readText } from './link.ts';
import { badAnswer } from './status-errors.ts';
import type { HttpRequest } from './transport.ts';
import { isJsonObject, type JsonObject } from './wire-objects.ts';

export interface JsonAnswer {
  body: JsonObject;
  serverTime: ServerTime | null;
  /** The error to throw when the body turns out to be something else than was asked for. */
  unfit(why: string): Error;
}

/**
 * One request, one answer that is a JSON object. Rejects with a LeaderError for every answer without success and for
 * bodies that are no object, and with whatever the transport reports when the answer breaks off.
 */
export async function exchangeJson(link: Link, asked: Asked, request: HttpRequest): Promise<JsonAnswer> {
  const askedAt = link.clock.mono();
  const answer = await link.transport.send(request);
  const serverTime = serverTimeOf(answer.headers, askedAt, link.clock.mono());
  if (answer.status < 200 || answer.status > 299) throw await errorOf(answer, asked, link);
  const text = await readText(answer);
  const unfit = (why: string) =>
    badAnswer(asked, why, {
      status: answer.status,
      contentType: answer.headers['content-type'] ?? '',
      text,
    });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw unfit(`the answer of ${text.length} characters is not complete JSON`);
  }
  if (!isJsonObject(body)) throw unfit('the answer is no API object');
  return { body, serverTime, unfit };
}
