/** What events tell of a lock. */
import type { History } from '../../core/describe/case-file.ts';
import { historyOf } from '../../core/describe/history.ts';
import type { LockHalf } from '../../core/lock.ts';
import { EVENTS } from '../../core/resources.ts';
import type { Means } from '../traces.ts';

/** Null when events could not be read. Rejects only with `interrupted`. */
export async function readHistory(
  halves: readonly LockHalf[],
  { cluster, reads, signal }: Means,
): Promise<History | null> {
  const [first] = halves;
  if (first === undefined) return null;
  const { namespace, name } = first.ref;
  const request = {
    namespace,
    projection: 'full',
    consistency: 'cached',
    fieldSelector: `involvedObject.name=${name}`,
  } as const;
  const ask = () => cluster.list(EVENTS, request, signal);
  const { value } = await reads.attempt('list', EVENTS, namespace, ask);
  return value === null ? null : historyOf(value.items, halves);
}
