import type { Note } from '../core/evidence.ts';
import type { PodFacts } from '../core/holder.ts';
import type { LockReport } from '../core/report.ts';
import { candidatesAmong, findContenders } from './candidates.ts';
import { meansFor } from './holders.ts';
import type { Cluster } from './ports.ts';
import { Reads } from './reads.ts';
import { seek } from './sought.ts';

export interface Successors {
  /** Running, ready Pods besides the holder; null where it cannot be told who belongs to the workload. */
  candidates: readonly PodFacts[] | null;
  notes: readonly Note[];
}

/** Who could take a lock over that somebody renews. Rejects only with `interrupted`. */
export async function findSuccessors(
  cluster: Cluster,
  { lock, holder, renewal }: LockReport,
  signal: AbortSignal,
): Promise<Successors> {
  const reads = new Reads();
  const means = meansFor(cluster, reads, signal);
  const asked = { lock, renewing: true, clockIsOff: renewal.holderSkewMs !== null, suspicious: true };
  const contenders = await findContenders(seek(asked), holder, means);
  if (contenders === null) return { candidates: null, notes: reads.notes() };
  // A process on the host's network goes by its Node: its own Pod there is no other candidate.
  const node = holder.ref?.kind === 'node' ? holder.ref.name : null;
  const others = candidatesAmong(contenders, holder).filter((pod) => node === null || pod.node !== node);
  return { candidates: others, notes: reads.notes() };
}
