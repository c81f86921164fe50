import type { History } from '../core/describe/case-file.ts';
import type { Note } from '../core/evidence.ts';
import { halvesOf, type Lock } from '../core/lock.ts';
import { meansFor } from './holders.ts';
import { consequenceFor } from './investigate/consequences.ts';
import { readHistory } from './investigate/history.ts';
import type { Cluster } from './ports.ts';
import { Reads } from './reads.ts';

/** What Events tell of a lock; null, and a note that says why, where they could not be read. */
export async function readLockEvents(
  cluster: Cluster,
  lock: Lock,
  signal: AbortSignal,
): Promise<{ history: History | null; notes: readonly Note[] }> {
  const reads = new Reads(consequenceFor);
  const history = await readHistory(halvesOf(lock), meansFor(cluster, reads, signal));
  return { history, notes: reads.notes() };
}
