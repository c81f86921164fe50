import type { Verb } from '../faults.ts';
import { type Served, servedAt } from './catalog.ts';

/** One request for resources, as everything behind the wire sees it. */
export interface Call {
  /** The user who asks, and the program. */
  user: string;
  agent: string;
  verb: Verb;
  served: Served;
  /** Null for all namespaces and for cluster-scoped resources. */
  namespace: string | null;
  /** Null for a collection. */
  name: string | null;
  subresource: string | null;
  query: URLSearchParams;
  /** The `Accept` header. */
  accept: string;
  contentType: string;
  body: unknown;
  /** Aborts when nobody waits for the answer any more. */
  signal: AbortSignal;
}

export type Place = Pick<Call, 'served' | 'namespace' | 'name' | 'subresource'>;

/** The resource that a path is about; null for one that is not served. Segments are unescaped. */
export function placeAt(path: string): Place | null {
  const segments = path
    .split('/')
    .slice(1)
    .map((segment) => decodeURIComponent(segment));
  const [group, version, ...rest] =
    segments[0] === 'api' ? ['', ...segments.slice(1)] : segments[0] === 'apis' ? segments.slice(1) : [];
  if (group === undefined || version === undefined) return null;
  const isInside = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status';
  const namespace = isInside ? (rest[1] ?? '') : null;
  const [plural = '', name = null, subresource = null, ...more] = isInside ? rest.slice(2) : rest;
  const served = servedAt(group, version, plural);
  if (served === null || more.length > 0 || name === '') return null;
  if (isInside !== served.resource.namespaced && (isInside || name !== null)) return null;
  const known =
    (subresource === 'status' && served.hasStatus) || (subresource === 'scale' && served.hasScale);
  return subresource !== null && !known ? null : { served, namespace, name, subresource };
}

/** What a request asks for, in RBAC's words; null for a method that is not offered there. */
export function verbOf(method: string, { name, served }: Place, query: URLSearchParams): Verb | null {
  const isWatch = ['1', 'true'].includes(query.get('watch') ?? '');
  const verbs: Readonly<Record<string, Verb>> =
    name === null
      ? { GET: isWatch ? 'watch' : 'list', POST: 'create' }
      : { GET: isWatch ? 'watch' : 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
  const verb = verbs[method] ?? null;
  return verb !== null && served.verbs.includes(verb) ? verb : null;
}
