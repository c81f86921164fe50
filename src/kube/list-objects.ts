import type { ListAnswer, ServerTime } from '../app/ports.ts';
import type { ClusterObject } from '../core/cluster-object.ts';
import type { Resource } from '../core/resources.ts';
import type { JsonAnswer } from './json-exchange.ts';
import { clusterObject, type ListProjection, metadataText, textOf } from './wire-objects.ts';

function itemsOf(page: JsonAnswer, resource: Resource, projection: ListProjection): ClusterObject[] {
  // An empty Go slice is null on the wire.
  const items = page.body['items'] ?? [];
  if (!textOf(page.body['kind']).endsWith('List') || !Array.isArray(items)) {
    throw page.unfit('the answer is no list');
  }
  return items.flatMap((item) => clusterObject(item, resource, projection) ?? []);
}

/** The reading of the server's clock that is least blurred by its round trip. */
function sharpest(pages: readonly JsonAnswer[]): ServerTime | null {
  let best: ServerTime | null = null;
  for (const { serverTime } of pages) {
    if (serverTime !== null && (best === null || serverTime.roundTripMs < best.roundTripMs))
      best = serverTime;
  }
  return best;
}

/** The pages of a list as one answer. */
export function joinPages(
  pages: readonly [JsonAnswer, ...JsonAnswer[]],
  resource: Resource,
  projection: ListProjection,
): ListAnswer {
  return {
    items: pages.flatMap((page) => itemsOf(page, resource, projection)),
    resourceVersion: metadataText(pages[0].body, 'resourceVersion'),
    serverTime: sharpest(pages),
  };
}
