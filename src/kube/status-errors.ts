import { type ErrorCode, LeaderError } from '../core/errors.ts';
import { resourceName } from '../core/resources.ts';
import { printable } from '../core/text.ts';
import { type Asked, inWords, placeOf } from './asked.ts';
import { isJsonObject, type JsonObject, textOf } from './wire-objects.ts';
import { writeRefusal } from './write-refusals.ts';

/** An answer that is no success, or no JSON: what came instead. */
export interface Refusal {
  /** HTTP status. */
  status: number;
  /** The `Content-Type` header, '' when there was none. */
  contentType: string;
  /** The body, or its beginning. */
  text: string;
  /** Milliseconds, from `Retry-After`. */
  retryAfterMs: number | null;
}

const MESSAGE_LIMIT = 600;
const SNIPPET_LIMIT = 120;

/** Text of a server, printable and of sensible length. */
function excerpt(text: string, limit: number): string {
  // Cut before it is spelled out, so that a body of many megabytes costs nothing; whole characters only.
  const chars = [...text.slice(0, 2 * limit).trim()];
  return printable(chars.slice(0, limit).join('')) + (chars.length > limit ? '…' : '');
}

function parseStatus(text: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) && parsed['kind'] === 'Status' ? parsed : null;
  } catch {
    return null;
  }
}

function whatCame(refusal: Refusal): string {
  const body = excerpt(refusal.text, SNIPPET_LIMIT);
  const type = excerpt(refusal.contentType, SNIPPET_LIMIT) || 'no content type';
  return `HTTP ${refusal.status} (${type})${body === '' ? ', empty' : `: ${body}`}`;
}

function wrongServer({ server }: Asked): string {
  return `Check that ${server} is a Kubernetes API server, with no login page or proxy answering for it.`;
}

/** A success that cannot be read: cut short, an HTML page of a proxy, another kind of object. */
export function badAnswer(asked: Asked, why: string, refusal: Omit<Refusal, 'retryAfterMs'>): LeaderError {
  const came = whatCame({ ...refusal, retryAfterMs: null });
  return new LeaderError('bad-answer', `cannot ${inWords(asked)}: ${why}: ${asked.server} sent ${came}`, {
    hint: wrongServer(asked),
  });
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  406: 'not-served',
  409: 'conflict',
  410: 'gone',
  422: 'invalid',
  429: 'throttled',
};

/**
 * Only a Status that names what is missing says that an object does not exist. The API server's other 404s mean that
 * it does not know the resource, and a 404 of anything else says nothing about the cluster at all.
 */
function codeOfNotFound(status: JsonObject | null, refusal: Refusal): ErrorCode {
  if (status === null) return /^404 page not found\s*$/.test(refusal.text) ? 'not-served' : 'bad-answer';
  const details = status['details'];
  return isJsonObject(details) && textOf(details['name']) !== '' ? 'not-found' : 'not-served';
}

function codeOf(status: JsonObject | null, refusal: Refusal): ErrorCode {
  if (refusal.status === 404) return codeOfNotFound(status, refusal);
  return CODES[refusal.status] ?? (refusal.status >= 500 ? 'server' : 'bad-answer');
}

/** How the API server calls whoever sent no credentials, or some that none of its authenticators knows. */
const ANONYMOUS = 'User "system:anonymous"';

const CREDENTIALS_IGNORED =
  'The API server saw no credentials that it knows: log in, or check the user of this context.';

/** What Go's TLS server answers in plain text. */
const WANTS_TLS = /^Client sent an HTTP request to an HTTPS server/;

/**
 * The right that is missing. The server's own words count: with --as it may be the right to impersonate. A 403 that
 * is not in the API server's form comes from something in between, and has nothing to do with RBAC.
 */
