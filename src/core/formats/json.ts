import { printable } from '../text.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object that is neither a list nor null: everything that may have named fields. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_CHARACTERS = 60;

/** The beginning of a text that somebody else wrote, quoted and safe for a terminal. */
export function quote(text: string): string {
  return `"${printable(text.slice(0, SHOWN_CHARACTERS))}${text.length > SHOWN_CHARACTERS ? '…' : ''}"`;
}

/** A value as a sentence names it. Lists and objects are only named: they may be nested too deeply to be spelled. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
