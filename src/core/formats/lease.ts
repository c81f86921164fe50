import type { ClusterObject } from '../cluster-object.ts';
import { type Decoded, holderOf, type LockContent, type LockHalf, recordOf } from '../lock.ts';
import { LEASES } from '../resources.ts';
import type { LockFormat } from './format.ts';
import { halfOf } from './half.ts';
import { describeValue, isJsonObject, type JsonObject } from './json.ts';
import { classifyLease } from './lease-classes.ts';
import { type RecordFields, readInteger, readOptionalText, readText, readTime } from './record-fields.ts';
import { takeLease } from './take-lease.ts';
import { vacateLease } from './vacate-lease.ts';

const FORMAT_ID = 'lease';

const RECORD_FIELDS = [
  'holderIdentity',
  'leaseDurationSeconds',
  'acquireTime',
  'renewTime',
  'leaseTransitions',
  'strategy',
  'preferredHolder',
] as const;

/** The API server validates Leases, so only a foreign or broken server can send an undecodable one. */
function decodeSpec(spec: JsonObject): LockContent {
  const fields: RecordFields = { json: spec, problems: [] };
  const seconds = readInteger(fields, 'leaseDurationSeconds');
  const record = {
    holderIdentity: readText(fields, 'holderIdentity'),
    durationMs: seconds === null ? null : seconds * 1000,
    acquireTime: readTime(fields, 'acquireTime'),
    renewTime: readTime(fields, 'renewTime'),
    transitions: readInteger(fields, 'leaseTransitions'),
    strategy: readOptionalText(fields, 'strategy'),
    preferredHolder: readOptionalText(fields, 'preferredHolder'),
  };
  if (fields.problems.length > 0) return { state: 'invalid', why: fields.problems.join('; ') };
  return { state: 'record', record, warnings: [] };
}

/** The record's own fields as written: a label edit changes the object, and renews nothing. */
function heartbeatOf(spec: JsonObject): string {
  return JSON.stringify(
    RECORD_FIELDS.map((field) => {
      const value = spec[field];
      return typeof value === 'object' ? null : (value ?? null);
    }),
  );
}

/**
 * Held without a time of renewal and without a duration, so there is nothing that could run out: the holder keeps
 * the lock until it or its Pod gives it up. (The control plane's own strategies fill in the rest a moment later.)
 */
function isHeldForLife(half: LockHalf): boolean {
  const record = recordOf(half);
  if (record === null || holderOf(half) === null) return false;
  return record.renewTime === null && record.durationMs === null && record.strategy === null;
}

function decodeLease(object: ClusterObject): Decoded {
  const spec: unknown = object.spec ?? {};
  const half = halfOf(object, 'lease', {
    format: FORMAT_ID,
    content: isJsonObject(spec)
      ? decodeSpec(spec)
      : { state: 'invalid', why: `spec is ${describeValue(spec)}, not an object` },
    heartbeat: heartbeatOf(isJsonObject(spec) ? spec : {}),
    recordPath: ['f:spec', 'f:renewTime'],
  });
  if (half === null) return { is: 'other' };
  const judged = isHeldForLife(half) ? { ...half, heartbeat: null } : half;
  const leaseClass = classifyLease(judged);
  return leaseClass === null
    ? { is: 'lock', half: judged }
    : { is: 'heartbeat', half: judged, class: leaseClass };
}

/** `coordination.k8s.io` Leases: nearly every elector since 2020, and much that is no election. */
export const LEASE_FORMAT: LockFormat = {
  id: FORMAT_ID,
  title: 'a Lease',
  resources: [{ resource: LEASES, kind: 'lease' }],
  projection: 'full',
  renews: true,
  decode: decodeLease,
  vacate: vacateLease,
  take: takeLease,
};
