import type { Holder, Presence } from '../../src/core/holder.ts';
import type { Lock, LockHalf, LockRecord } from '../../src/core/lock.ts';
import type { Renewal, RenewalState } from '../../src/core/renewal.ts';
import type { ServerClock } from '../../src/core/server-clock.ts';

/** The API server's time at mono 0 in these tests. */
export const SERVER_START = Date.parse('2026-01-01T12:00:00Z');

/** Read so that `serverNow(SERVER_CLOCK, 0)` is exactly SERVER_START. */
export const SERVER_CLOCK: ServerClock = { at: SERVER_START - 500, receivedAt: 0, roundTripMs: 20 };

function record(over: Partial<LockRecord> = {}): LockRecord {
  return {
    holderIdentity: 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11',
    durationMs: 15_000,
    acquireTime: SERVER_START - 3_600_000,
    renewTime: SERVER_START - 1_000,
    transitions: 1,
    strategy: null,
    preferredHolder: null,
    ...over,
  };
}

/** A Lease half; the heartbeat is the record, as in the real formats. */
export function half(over: Partial<LockRecord> = {}, more: Partial<LockHalf> = {}): LockHalf {
  const content = record(over);
  return {
    ref: { kind: 'lease', namespace: 'apps', name: 'worker' },
    format: 'lease',
    uid: 'uid-1',
    resourceVersion: '100',
    createdAt: SERVER_START - 86_400_000,
    labels: {},
    ownerReferences: [],
    content: { state: 'record', record: content, warnings: [] },
    heartbeat: JSON.stringify(content),
    lastWrite: null,
    ...more,
  };
}

export function lock(primary: LockHalf = half(), more: Partial<Lock> = {}): Lock {
  return { primary, secondary: null, pairing: 'single', ...more };
}

export function holder(presence: Presence, more: Partial<Holder> = {}): Holder {
  return {
    identity: 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11',
    presence,
    ref: null,
    pod: null,
    node: null,
    rule: null,
    alsoFits: [],
    reborn: false,
    was: null,
    workload: null,
    found: presence,
    evidence: [],
    ...more,
  };
}

export function renewal(state: RenewalState, more: Partial<Renewal> = {}): Renewal {
  return {
    state,
    grade: 'watched',
    lastRenewedAgoMs: 1_000,
    seen: 1,
    gapsMs: [],
    watchedSilenceMs: 0,
    unconfirmed: false,
    holderSkewMs: null,
    evidence: [],
    ...more,
  };
}
