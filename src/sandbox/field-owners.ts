import type { ClusterObject, ManagedFieldsEntry } from '../core/cluster-object.ts';

/** Who writes, as managedFields names it. */
export interface FieldManager {
  manager: string;
  apiVersion: string;
  /** `status` and the like; absent for the object itself. */
  subresource?: string;
  /** RFC 3339 in whole seconds, on the API server's clock. */
  time: string;
}

/** Kubernetes up to 1.20 leaves an entry's time at the manager's first write. */
export type ManagedFieldsTime = 'moves' | 'stays';

type Tree = Record<string, unknown>;
type Entry = ManagedFieldsEntry & { apiVersion?: string; fieldsType?: string; subresource?: string };

/** Metadata that clients own; the rest is the API server's. */
const OWNED_METADATA = ['labels', 'annotations', 'ownerReferences', 'finalizers'];

/** Maps with keys of the user's own: whoever makes one owns the map as well as its entries. */
const MAPS = ['labels', 'annotations', 'data', 'matchLabels', 'nodeSelector'];

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every field that has a value, by its path in JSON; lists count as one value. */
function leavesOf(object: ClusterObject): Map<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (!isTree(value) || Object.keys(value).length === 0) {
      leaves.set(JSON.stringify(path), JSON.stringify(value));
      return;
    }
    if (MAPS.includes(path.at(-1)?.slice(2) ?? '')) leaves.set(JSON.stringify([...path, '.']), '');
    for (const [field, inner] of Object.entries(value)) walk(inner, [...path, `f:${field}`]);
  };
  const { apiVersion: _version, kind: _kind, metadata, ...fields } = object;
  for (const [field, value] of Object.entries(fields)) walk(value, [`f:${field}`]);
  for (const field of OWNED_METADATA) {
    const value = { ...metadata }[field];
    if (value !== undefined) walk(value, ['f:metadata', `f:${field}`]);
  }
  return leaves;
}

function pathsIn(fields: unknown, path: readonly string[] = []): string[] {
  if (!isTree(fields) || Object.keys(fields).length === 0) {
    return path.length === 0 ? [] : [JSON.stringify(path)];
  }
  return Object.entries(fields).flatMap(([field, inner]) => pathsIn(inner, [...path, field]));
}

function treeOf(paths: Iterable<string>): Tree {
  const tree: Tree = {};
  for (const path of paths) {
    let at = tree;
    for (const field of JSON.parse(path) as string[]) {
      const inner = at[field];
      const next: Tree = isTree(inner) ? inner : {};
      at[field] = next;
      at = next;
    }
  }
  return tree;
}

/**
 * The managedFields of an object after a write: the writer owns what it changed beside what it owned before, everybody
 * else loses that, and entries that own nothing go.
 */
export function ownersAfter(
  previous: ClusterObject | null,
  next: ClusterObject,
  writer: FieldManager,
  entryTime: ManagedFieldsTime,
): ManagedFieldsEntry[] {
  const before = previous === null ? new Map<string, string>() : leavesOf(previous);
  const after = leavesOf(next);
  const changed = new Set(
    [...after].filter(([path, value]) => before.get(path) !== value).map(([path]) => path),
  );
  const isWriter = (entry: Entry): boolean =>
    entry.manager === writer.manager && entry.subresource === writer.subresource;
  const old: Entry[] = previous?.metadata.managedFields ?? [];
  const others = old.flatMap((entry): Entry[] => {
    const paths = pathsIn(entry.fieldsV1).filter((path) => after.has(path) && !changed.has(path));
    return isWriter(entry) || paths.length === 0 ? [] : [{ ...entry, fieldsV1: treeOf(paths) }];
  });
  const own = old.find(isWriter);
  const kept = pathsIn(own?.fieldsV1).filter((path) => after.has(path));
  const { manager, apiVersion, subresource, time } = writer;
  const entry: Entry = {
    manager,
    operation: 'Update',
    apiVersion,
    time: entryTime === 'stays' && own?.time !== undefined ? own.time : time,
    fieldsType: 'FieldsV1',
    fieldsV1: treeOf([...new Set([...kept, ...changed])].sort()),
    ...(subresource !== undefined && { subresource }),
  };
  return [...others, entry];
}
