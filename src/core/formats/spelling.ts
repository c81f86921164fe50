import type { Instant } from '../time.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/*
 * How the writers of the leader annotation spell a record: client-go and Istio (whole seconds, a number of seconds),
 * fabric8 (`leaseDuration`, six digits; it fails on null) and the Python client (a text of seconds, times without a
 * zone). Whatever is written into a record is written as its own writer would have done.
 */

const TIME = /^\d{4}-\d\d-\d\d([Tt ])\d\d:\d\d:\d\d(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?$/;

/** The times of a record that has none, as its writer would spell them. */
function usualTime(json: JsonObject): string {
  if (Object.hasOwn(json, 'leaseDuration')) return '2006-01-02T15:04:05.000000Z';
  return isPython(json) ? '2006-01-02 15:04:05.000000' : '2006-01-02T15:04:05Z';
}

/** Whether the Python client wrote it, which counts no transitions. */
export function isPython(json: JsonObject): boolean {
  return typeof json['leaseDurationSeconds'] === 'string';
}

/** The instant in UTC, spelled as another time is: its separator, its number of digits, its way to name the zone. */
function timeLike(sample: string, at: Instant): string {
  const [, separator = 'T', digits = '', zone = ''] = TIME.exec(sample) ?? [];
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [seconds = '', fraction = ''] = time.slice(0, -1).split('.');
  const written = digits === '' ? '' : `.${fraction.padEnd(digits.length, '0').slice(0, digits.length)}`;
  return `${date}${separator}${seconds}${written}${/\d/.test(zone) ? '+00:00' : zone}`;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && TIME.test(value);
}

/** The JSON text of an instant, spelled as this field of the record is, or as its other times are. */
export function spelledTime(json: JsonObject, field: 'acquireTime' | 'renewTime', at: Instant): string {
  const sample = [json[field], json['renewTime'], json['acquireTime']].find(isTime) ?? usualTime(json);
  return JSON.stringify(timeLike(sample, at));
}

export const DURATION_FIELDS = ['leaseDurationSeconds', 'leaseDuration'] as const;

/** The JSON text of a duration (ms), spelled as the one before it (a JSON text) was. */
export function spelledDuration(field: (typeof DURATION_FIELDS)[number], before: string, ms: number): string {
  const seconds = ms / 1000;
  if (before.startsWith('"')) return /^"[\d.]+"$/.test(before) ? `"${seconds}"` : `"PT${seconds}S"`;
  return field === 'leaseDurationSeconds' ? String(Math.ceil(seconds)) : seconds.toFixed(9);
}

/** The object that a leader annotation carries; null if it carries none (blank, or a bare null). The text must be JSON. */
export function recordIn(text: string): JsonObject | null {
  const json: unknown = text.trim() === '' ? null : JSON.parse(text);
  return isJsonObject(json) ? json : null;
}
