import type { ClusterObject } from '../../core/cluster-object.ts';
import { LeaderError } from '../../core/errors.ts';
import { SECRETS } from '../../core/resources.ts';
import { selects } from '../selectors.ts';
import type { Store } from '../store.ts';
import type { Call } from './call.ts';
import { formIn, list, shown, table } from './representation.ts';
import { scaleOf } from './scale.ts';
import type { WatchCache } from './watch-cache.ts';

/** Where a list that came in pages goes on. */
interface Continue {
  revision: number;
  /** How many objects were given already. */
  given: number;
}

/** What a request selects: in its namespace, by its selectors, and by name where it has one. */
export function selectionOf({ served, namespace, name, query }: Call): (object: ClusterObject) => boolean {
  const matches = selects(served.resource, {
    ...(namespace !== null && { namespace }),
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  });
  return (object) => (name === null || object.metadata.name === name) && matches(object);
}

/** A Secret's contents stay in the store, as for somebody who may read its metadata only. */
export function withoutSecrets(call: Call, object: ClusterObject): ClusterObject {
  const { data: _data, stringData: _text, ...rest } = object;
  return call.served.resource === SECRETS ? rest : object;
}

function continueIn(query: URLSearchParams): Continue | null {
  const token = query.get('continue');
  if (!token) return null;
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) as Continue;
  } catch {
    throw new LeaderError('usage', 'continue key is not valid');
  }
}

function revisionFor({ query }: Call, store: Store, cache: WatchCache, next: Continue | null): number {
  if (next !== null) {
    if (next.revision >= store.compactedRevision) return next.revision;
    throw new LeaderError(
      'gone',
      'The provided continue parameter is too old to display a consistent list result.',
    );
  }
  const asked = query.get('resourceVersion') ?? '';
  if (asked === '0') return cache.revision;
  if (Number(asked) > store.revision) {
    throw new LeaderError('timeout', `Too large resource version: ${asked}, current: ${store.revision}`);
  }
  if (query.get('resourceVersionMatch') !== 'Exact') return store.revision;
  if (Number(asked) < store.compactedRevision) {
    throw new LeaderError('gone', `The resourceVersion for the provided list is too old: ${asked}.`);
  }
  return Number(asked);
}

/** The answer to a list. */
export function listed(call: Call, store: Store, cache: WatchCache): object {
  const { served, query } = call;
  const form = formIn(call.accept);
  const next = continueIn(query);
  const revision = revisionFor(call, store, cache, next);
  const all = store.list(served.resource, revision).filter(selectionOf(call));
  // The watch cache gives everything at once.
  const asked = query.get('limit') ?? '0';
  if (!/^\d*$/.test(asked))
    throw new LeaderError('usage', `strconv.ParseInt: parsing "${asked}": invalid syntax`);
  const limit = query.get('resourceVersion') === '0' ? 0 : Number(asked);
  const given = next?.given ?? 0;
  const page = limit > 0 ? all.slice(given, given + limit) : all.slice(given);
  const left = all.length - given - page.length;
  const token = Buffer.from(JSON.stringify({ revision, given: given + page.length })).toString('base64url');
  const metadata = {
    resourceVersion: String(revision),
    ...(left > 0 && { continue: token, remainingItemCount: left }),
  };
  const { resource } = served;
  const objects = page.map((object) => withoutSecrets(call, object));
  if (form !== 'table') return list(resource, objects, form, metadata);
  const include = query.get('includeObject');
  return table(objects, { resource, now: store.serverNow(), include, metadata, headers: true });
}

/** An object in the form that was asked for. */
export function represented(call: Call, object: ClusterObject, store: Store): object {
  const form = formIn(call.accept);
  const { resource } = call.served;
  if (call.subresource === 'scale') return scaleOf(object);
  const open = withoutSecrets(call, object);
  if (form !== 'table') return shown(resource, open, form);
  const { resourceVersion } = object.metadata;
  const include = call.query.get('includeObject');
  const options = { resource, now: store.serverNow(), include, metadata: { resourceVersion }, headers: true };
  return table([open], options);
}

/** The answer to a get. */
export function read(call: Call, store: Store, cache: WatchCache): object {
  const revision = call.query.get('resourceVersion') === '0' ? cache.revision : store.revision;
  const { served, namespace, name } = call;
  return represented(call, store.read(served.resource, namespace, name ?? '', revision), store);
}