function hintOfForbidden(asked: Asked, status: JsonObject | null): string {
  if (status === null) return wrongServer(asked);
  const said = excerpt(textOf(status['message']), MESSAGE_LIMIT);
  if (said.includes(ANONYMOUS)) return asked.withoutCredentials ?? CREDENTIALS_IGNORED;
  const [, verb = asked.verb, what = ''] = /cannot (\w+) resource "([^"]+)"/.exec(said) ?? [];
  return verb === asked.verb
    ? `Missing right: verb "${verb}" on resource "${resourceName(asked.resource)}"${placeOf(asked)} (RBAC).`
    : `Missing right: verb "${verb}" on resource "${what}" (RBAC).`;
}

function hintOf(code: ErrorCode, asked: Asked, status: JsonObject | null): string | null {
  switch (code) {
    case 'unauthorized':
      return (
        asked.withoutCredentials ??
        'Renew the credentials of this context (log in again), then try once more.'
      );
    case 'forbidden':
      return hintOfForbidden(asked, status);
    case 'throttled':
      return 'The API server is busy: try again in a moment.';
    case 'server':
      return 'Try again; if it stays, look at the health of the API server and etcd.';
    case 'bad-answer':
      return wrongServer(asked);
    default:
      return null;
  }
}

function retryAfterIn(status: JsonObject | null): number | null {
  const details = status?.['details'];
  const seconds = isJsonObject(details) ? details['retryAfterSeconds'] : null;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null;
}

/** A patch that cannot be decoded is quoted with the whole object that it would have made; what is wrong follows. */
function withoutObject(message: string): string {
  const [, why] = /^\s*"" is invalid: patch: Invalid value: ".*": (.*)$/s.exec(message) ?? [];
  return why ?? message;
}

function messageOf(code: ErrorCode, asked: Asked, status: JsonObject | null, refusal: Refusal): string {
  const said = excerpt(withoutObject(textOf(status?.['message'])), MESSAGE_LIMIT);
  if (code === 'not-served') {
    const form = refusal.status === 406 ? ' in the form asked for' : '';
    return `cannot ${inWords(asked)}: ${asked.server} does not serve it${form} (API version ${asked.resource.version})`;
  }
  if (code === 'unauthorized') {
    return `cannot ${inWords(asked)}: ${asked.server} does not accept the credentials (Unauthorized)`;
  }
  // The API server's own sentence names user, verb, resource and namespace.
  if (code === 'forbidden' && said.includes(' is forbidden: ')) return said;
  if (said !== '') return `cannot ${inWords(asked)}: ${said}`;
  return `cannot ${inWords(asked)}: ${asked.server} answered ${whatCame(refusal)}`;
}

function refused(asked: Asked, status: JsonObject | null, refusal: Refusal): LeaderError {
  if (status === null && WANTS_TLS.test(refusal.text)) {
    return new LeaderError('tls', `cannot ${inWords(asked)}: ${asked.server} was asked over plain http`, {
      hint: 'The server speaks https: give its address with https:// (--server, or the cluster of the kubeconfig).',
    });
  }
  const ofWrite = writeRefusal(asked, status, refusal.status);
  const code = ofWrite?.code ?? codeOf(status, refusal);
  return new LeaderError(code, messageOf(code, asked, status, refusal), {
    hint: ofWrite?.hint ?? hintOf(code, asked, status),
    retryAfterMs: refusal.retryAfterMs ?? retryAfterIn(status),
  });
}

/** The error of an answer whose HTTP status is no success. */
export function refusalError(asked: Asked, refusal: Refusal): LeaderError {
  return refused(asked, parseStatus(refusal.text), refusal);
}

/** The error of a Status that came inside a watch; HTTP 500 when it carries no code. */
export function statusError(asked: Asked, status: JsonObject): LeaderError {
  const code = status['code'];
  return refused(asked, status, {
    status: typeof code === 'number' ? code : 500,
    contentType: 'application/json',
    text: textOf(status['message']),
    retryAfterMs: null,
  });
}
