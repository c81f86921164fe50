import type { LockHalf } from '../lock.ts';
import { parseRfc3339 } from '../time.ts';
import { isJsonObject, type JsonObject } from './json.ts';

function owns(fieldsV1: unknown, path: readonly string[]): boolean {
  let at = fieldsV1;
  for (const key of path) {
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return false;
    at = at[key];
  }
  return true;
}

/**
 * The last write of one field by `metadata.managedFields`, on the API server's clock. Evidence that it was written
 * then, never that it was not written since: older servers keep the time of the first write. `path` is spelled as
 * managedFields spells it (`f:spec`, `f:renewTime`).
 */
export function lastWriteOf(metadata: JsonObject, path: readonly string[]): LockHalf['lastWrite'] {
  const entries = metadata['managedFields'];
  if (!Array.isArray(entries)) return null;
  let last: LockHalf['lastWrite'] = null;
  for (const entry of entries) {
    if (!isJsonObject(entry) || !owns(entry['fieldsV1'], path)) continue;
    const at = parseRfc3339(entry['time']);
    const manager = entry['manager'];
    if (at === null || typeof manager !== 'string') continue;
    if (last === null || at > last.at) last = { manager, at };
  }
  return last;
}
