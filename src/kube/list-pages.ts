import type { Consistency, ListScope } from '../app/ports.ts';
import { isLeaderError } from '../core/errors.ts';
import type { JsonAnswer } from './json-exchange.ts';
import { metadataText } from './wire-objects.ts';

/** Whole objects in a page, as kubectl has it. */
export const PAGE_OF_OBJECTS = 500;

/** Small ones, and metadata alone: pages are read one after another. */
export const PAGE_OF_SMALL_OBJECTS = 2_000;

/** The selectors of a scope as query parameters; list and watch must send the same ones. */
export function selectorQuery(scope: ListScope, extra: Readonly<Record<string, string>>): URLSearchParams {
  const query = new URLSearchParams(extra);
  if (scope.labelSelector) query.set('labelSelector', scope.labelSelector);
  if (scope.fieldSelector) query.set('fieldSelector', scope.fieldSelector);
  return query;
}

/**
 * Reads a collection page by page, `pageSize` objects each. Only the first page may come from the watch cache: a continue token names the
 * version by itself. A token that expired meanwhile (410) is answered by reading everything at once, because going
 * on with a newer token would join two different moments.
 */
export async function readPages(
  ask: (query: URLSearchParams) => Promise<JsonAnswer>,
  scope: ListScope,
  consistency: Consistency,
  pageSize: number,
  extra: Readonly<Record<string, string>> = {},
): Promise<[JsonAnswer, ...JsonAnswer[]]> {
  const limit = String(pageSize);
  const from: Record<string, string> = consistency === 'cached' ? { resourceVersion: '0' } : {};
  const first = await ask(selectorQuery(scope, { ...extra, limit, ...from }));
  const pages: [JsonAnswer, ...JsonAnswer[]] = [first];
  let token = metadataText(first.body, 'continue');
  while (token !== '') {
    let page: JsonAnswer;
    try {
      page = await ask(selectorQuery(scope, { ...extra, limit, continue: token }));
    } catch (error) {
      if (!isLeaderError(error, 'gone')) throw error;
      return [await ask(selectorQuery(scope, { ...extra, ...from }))];
    }
    pages.push(page);
    const next = metadataText(page.body, 'continue');
    if (next === token) throw page.unfit('the same page was given twice');
    token = next;
  }
  return pages;
}
