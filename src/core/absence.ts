import type { Holder } from './holder.ts';
import type { Observation } from './observation.ts';
import { isRenewed, type Renewal } from './renewal.ts';
import type { Mono } from './time.ts';

/** Since when a holder is known to be nowhere. */
export interface Absence {
  identity: string | null;
  /** When the search began that first found nothing: the holder ended before, nobody knows by how much. */
  knownSince: Mono;
  /** An earlier search of ours had found it: it vanished under our eyes. */
  seenThere: boolean;
}

/**
 * What shows that a lock is renewed by a holder that is nowhere. `shown`: a renewal that came after it was known to be
 * missing. `vanished`: it was there, and no renewal came since: it may have ended together with its process.
 * `not-told`: when it ended is not known, so that the renewals may be from before.
 */
export type Haunting = 'shown' | 'vanished' | 'not-told';

/** `absence` is null where nothing is known of when the holder was looked for: then the renewals stand for it. */
export function hauntingOf(
  { identity }: Holder,
  absence: Absence | null,
  observation: Observation | null,
): Haunting {
  if (absence === null || absence.identity !== identity) return 'shown';
  const renewedAt = observation?.holder === identity ? (observation?.lastChange ?? null) : null;
  if (renewedAt !== null && renewedAt > absence.knownSince) return 'shown';
  return absence.seenThere ? 'vanished' : 'not-told';
}

/** Whether only a renewal after its end can tell what a lock is: it is renewed, and its holder nowhere. */
export function isHaunted({ presence }: Holder, renewal: Renewal): boolean {
  return (presence === 'gone' || presence === 'unmatched') && isRenewed(renewal);
}
