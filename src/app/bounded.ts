/** How many requests of one kind are under way at once: polite to the API server, enough to hide the round trips. */
export const IN_FLIGHT = 6;

/** Runs `work` over all items, at most `limit` at once; results in the order of the items. Rejects with the first failure. */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  limit: number = IN_FLIGHT,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
