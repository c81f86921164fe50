import type { Instant } from '../time.ts';
import { memberTexts, withMembers } from './json-members.ts';
import { DURATION_FIELDS, recordIn, spelledDuration, spelledTime } from './spelling.ts';

/** The shortest claim that there is, milliseconds. */
const SHORTEST_MS = 1_000;

/**
 * The text of a decodable leader annotation with nobody in it; null if it carries no record (blank, or a bare null),
 * so that there is nothing to be rewritten. What is not part of the claim stays as it is written: transitions,
 * `holderKey`, whatever else there may be.
 */
export function vacatedRecord(text: string, now: Instant): string | null {
  const json = recordIn(text);
  if (json === null) return null;
  const freed = new Map([['holderIdentity', '""']]);
  const texts = memberTexts(text);
  for (const field of DURATION_FIELDS) {
    const before = texts.get(field);
    if (before !== undefined) freed.set(field, spelledDuration(field, before, SHORTEST_MS));
  }
  freed.set('acquireTime', spelledTime(json, 'acquireTime', now));
  freed.set('renewTime', spelledTime(json, 'renewTime', now));
  return withMembers(text, freed);
}
