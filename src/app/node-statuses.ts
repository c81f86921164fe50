import { isLeaderError, LeaderError } from '../core/errors.ts';
import { nodeFromRow } from '../core/node-facts.ts';
import { NODES } from '../core/resources.ts';
import { mapBounded } from './bounded.ts';
import type { Cluster, ListScope } from './ports.ts';

/** Up to this many Nodes are read by their names; more of them by the rows of all. */
const FEW_NODES = 64;

/**
 * The STATUS column of these Nodes by their names, from the API server's cache; null for one that is not there. What
 * could not be read is missing. Rejects only with `interrupted`.
 */
export async function readNodeStatuses(
  cluster: Cluster,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string | null>> {
  const statuses = new Map<string, string | null>();
  const read = async (scope: ListScope, sought: readonly string[]): Promise<void> => {
    try {
      const { rows } = await cluster.rows(NODES, scope, signal);
      const nodes = new Map(rows.map((row) => [row['Name'], nodeFromRow(row)]));
      for (const name of sought) statuses.set(name, nodes.get(name)?.status ?? null);
    } catch (error) {
      if (!(error instanceof LeaderError) || isLeaderError(error, 'interrupted')) throw error;
    }
  };
  if (names.length > FEW_NODES) await read({}, names);
  else await mapBounded(names, (name) => read({ fieldSelector: `metadata.name=${name}` }, [name]));
  return statuses;
}
