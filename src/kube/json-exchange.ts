import type { ServerTime } from '../app/ports.ts';
import type { Asked } from './asked.ts';
import { serverTimeOf } from './http-dates.ts';
import { errorOf, type Link, readText } from './link.ts';
import { PROTOBUF } from './protobuf-metadata.ts';
import { badAnswer } from './status-errors.ts';
import type { HttpAnswer, HttpRequest } from './transport.ts';
import { isJsonObject, type JsonObject } from './wire-objects.ts';

export interface JsonAnswer {
  body: JsonObject;
  serverTime: ServerTime | null;
  /** The error to throw when the body turns out to be something else than was asked for. */
  unfit(why: string): Error;
}

/**
 * Makes of an answer in protobuf what it would be in JSON. Rejects with a RangeError for bytes that are no such answer, and
 * with what the body rejects with.
 */
export type FromProtobuf = (answer: HttpAnswer) => Promise<JsonObject>;

/**
 * One request, one answer that is a JSON object, or can be made one. Rejects with a LeaderError for every answer without success and for
 * bodies that are no object, and with whatever the transport reports when the answer breaks off.
 */
export async function exchangeJson(
  link: Link,
  asked: Asked,
  request: HttpRequest,
  fromProtobuf?: FromProtobuf,
): Promise<JsonAnswer> {
  const askedAt = link.clock.mono();
  const answer = await link.transport.send(request);
  const serverTime = serverTimeOf(answer.headers, askedAt, link.clock.mono());
  if (answer.status < 200 || answer.status > 299) throw await errorOf(answer, asked, link);
  const { status } = answer;
  const contentType = answer.headers['content-type'] ?? '';
  const isProtobuf = fromProtobuf !== undefined && contentType.startsWith(PROTOBUF);
  const text = isProtobuf ? '' : await readText(answer);
  const unfit = (why: string) => badAnswer(asked, why, { status, contentType, text });
  let body: unknown;
  try {
    body = isProtobuf ? await fromProtobuf(answer) : JSON.parse(text);
  } catch (error) {
    if (!isProtobuf) throw unfit(`the answer of ${text.length} characters is not complete JSON`);
    if (error instanceof RangeError) throw unfit('the answer in protobuf is no list');
    throw error;
  }
  if (!isJsonObject(body)) throw unfit('the answer is no API object');
  return { body, serverTime, unfit };
}
