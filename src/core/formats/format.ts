import type { ClusterObject } from '../cluster-object.ts';
import type { Decoded, LockHalf, LockKind } from '../lock.ts';
import type { Resource } from '../resources.ts';
import type { Instant } from '../time.ts';
import type { JsonObject } from './json.ts';

/** The body of an `application/merge-patch+json` request (RFC 7386): null removes a field, objects are merged. */
export type MergePatch = JsonObject;

/** What a leader writes into the record, when it takes the lock and at each renewal. */
export interface Claim {
  identity: string;
  /** How long the claim lasts after each renewal, milliseconds. */
  durationMs: number;
  acquireTime: Instant;
  /** Null leaves the count as it is. */
  transitions: number | null;
}

/** How one kind of object carries an election. A new format is one file here and one line in `index.ts`. */
export interface LockFormat {
  /** Stable word for programs: `lease`, `annotation`. */
  id: string;
  /** For people: "a Lease", "the leader annotation". */
  title: string;
  /** Where such locks live, and how an object of that resource is spelled in the LOCK column. */
  resources: readonly { resource: Resource; kind: LockKind }[];
  /** What has to be read: `metadata` where an annotation is all there is, `full` for a spec. */
  projection: 'metadata' | 'full';
  /** The annotation that holds the record: an object without it carries no lock. Absent where the record is elsewhere. */
  annotation?: string;
  /** False where a held lock is never renewed by design, so that silence says nothing. */
  renews: boolean;
  /** Decodes one object. Must not throw, whatever the object contains. */
  decode(object: ClusterObject, kind: LockKind): Decoded;
  /**
   * The patch after which the lock's own clients take it for free, in their own spelling, touching nothing but the
   * record and without preconditions. Null where no such patch is known. `now` should be the API server's time: some
   * clients refuse a renewal in the future.
   */
  vacate(half: LockHalf, now: Instant): MergePatch | null;
  /**
   * The patch that puts a claim into the record, renewed at `now`, in the spelling of whoever wrote it and with all that
   * is not part of the claim kept, without preconditions. Null where the lock's clients would not obey such a claim, and
   * where the object carries no record.
   */
  take(half: LockHalf, now: Instant, claim: Claim): MergePatch | null;
}
