import type { ClusterObject } from '../../core/cluster-object.ts';
import type { Resource } from '../../core/resources.ts';
import { copied } from '../copied.ts';
import { resourceOf } from '../kinds.ts';
import type { ObjectClient } from '../object-client.ts';
import type { Api } from './api.ts';
import type { Call } from './call.ts';
import { servedResource } from './catalog.ts';

/** How a process inside the sandbox talks to its API server: as everybody else, with the same faults, without a wire. */
export function localClient(api: Api, who: { user: string; agent: string }): ObjectClient {
  async function ask(
    verb: Call['verb'],
    resource: Resource,
    place: { namespace: string | null; name: string | null },
    body: ClusterObject | null,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<ClusterObject> {
    const call: Call = {
      ...who,
      ...place,
      verb,
      served: servedResource(resource),
      subresource: null,
      query: new URLSearchParams(),
      accept: 'application/json',
      contentType: 'application/json',
      body: copied(body),
      signal,
    };
    return copied((await api.answer(call)).body) as ClusterObject;
  }
  return {
    get: (resource, namespace, name, signal) => ask('get', resource, { namespace, name }, null, signal),
    create: (object, signal) => {
      const { namespace = null } = object.metadata;
      return ask('create', resourceOf(object), { namespace, name: null }, object, signal);
    },
    update: (object, signal) => {
      const { namespace = null, name = '' } = object.metadata;
      return ask('update', resourceOf(object), { namespace, name }, object, signal);
    },
  };
}
