import type {
  Clock,
  Cluster,
  ClusterContext,
  Consistency,
  ListAnswer,
  ListRequest,
  ListScope,
  ObjectAnswer,
  Preconditions,
  RowsAnswer,
  WatchEvent,
  WatchRequest,
  WriteOptions,
} from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { LEASES, type Resource } from '../core/resources.ts';
import { type Asked, inWords } from './asked.ts';
import type { FromProtobuf, JsonAnswer } from './json-exchange.ts';
import { type Link, readBytes } from './link.ts';
import { joinPages } from './list-objects.ts';
import { PAGE_OF_OBJECTS, PAGE_OF_SMALL_OBJECTS, readPages } from './list-pages.ts';
import { ACCEPT_METADATA_LIST, metadataListOf } from './protobuf-metadata.ts';
import { namesListIn } from './protobuf-names.ts';
import { readJson } from './read-json.ts';
import { isPathSegment, resourcePath } from './resource-path.ts';
import { ACCEPT_TABLE, rowsOf } from './table-rows.ts';
import type { Transport } from './transport.ts';
import { watchResource } from './watch.ts';
import {
  acceptFor,
  clusterObject,
  hasAnnotation,
  type ListProjection,
  type Projection,
  textOf,
} from './wire-objects.ts';
import { deleteObject, patchObject, postObject } from './write-objects.ts';

function objectOf(answer: JsonAnswer, resource: Resource, projection: Projection): ObjectAnswer {
  const object = clusterObject(answer.body, resource, projection);
  if (object === null || ![resource.kind, 'PartialObjectMetadata'].includes(textOf(answer.body['kind']))) {
    throw answer.unfit(`the answer is no ${resource.kind}`);
  }
  return { object, serverTime: answer.serverTime };
}

/** What of a list is read from protobuf, which is worth it where little is made of much; undefined for JSON. */
function readerOf({ projection, annotations }: ListRequest): FromProtobuf | undefined {
  if (projection === 'names') return ({ body }) => namesListIn(body);
  if (projection === 'full' || annotations === undefined) return undefined;
  return async (answer) => metadataListOf(await readBytes(answer), annotations);
}

function pageSizeOf(resource: Resource, projection: ListProjection): number {
  return projection === 'full' && resource !== LEASES ? PAGE_OF_OBJECTS : PAGE_OF_SMALL_OBJECTS;
}

/** A real cluster, over a transport to its API server. */
export class KubeCluster implements Cluster {
  readonly context: ClusterContext;
  readonly #link: Link;
  readonly #asker: Pick<Asked, 'server' | 'withoutCredentials'>;
  readonly #random: () => number;

  /** `random` gives numbers in [0, 1) that spread the ends of watches and their retries. */
  constructor(
    transport: Transport,
    context: ClusterContext,
    clock: Clock,
    random: () => number = Math.random,
  ) {
    this.context = context;
    const { server, withoutCredentials = null } = context;
    this.#asker = { server, withoutCredentials };
    this.#link = { transport, clock };
    this.#random = random;
  }

  async list(resource: Resource, request: ListRequest, signal?: AbortSignal): Promise<ListAnswer> {
    const asked = this.#collection('list', resource, request);
    const { projection, consistency, annotations } = request;
    const json = acceptFor(projection, 'list');
    const fromProtobuf = readerOf(request);
    const accept = fromProtobuf === undefined ? json : `${ACCEPT_METADATA_LIST},${json}`;
    const ask = this.#reader(asked, accept, signal, fromProtobuf);
    const pages = await readPages(ask, request, consistency, pageSizeOf(resource, projection));
    const answer = joinPages(pages, resource, projection);
    if (annotations === undefined) return answer;
    return { ...answer, items: answer.items.filter((item) => hasAnnotation(item, annotations)) };
  }

  async get(
    resource: Resource,
    namespace: string | null,
    name: string,
    options: { projection: Projection; consistency: Consistency },
    signal?: AbortSignal,
  ): Promise<ObjectAnswer> {
    const asked = this.#one('get', resource, namespace, name);
    const ask = this.#reader(asked, acceptFor(options.projection, 'one'), signal);
    const answer = await ask(
      new URLSearchParams(options.consistency === 'cached' ? { resourceVersion: '0' } : {}),
    );
    return objectOf(answer, resource, options.projection);
  }

  /** Read from the watch cache: rows are the cheap first look at thousands of objects. */
  async rows(resource: Resource, scope: ListScope, signal?: AbortSignal): Promise<RowsAnswer> {
    const asked = this.#collection('list', resource, scope);
    const ask = this.#reader(asked, ACCEPT_TABLE, signal);
    const pages = await readPages(ask, scope, 'cached', PAGE_OF_OBJECTS, { includeObject: 'None' });
    return { rows: pages.flatMap((page) => rowsOf(page, asked)) };
  }

  watch(resource: Resource, request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchEvent> {
    const { projection, resourceVersion: _, ...scope } = request;
    return watchResource(
      {
        link: this.#link,
        asked: this.#collection('watch', resource, request),
        relist: (until) => this.list(resource, { ...scope, projection, consistency: 'quorum' }, until),
        random: this.#random,
      },
      request,
      signal,
    );
  }

  async patch(
    resource: Resource,
    namespace: string | null,
    name: string,
    body: object,
    preconditions: Preconditions,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<ObjectAnswer> {
    const asked = this.#one('patch', resource, namespace, name);
    return objectOf(
      await patchObject(this.#link, asked, body, preconditions, options, signal),
      resource,
      'full',
    );
  }

  async delete(
    resource: Resource,
    namespace: string | null,
    name: string,
    preconditions: Preconditions,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<void> {
    const asked = this.#one('delete', resource, namespace, name);
    await deleteObject(this.#link, asked, preconditions, options, signal);
  }

  async post(
    resource: Resource,
    namespace: string | null,
    object: object,
    options: WriteOptions,
    signal?: AbortSignal,
  ): Promise<ObjectAnswer> {
    const asked = this.#collection('create', resource, namespace === null ? {} : { namespace });
    return objectOf(await postObject(this.#link, asked, object, options, signal), resource, 'full');
  }

  #one(verb: 'get' | 'patch' | 'delete', resource: Resource, namespace: string | null, name: string): Asked {
    const asked: Asked = { verb, resource, namespace, name, ...this.#asker };
    const hasPlace = resource.namespaced ? isPathSegment(namespace ?? '') : namespace === null;
    if (isPathSegment(name) && hasPlace) return asked;
    throw new LeaderError('not-found', `cannot ${inWords(asked)}: nothing can have that name`);
  }

  #collection(verb: 'list' | 'watch' | 'create', resource: Resource, scope: ListScope): Asked {
    const namespace = scope.namespace ?? null;
    const asked: Asked = { verb, resource, namespace, name: null, ...this.#asker };
    const hasPlace =
      namespace === null
        ? verb !== 'create' || !resource.namespaced
        : resource.namespaced && isPathSegment(namespace);
    if (hasPlace) return asked;
    throw new LeaderError('usage', `cannot ${inWords(asked)}: no such place can exist`);
  }

  #reader(asked: Asked, accept: string, signal: AbortSignal | undefined, fromProtobuf?: FromProtobuf) {
    const path = resourcePath(asked.resource, asked.namespace, asked.name);
    return (query: URLSearchParams): Promise<JsonAnswer> =>
      readJson(this.#link, { asked, path, query, accept, ...(fromProtobuf && { fromProtobuf }) }, signal);
  }
}
