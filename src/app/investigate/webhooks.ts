/** Admission webhooks in the path of every renewal. */
import type { Backend } from '../../core/describe/findings.ts';
import { type MatchingWebhook, webhooksFor } from '../../core/describe/webhook-match.ts';
import { arrayAt } from '../../core/fields.ts';
import type { LockHalf } from '../../core/lock.ts';
import {
  ENDPOINTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  type Resource,
  SERVICES,
  VALIDATING_WEBHOOKS,
} from '../../core/resources.ts';
import type { Means } from '../traces.ts';
import { readOne } from './holder.ts';

export interface FoundWebhook {
  webhook: MatchingWebhook;
  backend: Backend;
}

async function backendOf({ service }: MatchingWebhook, { cluster, reads, signal }: Means): Promise<Backend> {
  if (service === null) return 'unknown';
  const { namespace, name } = service;
  const options = { projection: 'full', consistency: 'cached' } as const;
  const read = (resource: Resource) =>
    reads.attempt('get', resource, namespace, () => cluster.get(resource, namespace, name, options, signal));
  const [routes, found] = await Promise.all([read(ENDPOINTS), read(SERVICES)]);
  if (found.failure === 'absent') return 'down';
  // A Service of type ExternalName has no Endpoints of its own.
  if (found.value === null || routes.failure === 'forbidden' || routes.failure === 'unreadable')
    return 'unknown';
  const subsets = routes.value === null ? [] : arrayAt(routes.value.object, 'subsets');
  return subsets.some((subset) => arrayAt(subset, 'addresses').length > 0) ? 'up' : 'down';
}

/** Those that are asked when a half is renewed, each once. Rejects only with `interrupted`. */
export async function findWebhooks(halves: readonly LockHalf[], means: Means): Promise<FoundWebhook[]> {
  const { cluster, reads, signal } = means;
  const [first] = halves;
  if (first === undefined) return [];
  const request = { projection: 'full', consistency: 'cached' } as const;
  const list = (resource: Resource) =>
    reads.attempt('list', resource, null, () => cluster.list(resource, request, signal));
  const [namespace, ...listed] = await Promise.all([
    readOne(NAMESPACES, null, first.ref.namespace, 'metadata', means),
    list(VALIDATING_WEBHOOKS),
    list(MUTATING_WEBHOOKS),
  ]);
  const labels = namespace === null ? null : (namespace.metadata.labels ?? {});
  const kinds = [VALIDATING_WEBHOOKS.kind, MUTATING_WEBHOOKS.kind];
  const matching = listed.flatMap(({ value }, at) =>
    (value?.items ?? []).flatMap((configuration) =>
      halves.flatMap((half) => webhooksFor(configuration, kinds[at] ?? '', half, labels)),
    ),
  );
  const distinct = new Map(matching.map((one) => [`${one.kind}/${one.configuration}/${one.webhook}`, one]));
  return Promise.all(
    [...distinct.values()].map(async (webhook) => ({ webhook, backend: await backendOf(webhook, means) })),
  );
}
