import type { Evidence, Note } from './evidence.ts';
import type { Holder } from './holder.ts';
import type { LeaseClass, Lock } from './lock.ts';
import type { Renewal } from './renewal.ts';
import type { Instant } from './time.ts';
import type { VerdictCode } from './verdict.ts';

/** One lock with everything that is said about it: what every renderer gets. */
export interface LockReport {
  lock: Lock;
  holder: Holder;
  renewal: Renewal;
  verdict: VerdictCode;
  /** `clock` verdicts are provisional: no watching has confirmed them. */
  grade: 'watched' | 'clock';
  /** True when the verdict is right only as far as the holder's side could be looked at. */
  unproven: boolean;
  /** What decided, strongest first. */
  evidence: readonly Evidence[];
  /** What to do next; empty when there is nothing to do. */
  advice: readonly string[];
  /** How many processes that could take the lock are known to run; null when not looked for. */
  candidates: number | null;
  /** Set for a Lease that is no lock (listed with `--heartbeats` only). */
  heartbeat: LeaseClass | null;
}

/** What a survey, or a moment of watching, found. */
export interface Snapshot {
  reports: readonly LockReport[];
  notes: readonly Note[];
  /** The API server's clock when the snapshot was taken, or this machine's when the server sent none. */
  takenAt: Instant;
}
