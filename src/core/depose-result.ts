import type { DeposeOutcome } from './depose-outcome.ts';
import type { Standing } from './depose-standing.ts';
import type { LeaderError } from './errors.ts';
import type { LockRef } from './lock.ts';
import type { Instant } from './time.ts';

/** What was written and seen on the way. */
export type DeposeHappening =
  | { is: 'backed-up'; ref: LockRef; path: string }
  /** `tries`: how many writes it took against a holder that renewed underneath. */
  | { is: 'taken'; ref: LockRef; tries: number }
  /** All of it is held: no elector believes any more that it leads after `until`. */
  | { is: 'holding'; until: Instant }
  | { is: 'renewed'; ref: LockRef }
  /** A renewal failed; it is tried again until the lock would be lost. */
  | { is: 'not-renewed'; ref: LockRef; error: LeaderError }
  /** An Event of client-go about the lock. */
  | { is: 'told'; identity: string; what: 'became leader' | 'stopped leading' }
  | { is: 'freed'; ref: LockRef }
  /** The other half of a multilock was refused to be freed, or no answer came: it runs out, if it is not free. */
  | { is: 'not-freed'; ref: LockRef; error: LeaderError }
  /** After it was freed: who holds it, null for nobody. */
  | { is: 'holder-changed'; by: string | null; afterMs: number };

/** `at`: the API server's time. */
export type DeposeEvent = DeposeHappening & { at: Instant };

/** How it ended. */
export type DeposeEnding =
  /** The API server checked the writes, and made none. */
  | { is: 'checked' }
  /** The lock was not what was shown any more when it was to be taken. `taken`: halves that were ours by then. */
  | { is: 'changed'; ref: LockRef; standing: Standing; taken: readonly LockRef[] }
  /** A half could not be taken. */
  | { is: 'not-taken'; ref: LockRef; error: LeaderError; taken: readonly LockRef[] }
  /** Whether a half was taken is not known: no answer came. `now`: who was read after it, null where nothing could be. */
  | {
      is: 'unknown';
      ref: LockRef;
      error: LeaderError;
      now: { holder: string | null } | null;
      taken: readonly LockRef[];
    }
  /** Somebody else wrote the lock while we held it: nothing more was written. */
  | { is: 'lost'; ref: LockRef; standing: Standing }
  /** No renewal succeeded for so long that a leader would have given up: nothing more was written. */
  | { is: 'cut-off'; ref: LockRef; error: LeaderError; runsOutInMs: number }
  /** It could not be freed when it was time to. */
  | { is: 'not-freed'; ref: LockRef; error: LeaderError; runsOutInMs: number }
  /** No answer came to the freeing. `now`: who was read after it, null where nothing could be. */
  | { is: 'freeing-unknown'; ref: LockRef; error: LeaderError; now: { holder: string | null } | null }
  | { is: 'freed'; outcome: DeposeOutcome };

/** A half that still carries our claim, as far as is known, and how long that keeps candidates out, milliseconds. */
export interface StillOurs {
  ref: LockRef;
  runsOutInMs: number;
}

/** Everything that was done, and what came of it. */
export interface DeposeResult {
  events: readonly DeposeEvent[];
  ending: DeposeEnding;
  /** What is ours at the end all the same. */
  stillOurs: readonly StillOurs[];
  /** How long the lock was held, milliseconds; null if it never was. */
  heldMs: number | null;
  /** How long was waited for somebody to take it, milliseconds. */
  waitedMs: number;
  /** Asked to end: what had begun was brought to an end first. */
  interrupted: boolean;
}
