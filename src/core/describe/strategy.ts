import type { LockRecord } from '../lock.ts';

/** The control plane claims a Lease for the candidate it chose for so long, until the candidate renews itself. */
const CHOSEN_FOR_MS = 5_000;

/** How a coordinated lock's holder is chosen, in words; null for a lock that candidates take by themselves. */
export function strategyWords({ strategy, preferredHolder }: LockRecord): string | null {
  if (strategy === null) return null;
  const chosen = strategy.includes('/')
    ? `${strategy}: a third party's strategy, which chooses the holder itself`
    : strategy === 'OldestEmulationVersion'
      ? 'OldestEmulationVersion: the control plane chooses the candidate with the oldest emulation version'
      : `${strategy}: chosen by the control plane`;
  return preferredHolder === null ? chosen : `${chosen}; it prefers ${preferredHolder} now`;
}

/** Chosen by the control plane, and the candidate has not renewed once since: it does not know, or is not there. */
export function isNeverPickedUp({ strategy, durationMs, transitions, holderIdentity }: LockRecord): boolean {
  return (
    strategy !== null &&
    !strategy.includes('/') &&
    !!holderIdentity &&
    durationMs === CHOSEN_FOR_MS &&
    transitions === null
  );
}
