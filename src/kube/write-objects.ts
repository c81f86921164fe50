import type { Preconditions, WriteOptions } from '../app/ports.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import { type Asked, inWords } from './asked.ts';
import { interruptedError } from './http-transport-errors.ts';
import { exchangeJson, type JsonAnswer } from './json-exchange.ts';
import { failureOf, type Link } from './link.ts';
import { groupVersion, resourcePath } from './resource-path.ts';
import type { HttpRequest } from './transport.ts';
import { isJsonObject } from './wire-objects.ts';
import { MAYBE_WRITTEN } from './write-refusals.ts';

const FIELD_MANAGER = 'kubectl-leader';

const JSON_TYPE = 'application/json';
const MERGE_PATCH_TYPE = 'application/merge-patch+json';

interface Write {
  method: HttpRequest['method'];
  query: Readonly<Record<string, string>>;
  contentType: string;
  body: object;
}

const NEVER_CONNECTED: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/** Says so where the request may have arrived although no answer came. */
function lostAnswer(error: LeaderError): LeaderError {
  if (!isLeaderError(error, 'unreachable', 'timeout')) return error;
  const { code, message, cause } = error;
  if (cause instanceof Error && 'code' in cause && NEVER_CONNECTED.includes(cause.code)) return error;
  return new LeaderError(code, message, { hint: MAYBE_WRITTEN, cause });
}

/** Sent once, whatever becomes of it: a write whose answer was lost may have happened. */
async function write(
  link: Link,
  asked: Asked,
  { method, query, contentType, body }: Write,
  signal: AbortSignal | undefined,
): Promise<JsonAnswer> {
  if (signal?.aborted) throw interruptedError();
  try {
    return await exchangeJson(link, asked, {
      method,
      path: resourcePath(asked.resource, asked.namespace, asked.name),
      query: new URLSearchParams(query),
      headers: { Accept: JSON_TYPE, 'Content-Type': contentType },
      body: JSON.stringify(body),
      signal,
    });
  } catch (thrown) {
    throw lostAnswer(failureOf(thrown, asked, signal));
  }
}

function dryRunQuery({ dryRun }: WriteOptions): Record<string, string> {
  return dryRun ? { dryRun: 'All' } : {};
}

/** An API server takes an empty precondition, and version 0, for no precondition at all. */
function checked({ uid, resourceVersion }: Preconditions, asked: Asked): Preconditions {
  if (uid !== '' && resourceVersion !== '' && resourceVersion !== '0') return { uid, resourceVersion };
  throw new LeaderError('invalid', `cannot ${inWords(asked)}: its uid or resourceVersion is not known`, {
    hint: 'Nothing was written: read the object again.',
  });
}

/** A JSON merge patch that only fits the object of these preconditions. */
export function patchObject(
  link: Link,
  asked: Asked,
  patch: object,
  preconditions: Preconditions,
  options: WriteOptions,
  signal: AbortSignal | undefined,
): Promise<JsonAnswer> {
  const { metadata, ...rest }: { metadata?: unknown } = patch;
  const wanted = checked(preconditions, asked);
  return write(
    link,
    asked,
    {
      method: 'PATCH',
      query: { ...dryRunQuery(options), fieldManager: FIELD_MANAGER },
      contentType: MERGE_PATCH_TYPE,
      body: { ...rest, metadata: { ...(isJsonObject(metadata) ? metadata : {}), ...wanted } },
    },
    signal,
  );
}

/** Deletes the object of these preconditions, and leaves what it owns to the garbage collector. */
export function deleteObject(
  link: Link,
  asked: Asked,
  preconditions: Preconditions,
  options: WriteOptions,
  signal: AbortSignal | undefined,
): Promise<JsonAnswer> {
  const wanted = checked(preconditions, asked);
  return write(
    link,
    asked,
    {
      method: 'DELETE',
      // Read by the API server only when there is no body: proxies exist that drop the body of a DELETE.
      query: { ...dryRunQuery(options), uid: wanted.uid },
      contentType: JSON_TYPE,
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: wanted,
        propagationPolicy: 'Background',
        ...(options.dryRun && { dryRun: ['All'] }),
      },
    },
    signal,
  );
}

/** Posts an object to its collection; it need not say its type. */
export function postObject(
  link: Link,
  asked: Asked,
  object: object,
  options: WriteOptions,
  signal: AbortSignal | undefined,
): Promise<JsonAnswer> {
  const { resource } = asked;
  return write(
    link,
    asked,
    {
      method: 'POST',
      query: { ...dryRunQuery(options), fieldManager: FIELD_MANAGER },
      contentType: JSON_TYPE,
      body: { ...object, apiVersion: groupVersion(resource), kind: resource.kind },
    },
    signal,
  );
}
