import type { LockContent, LockRecord } from '../lock.ts';
import { type Instant, parseRfc3339 } from '../time.ts';
import { describeValue, isJsonObject, type JsonObject, quote } from './json.ts';
import {
  LARGEST_INTEGER,
  type RecordFields,
  readInteger,
  readOptionalText,
  readText,
  readTime,
} from './record-fields.ts';

/**
 * The election record in JSON, in the spellings of its writers:
 * - client-go, Istio (adds `holderKey`): `leaseDurationSeconds` a number, times RFC 3339 or null;
 * - fabric8 (Flink): `leaseDuration` in decimal seconds or ISO 8601, times with six digits;
 * - Python: `leaseDurationSeconds` a text, times as `str(datetime)`, mostly without a zone; no transitions.
 *
 * A record is invalid only if no writer could have meant it: each client decodes its own spelling.
 */

const VACANT: LockRecord = {
  holderIdentity: null,
  durationMs: null,
  acquireTime: null,
  renewTime: null,
  transitions: null,
  strategy: null,
  preferredHolder: null,
};

const DECIMAL = /^\d+(?:\.\d+)?$/;

/** A `java.time.Duration` as text: days to seconds, nothing negative. */
const ISO_DURATION = /^P(?!$)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

function isoSeconds(text: string): number | null {
  const parts = ISO_DURATION.exec(text);
  if (parts === null) return null;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** Seconds as a number, as decimal text, or as an ISO 8601 duration. */
function secondsOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  return DECIMAL.test(value) ? Number(value) : isoSeconds(value);
}

function readSpelledDuration({ json, problems }: RecordFields, field: string): number | null {
  const seconds = secondsOf(json[field]);
  if (seconds !== null && Math.abs(seconds) <= LARGEST_INTEGER) return seconds * 1000;
  problems.push(`${field} is ${describeValue(json[field])}, not a number of seconds`);
  return null;
}

function readDuration(fields: RecordFields): number | null {
  const { leaseDurationSeconds, leaseDuration } = fields.json;
  if (typeof leaseDurationSeconds === 'string') return readSpelledDuration(fields, 'leaseDurationSeconds');
  const seconds = readInteger(fields, 'leaseDurationSeconds');
  if (seconds !== null) return seconds * 1000;
  return (leaseDuration ?? null) === null ? null : readSpelledDuration(fields, 'leaseDuration');
}

/** Python's `str(datetime)`: a space, any fraction or none, and a zone only if the writer cared. */
const PYTHON_TIME = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)([+-]\d{2}:\d{2})?$/;

function pythonParts(text: unknown): { date: string; time: string; zone: string | null } | null {
  const parts = typeof text === 'string' ? PYTHON_TIME.exec(text) : null;
  return parts === null ? null : { date: parts[1] ?? '', time: parts[2] ?? '', zone: parts[3] ?? null };
}

function parseAnyTime(text: unknown): Instant | null {
  const python = pythonParts(text);
  return python === null
    ? parseRfc3339(text)
    : parseRfc3339(`${python.date}T${python.time}${python.zone ?? 'Z'}`);
}

function hasNoZone(text: unknown): boolean {
  return pythonParts(text)?.zone === null;
}

function warningsFor(json: JsonObject, zoneless: boolean): string[] {
  const warnings: string[] = [];
  if (zoneless) {
    warnings.push('its times carry no time zone: read as UTC, they may be off by the hours of the writer');
  }
  if (Object.hasOwn(json, 'leaseDuration')) {
    for (const field of ['leaseDuration', 'acquireTime', 'renewTime']) {
      if ((json[field] ?? null) === null)
        warnings.push(`${field} is missing, and fabric8 clients fail without it`);
    }
  }
  return warnings;
}

function decodeRecord(json: JsonObject): LockContent {
  const fields: RecordFields = { json, problems: [] };
  const record: LockRecord = {
    holderIdentity: readText(fields, 'holderIdentity'),
    durationMs: readDuration(fields),
    acquireTime: readTime(fields, 'acquireTime', parseAnyTime),
    renewTime: readTime(fields, 'renewTime', parseAnyTime),
    transitions: readInteger(fields, 'leaderTransitions'),
    strategy: readOptionalText(fields, 'strategy'),
    preferredHolder: readOptionalText(fields, 'preferredHolder'),
  };
  if (fields.problems.length > 0) return { state: 'invalid', why: fields.problems.join('; ') };
  const zoneless = hasNoZone(json['renewTime']) || hasNoZone(json['acquireTime']);
  const content: LockContent = { state: 'record', record, warnings: warningsFor(json, zoneless) };
  return zoneless ? { ...content, zoneless } : content;
}

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** Decodes the text of a leader annotation. Never throws. */
export function parseElectionRecord(text: string): LockContent {
  if (text.trim() === '') {
    const warning = 'the annotation is empty: Python clients take the lock, client-go fails to decode it';
    return { state: 'record', record: VACANT, warnings: [warning] };
  }
  const parsed = parseJson(text);
  if (parsed === null) return { state: 'invalid', why: `the leader annotation is not JSON: ${quote(text)}` };
  // Go decodes a bare null into a record without changing it: all zero, which is free.
  if (parsed.value === null) return { state: 'record', record: VACANT, warnings: [] };
  if (isJsonObject(parsed.value)) return decodeRecord(parsed.value);
  return {
    state: 'invalid',
    why: `the leader annotation is ${describeValue(parsed.value)}, not a JSON object`,
  };
}
