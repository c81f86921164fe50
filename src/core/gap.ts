import type { ErrorCode } from './errors.ts';
import { LOCK_RESOURCES } from './lock-resources.ts';
import { NODES, PODS, resourceName } from './resources.ts';

/** A reading that failed, in parts, so that several with one cause can be told as one. */
export interface Gap {
  /** What was being read for: the locks themselves, or whatever tells about their holders. */
  about: 'locks' | 'holders';
  /** `list`, `get`, `watch`, `create`. */
  verb: string;
  /** As kubectl names it: `daemonsets.apps`. */
  resource: string;
  /** ` in all namespaces`, ` in a, b`; empty for a resource without namespaces. */
  where: string;
  /** Only a ClusterRole could grant it. */
  clusterWide: boolean;
  code: ErrorCode;
  /** What was answered. */
  why: string;
  /** What follows from it: the rest of a sentence. */
  consequence: string;
}

const FIRST = [...Object.values(LOCK_RESOURCES), PODS, NODES].map(resourceName);

function rankOf({ resource }: Gap): number {
  const at = FIRST.indexOf(resource);
  return at < 0 ? FIRST.length : at;
}

/** The order of importance: the kinds of lock, Pods, Nodes, then the rest by name. */
export function compareGaps(a: Gap, b: Gap): number {
  const [one, other] = [a, b].map((gap) => `${gap.resource} ${gap.verb} ${gap.where}`);
  return rankOf(a) - rankOf(b) || ((one ?? '') < (other ?? '') ? -1 : 1);
}
