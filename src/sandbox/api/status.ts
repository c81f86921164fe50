import type { ErrorCode, LeaderError } from '../../core/errors.ts';
import type { Call } from './call.ts';

/** An answer that is no success: the HTTP status and the body that goes with it. */
export interface StatusAnswer {
  code: number;
  body: object;
  /** For the `Retry-After` header, seconds; null for none. */
  retryAfterSeconds: number | null;
}

const HTTP: Partial<Record<ErrorCode, readonly [code: number, reason: string]>> = {
  unauthorized: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  'not-found': [404, 'NotFound'],
  'not-served': [406, 'NotAcceptable'],
  conflict: [409, 'Conflict'],
  gone: [410, 'Expired'],
  invalid: [422, 'Invalid'],
  usage: [400, 'BadRequest'],
  refused: [415, 'UnsupportedMediaType'],
  throttled: [429, 'TooManyRequests'],
  timeout: [504, 'Timeout'],
};

/** What is wrong where, out of `Kind "name" is invalid: field: why`: kubectl shows these, and not the message. */
function causesOf({ code, message }: LeaderError): { causes?: object[] } {
  const [, field, why] = (code === 'invalid' && / is invalid: ([\w.]+): (.*)$/s.exec(message)) || [];
  return field === undefined ? {} : { causes: [{ reason: 'FieldValueInvalid', message: why, field }] };
}

/** What the answer is about: the object that was named, or the one that was sent. */
function aboutOf({ served: { resource }, name, namespace, verb, body }: Call, error: LeaderError): object {
  if (verb === 'create' && error.code === 'not-found') return { name: namespace, kind: 'namespaces' };
  const sent = (body as { metadata?: { name?: string } } | null)?.metadata?.name;
  const { group, plural } = resource;
  const kind = error.code === 'invalid' ? resource.kind : plural;
  const known = name ?? (verb === 'create' ? sent : null);
  return { ...(known && { name: known }), ...(group !== '' && { group }), kind };
}

/** What cannot be understood is a bad request, unless it came as a patch; what is wrong about the object is told so. */
function isBadRequest({ code, message }: LeaderError, about: Call | null): boolean {
  return code === 'invalid' && about?.verb !== 'patch' && !message.includes(' is invalid: ');
}

/** The error as the API server tells it; `about` is null where no resource was reached. */
export function statusAnswer(error: LeaderError, about: Call | null): StatusAnswer {
  const [code, usual] = HTTP[isBadRequest(error, about) ? 'usage' : error.code] ?? [500, 'InternalError'];
  const reason = error.code === 'conflict' && about?.verb === 'create' ? 'AlreadyExists' : usual;
  const retryAfterSeconds = error.retryAfterMs === null ? null : Math.ceil(error.retryAfterMs / 1_000);
  const details = {
    ...(about !== null && aboutOf(about, error)),
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
    ...causesOf(error),
  };
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' };
  return { code, body: { ...status, message: error.message, reason, details, code }, retryAfterSeconds };
}
