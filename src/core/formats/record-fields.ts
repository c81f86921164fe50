import { type Instant, parseRfc3339 } from '../time.ts';
import { describeValue, type JsonObject } from './json.ts';

/** Go and Java keep whole numbers, seconds too, in 64 bits and fail on anything larger. */
export const LARGEST_INTEGER = 2 ** 63;

/** Go's zero time: written by clients that cannot leave a time out, and meant as none. */
const ZERO_TIME = Date.parse('0001-01-01T00:00:00Z');

/**
 * The fields of one election record, read one by one. Absent and null are the same to every known candidate. What a
 * candidate fails on is added to `problems`, in words: one problem makes the record undecodable.
 */
export interface RecordFields {
  readonly json: JsonObject;
  readonly problems: string[];
}

export function readText({ json, problems }: RecordFields, field: string): string | null {
  const value = json[field] ?? null;
  if (value === null || typeof value === 'string') return value;
  problems.push(`${field} is ${describeValue(value)}, not a text`);
  return null;
}

/** A text in which empty means the same as absent. */
export function readOptionalText(fields: RecordFields, field: string): string | null {
  return readText(fields, field) || null;
}

export function readInteger({ json, problems }: RecordFields, field: string): number | null {
  const value = json[field] ?? null;
  if (value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= LARGEST_INTEGER)
    return value;
  problems.push(`${field} is ${describeValue(value)}, not a whole number of 64 bits`);
  return null;
}

export function readTime(
  { json, problems }: RecordFields,
  field: string,
  parse: (text: unknown) => Instant | null = parseRfc3339,
): Instant | null {
  const value = json[field] ?? null;
  if (value === null) return null;
  const at = parse(value);
  if (at === null) problems.push(`${field} is ${describeValue(value)}, not a time`);
  return at === ZERO_TIME ? null : at;
}
