import { isLeaderError, LeaderError } from '../core/errors.ts';
import { foreignElectionIn } from '../core/foreign-election.ts';
import { parseLockName } from '../core/lock-name.ts';
import { CONFIGMAPS, ENDPOINTS } from '../core/resources.ts';
import type { Cluster } from './ports.ts';

/** Kinds in which others keep elections of their own, as the LOCK column spells them. */
const CARRIERS = [
  { resource: ENDPOINTS, kind: 'endpoints' },
  { resource: CONFIGMAPS, kind: 'configmap' },
] as const;

/**
 * Rejects with `refused` if what no lock was found under is the election of somebody else, with how to move its leader.
 * What cannot be read is left to the error that no lock was found.
 */
export async function refuseForeign(
  cluster: Cluster,
  text: string,
  flagNamespace: string | null,
  signal: AbortSignal,
): Promise<void> {
  const { kind: wanted, namespace, name } = parseLockName(text, flagNamespace);
  for (const { resource, kind } of CARRIERS) {
    if (wanted !== null && wanted !== kind) continue;
    try {
      const request = {
        ...(namespace === null ? {} : { namespace }),
        fieldSelector: `metadata.name=${name}`,
        projection: 'full',
        consistency: 'cached',
      } as const;
      const { items } = await cluster.list(resource, request, signal);
      for (const object of items) {
        const found = foreignElectionIn({ ...object, kind: resource.kind });
        if (found === null) continue;
        const id = `${object.metadata.namespace}/${kind}/${name}`;
        throw new LeaderError('refused', `${id} is ${found.what}`, { hint: found.instead });
      }
    } catch (error) {
      if (!isLeaderError(error) || isLeaderError(error, 'refused', 'interrupted')) throw error;
    }
  }
}
