import type { ClusterObject } from '../core/cluster-object.ts';
import type { Change } from './store.ts';

/**
 * A change as a watch with selectors tells it: an object that stops to match is gone for the watcher, one that starts to
 * is new. What is gone is told as it last matched, under the version of the change. Null for what the watcher never sees.
 */
export function watchedChange(
  { type, object, previous }: Change,
  matches: (object: ClusterObject) => boolean,
): { type: Change['type']; object: ClusterObject } | null {
  const before = previous !== null && matches(previous);
  const after = type !== 'deleted' && matches(object);
  if (after) return { type: before ? 'modified' : 'added', object };
  if (!before) return null;
  const { resourceVersion = '' } = object.metadata;
  return { type: 'deleted', object: { ...previous, metadata: { ...previous.metadata, resourceVersion } } };
}
