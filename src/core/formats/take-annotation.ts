import { type LockHalf, recordOf } from '../lock.ts';
import type { Instant } from '../time.ts';
import type { Claim } from './format.ts';
import type { JsonObject } from './json.ts';
import { memberTexts, withMembers } from './json-members.ts';
import { DURATION_FIELDS, isPython, recordIn, spelledDuration, spelledTime } from './spelling.ts';

type Members = [field: string, text: string][];

/** A duration that already is as claimed stays as it is written, so that no client finds it rounded. */
function durationMembers(text: string, json: JsonObject, ms: number, recorded: number | null): Members {
  if (recorded === ms) return [];
  const texts = memberTexts(text);
  const present = DURATION_FIELDS.filter((field) => Object.hasOwn(json, field));
  const fields = present.length > 0 ? present : (['leaseDurationSeconds'] as const);
  return fields.map((field) => [field, spelledDuration(field, texts.get(field) ?? '', ms)]);
}

function transitionMembers(json: JsonObject, transitions: number | null, recorded: number | null): Members {
  if (transitions === null || transitions === recorded || isPython(json)) return [];
  return [['leaderTransitions', String(transitions)]];
}

/** The text of a leader annotation in which the claim stands; null if it carries no record that could be taken over. */
export function takenRecord(half: LockHalf, now: Instant, claim: Claim): string | null {
  const text = half.heartbeat ?? '';
  const record = recordOf(half);
  const json = record === null ? null : recordIn(text);
  if (record === null || json === null) return null;
  return withMembers(
    text,
    new Map([
      ['holderIdentity', JSON.stringify(claim.identity)],
      ...durationMembers(text, json, claim.durationMs, record.durationMs),
      ['acquireTime', spelledTime(json, 'acquireTime', claim.acquireTime)],
      ['renewTime', spelledTime(json, 'renewTime', now)],
      ...transitionMembers(json, claim.transitions, record.transitions),
    ]),
  );
}
