import type { Instant } from '../time.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { memberTexts, withMembers } from './json-members.ts';

/*
 * A record freed in the spelling of whoever wrote it: client-go and Istio (whole seconds, a number of seconds),
 * fabric8 (`leaseDuration`, six digits; it fails on null) and the Python client (a text of seconds, times without a
 * zone). What is not part of the claim stays as it is written: transitions, `holderKey`, whatever else there may be.
 */

const TIME = /^\d{4}-\d\d-\d\d([Tt ])\d\d:\d\d:\d\d(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?$/;

/** The times of a record that has none, as its writer would spell them. */
function usualTime(json: JsonObject): string {
  if (Object.hasOwn(json, 'leaseDuration')) return '2006-01-02T15:04:05.000000Z';
  return typeof json['leaseDurationSeconds'] === 'string'
    ? '2006-01-02 15:04:05.000000'
    : '2006-01-02T15:04:05Z';
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

/** One second, the shortest claim there is, spelled as the duration before it. */
function secondLike(field: 'leaseDurationSeconds' | 'leaseDuration', before: string): string {
  if (before.startsWith('"')) return /^"[\d.]+"$/.test(before) ? '"1"' : '"PT1S"';
  return field === 'leaseDurationSeconds' ? '1' : '1.000000000';
}

function freedMembers(text: string, json: JsonObject, now: Instant): Map<string, string> {
  const { acquireTime, renewTime } = json;
  const sample = [renewTime, acquireTime].find(isTime) ?? usualTime(json);
  const spelled = (own: unknown) => JSON.stringify(timeLike(isTime(own) ? own : sample, now));
  const freed = new Map([['holderIdentity', '""']]);
  const texts = memberTexts(text);
  for (const field of ['leaseDurationSeconds', 'leaseDuration'] as const) {
    const before = texts.get(field);
    if (before !== undefined) freed.set(field, secondLike(field, before));
  }
  return freed.set('acquireTime', spelled(acquireTime)).set('renewTime', spelled(renewTime));
}

/**
 * The text of a decodable leader annotation with nobody in it; null if it carries no record (blank, or a bare null),
 * so that there is nothing to be rewritten.
 */
export function vacatedRecord(text: string, now: Instant): string | null {
  const json: unknown = text.trim() === '' ? null : JSON.parse(text);
  return isJsonObject(json) ? withMembers(text, freedMembers(text, json, now)) : null;
}
