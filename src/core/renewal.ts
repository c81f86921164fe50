import type { Evidence } from './evidence.ts';

/** Is the lock being renewed? See the table in docs/ARCHITECTURE.md. */
export type RenewalState = 'renewing' | 'late' | 'silent' | 'perpetual' | 'undecided';

/** What was seen of a lock's renewals, joined with what clocks say. */
export interface Renewal {
  state: RenewalState;
  /** `watched` when the state was seen on our own clock, `clock` when it was concluded from clocks. */
  grade: 'watched' | 'clock';
  /** Milliseconds since the last renewal as far as is known; null when nothing says. */
  lastRenewedAgoMs: number | null;
  /** Renewals seen while watching. */
  seen: number;
  /** Milliseconds between renewals seen while watching, oldest first, newest last. */
  gapsMs: readonly number[];
  /** Milliseconds connected without seeing a change (all of the watching, if there was none). */
  watchedSilenceMs: number;
  /**
   * The watch has been silent for long enough to prove silence, but no later sight of the object has confirmed it: it
   * has to be read once more.
   */
  unconfirmed: boolean;
  /** The holder's clock against the API server's, milliseconds (positive: ahead); null when not known. */
  holderSkewMs: number | null;
  evidence: readonly Evidence[];
}

/** Somebody renews it all the time, in time or late: an object that is never for long what it was. */
export function isRenewed({ state }: Pick<Renewal, 'state'>): boolean {
  return state === 'renewing' || state === 'late';
}
