import type { Evidence } from '../evidence.ts';
import type { Instant } from '../time.ts';
import type { GhostPlace } from './case-file.ts';

/** Something that names a machine: the one that the holder ran on, or any that the cluster may have lost. */
export interface Clue {
  node: string;
  about: 'holder' | 'machine';
  evidence: Evidence;
}

/** So many machines are worth naming, and so much is said about each. */
const MOST_PLACES = 5;
const MOST_EVIDENCE = 4;

/**
 * Machines on which a ghost may run, the likeliest first: those that something ties to the holder, then those that are
 * remembered although no Node is called so. `existing`: the Nodes there are, null when they could not be read; `named`:
 * names that the identity itself may carry.
 */
export function ghostPlaces(
  clues: readonly Clue[],
  named: readonly string[],
  existing: ReadonlySet<string> | null,
  heartbeats: ReadonlyMap<string, Instant>,
): GhostPlace[] {
  const names = new Set(named);
  const places = [...Map.groupBy(clues, ({ node }) => node)].flatMap(([node, about]): GhostPlace[] => {
    const likely = names.has(node) || about.some((clue) => clue.about === 'holder');
    const exists = existing === null ? null : existing.has(node);
    // A machine that has its Node is no place to hide, unless the holder ran there.
    if (!likely && exists !== false) return [];
    const evidence = [...new Map(about.map((clue) => [clue.evidence.text, clue.evidence])).values()];
    const lastHeartbeat = heartbeats.get(node) ?? null;
    return [{ node, likely, exists, lastHeartbeat, evidence: evidence.slice(0, MOST_EVIDENCE) }];
  });
  const rank = ({ likely, lastHeartbeat }: GhostPlace): number =>
    (likely ? 0 : 2) + (lastHeartbeat === null ? 1 : 0);
  return places
    .toSorted((a, b) => rank(a) - rank(b) || (b.lastHeartbeat ?? 0) - (a.lastHeartbeat ?? 0))
    .slice(0, MOST_PLACES);
}
