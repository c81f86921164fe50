import { holderOf, type LockHalf } from './lock.ts';
import type { Mono } from './time.ts';

/** How many gaps and holder changes are remembered: enough for a median and a strip, constant memory for hours. */
const REMEMBERED = 32;

/**
 * What we saw of one lock object with our own eyes, the way client-go's candidates see it: a renewal is a change of
 * the record (not of the object), its time is ours. Silence counts only while connected: blind time says nothing.
 */
export interface Observation {
  firstSeen: Mono;
  heartbeat: string | null;
  holder: string | null;
  /** When the record was last seen to change; null while it has not. */
  lastChange: Mono | null;
  /** When the object was last seen at all, by a read or an event, changed or not. */
  lastSight: Mono;
  /** Renewals seen, all holders together. */
  seen: number;
  gapsMs: readonly number[];
  holderChanges: readonly { at: Mono; from: string | null; to: string | null }[];
  /** Set while connected: silence is counted from here on. */
  connectedSince: Mono | null;
  /** Connected milliseconds without a change, up to `connectedSince`. */
  silenceBefore: number;
  /** Whether the watch was down at some time since the last change: then a gap's length is not known. */
  blinded: boolean;
}

export function beginObservation(half: LockHalf, at: Mono): Observation {
  return {
    firstSeen: at,
    heartbeat: half.heartbeat,
    holder: holderOf(half),
    lastChange: null,
    lastSight: at,
    seen: 0,
    gapsMs: [],
    holderChanges: [],
    connectedSince: null,
    silenceBefore: 0,
    blinded: false,
  };
}

/** Folds one more sight of the object, from a watch or a read, into what was seen before. */
export function foldSight(before: Observation, half: LockHalf, at: Mono): Observation {
  const holder = holderOf(half);
  if (half.heartbeat === before.heartbeat && holder === before.holder) return { ...before, lastSight: at };
  const sameHolder = holder === before.holder;
  // A release changes the record too, but nobody renews by it.
  const renewed = holder !== null;
  const gap = sameHolder && !before.blinded && before.lastChange !== null ? at - before.lastChange : null;
  return {
    ...before,
    heartbeat: half.heartbeat,
    holder,
    lastChange: at,
    lastSight: at,
    seen: before.seen + (renewed ? 1 : 0),
    gapsMs: gap === null ? before.gapsMs : [...before.gapsMs, gap].slice(-REMEMBERED),
    holderChanges: sameHolder
      ? before.holderChanges
      : [...before.holderChanges, { at, from: before.holder, to: holder }].slice(-REMEMBERED),
    connectedSince: before.connectedSince === null ? null : at,
    silenceBefore: 0,
    blinded: before.connectedSince === null,
  };
}

/** The watch over this object is established: from now on silence counts. */
export function connectedAt(before: Observation, at: Mono): Observation {
  return before.connectedSince === null ? { ...before, connectedSince: at } : before;
}

/** The watch broke off: what was watched is kept, nothing more is counted. */
export function disconnectedAt(before: Observation, at: Mono): Observation {
  if (before.connectedSince === null) return before;
  return { ...before, silenceBefore: watchedSilenceMs(before, at), connectedSince: null, blinded: true };
}

/** Connected milliseconds without a change of the record. */
export function watchedSilenceMs(observation: Observation, now: Mono): number {
  const open = observation.connectedSince === null ? 0 : Math.max(0, now - observation.connectedSince);
  return observation.silenceBefore + open;
}

/**
 * The silence that a later sight of the unchanged object confirms. A watch over a connection that went deaf shows no
 * change either, so silence alone accuses nobody.
 */
export function confirmedSilenceMs(observation: Observation, now: Mono): number {
  const since = observation.lastChange ?? observation.firstSeen;
  return Math.min(watchedSilenceMs(observation, now), observation.lastSight - since);
}
