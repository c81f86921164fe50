import type { ClusterObject } from '../cluster-object.ts';
import type { Decoded, LockKind } from '../lock.ts';
import { ANNOTATION_FORMAT } from './annotation.ts';
import type { LockFormat } from './format.ts';
import { LEASE_FORMAT } from './lease.ts';

/** Every lock format, one line each. Where several could carry a lock in one object, the first that finds one wins. */
export const FORMATS: readonly LockFormat[] = [LEASE_FORMAT, ANNOTATION_FORMAT];

/** What an object of this kind carries. Never throws, whatever is in the object. */
export function decodeObject(object: ClusterObject, kind: LockKind): Decoded {
  for (const format of FORMATS) {
    if (!format.resources.some((carrier) => carrier.kind === kind)) continue;
    const decoded = format.decode(object, kind);
    if (decoded.is !== 'other') return decoded;
  }
  return { is: 'other' };
}
