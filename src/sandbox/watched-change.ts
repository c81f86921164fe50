import type { ClusterObject } from '../core/cluster-object.ts';
import type { Change } from './store.ts';

/**
 * A change as a watch with selectors tells it: an object that stops to match is gone for the watcher, one that starts to
 * is new. Null for what the watcher never sees.
 */
export function watchedChange(
  { type, object, previous }: Change,
  matches: (object: ClusterObject) => boolean,
): { type: Change['type']; object: ClusterObject } | null {
  const before = previous !== null && matches(previous);
  const after = type !== 'deleted' && matches(object);
  if (!before && !after) return null;
  return { type: after ? (before ? 'modified' : 'added') : 'deleted', object };
}
