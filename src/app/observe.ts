import { openCases } from '../core/assess.ts';
import type { Note } from '../core/evidence.ts';
import type { Snapshot } from '../core/report.ts';
import { type Mono, proseDuration } from '../core/time.ts';
import type { FirstLook, LsScope } from './first-look.ts';
import type { Clock, Cluster } from './ports.ts';
import { concludeNow, lookTwice, readStored } from './survey.ts';
import { Watching } from './watching.ts';

/** How often progress is told, milliseconds. */
const TICK_MS = 250;

/** A watch that cannot be established is not waited for longer than this, milliseconds. */
const SETTLE_WITHIN_MS = 10_000;

export interface ObserveProgress {
  elapsedMs: number;
  forMs: number;
  /** Locks whose state has been seen, out of all that are held. */
  decided: number;
  total: number;
}

function blindNote(watching: Watching): Note[] {
  const blindMs = watching.blindMs();
  if (blindMs === 0) return [];
  const text = `blind for ${proseDuration(blindMs)} while watching: that time counts against nobody`;
  return [{ code: 'blind', text, hint: null }];
}

/** How long to watch, and what to do with what was seen. */
export interface Watch<T> {
  /** Milliseconds from the moment all watches stand. */
  forMs: number;
  /** Ends the watching before its time; absent to use all of it. */
  enough?: () => boolean;
  onProgress?: (progress: ObserveProgress) => void;
  /** Runs while the watches still stand. `notes`: what they could not see, and whether they were ended early. */
  conclude(seen: { watchedMs: number; notes: Note[] }): Promise<T>;
}

/**
 * Keeps the look up to date until the time is over, enough was seen or the signal aborts, then concludes. An abort ends
 * only the watching: the conclusion says what was seen until then.
 */
export async function watchThenConclude<T>(
  cluster: Cluster,
  clock: Clock,
  look: FirstLook,
  { forMs, enough = () => false, onProgress = () => {}, conclude }: Watch<T>,
  signal: AbortSignal,
): Promise<T> {
  const stop = new AbortController();
  const watching = new Watching(cluster, clock, look, stop.signal);
  const begun = clock.mono();
  let settledAt: Mono | null = null;
  while (!signal.aborted) {
    const now = clock.mono();
    if (settledAt === null && (watching.settled || now - begun >= SETTLE_WITHIN_MS)) settledAt = now;
    const elapsedMs = settledAt === null ? 0 : now - settledAt;
    if (settledAt !== null && (elapsedMs >= forMs || enough())) break;
    const open = openCases(look.book.sights(), { now, serverClock: look.book.serverClock }).filter(
      ({ renewal }) => renewal.state !== 'perpetual',
    );
    const decided = open.filter(({ renewal }) => renewal.grade === 'watched').length;
    onProgress({ elapsedMs, forMs, decided, total: open.length });
    await clock.sleep(Math.min(TICK_MS, settledAt === null ? TICK_MS : forMs - elapsedMs), signal);
  }
  const watchedMs = settledAt === null ? 0 : clock.mono() - settledAt;
  const notes = [...watching.notes, ...blindNote(watching)];
  if (signal.aborted) {
    const text = 'watching was ended early: verdicts rest on what was seen until then';
    notes.push({ code: 'interrupted', text, hint: null });
  }
  try {
    return await conclude({ watchedMs, notes });
  } finally {
    stop.abort();
    await watching.ended();
  }
}

/**
 * Watches for `forMs` milliseconds from the moment all watches stand, then concludes. An abort ends the watching
 * early; the conclusion then says what was seen until then. Rejects only if the first look fails.
 */
export async function observe(
  cluster: Cluster,
  clock: Clock,
  scope: LsScope,
  forMs: number,
  signal: AbortSignal,
  onProgress: (progress: ObserveProgress) => void = () => {},
): Promise<Snapshot> {
  const look = await lookTwice(cluster, clock, scope, signal);
  // The interruption ended the watching, not the answer: what follows takes well under a second.
  const answering = new AbortController().signal;
  const conclude = async ({ notes }: { notes: Note[] }): Promise<Snapshot> => {
    const moment = { now: clock.mono(), serverClock: look.book.serverClock };
    const accused = openCases(look.book.sights(), moment).filter(({ suspicious }) => suspicious);
    await readStored(cluster, clock, look, accused, 'see', answering);
    return concludeNow(cluster, clock, look.book, [...look.notes, ...notes], answering);
  };
  return watchThenConclude(cluster, clock, look, { forMs, onProgress, conclude }, signal);
}
