import type { OpenCase } from '../core/assess.ts';
import type { Note } from '../core/evidence.ts';
import { silenceProofMs } from '../core/judge-renewal.ts';
import { holderOf, recordOf } from '../core/lock.ts';
import { isRenewed } from '../core/renewal.ts';
import type { Mono } from '../core/time.ts';
import type { FirstLook } from './first-look.ts';
import type { Clock, Cluster } from './ports.ts';
import { Watching } from './watching.ts';

/** How often progress is told, milliseconds. */
const TICK_MS = 250;

/** A watch that cannot be established is not waited for longer than this, milliseconds. */
const SETTLE_WITHIN_MS = 10_000;

/** Without a view for longer than this, all interruptions together, the watching is given up, milliseconds. */
const MOST_BLIND_MS = 60_000;

/** So many renewals prove that a lock is renewed, and show how far they are apart. */
const PROVEN_BY = 2;

export interface WatchProgress {
  elapsedMs: number;
  forMs: number;
  /** Renewals of the half that counts, seen so far. */
  seen: number;
}

function caseOf(look: FirstLook, clock: Clock): OpenCase | undefined {
  return look.book.openCases(clock)[0];
}

/**
 * How long a lock has to be watched until its silence is proven, milliseconds: the duration of either half and the
 * retry jitter of candidates. Zero where no watching tells anything: nobody holds it, or it is never renewed.
 */
export function proofMs(look: FirstLook, clock: Clock): number {
  const lock = caseOf(look, clock)?.lock;
  if (lock === undefined) return 0;
  const held = [lock.primary, lock.secondary].filter(
    (half) => half !== null && half.heartbeat !== null && holderOf(half) !== null,
  );
  return Math.max(0, ...held.map((half) => silenceProofMs(half === null ? null : recordOf(half))));
}

function isProvenRenewing(open: OpenCase | undefined, provenBy: number): boolean {
  if (open === undefined) return false;
  const { renewal } = open;
  return renewal.grade === 'watched' && isRenewed(renewal) && renewal.seen >= provenBy;
}

/**
 * Watches the objects of one lock for `forMs` milliseconds from the moment the watches stand, interruptions not counted,
 * or until `provenBy` renewals were seen. What is seen goes into the book of the look; resolves to what hindered the view.
 * An abort ends it early.
 */
export async function watchLock(
  cluster: Cluster,
  clock: Clock,
  look: FirstLook,
  forMs: number,
  signal: AbortSignal,
  onProgress: (progress: WatchProgress) => void = () => {},
  provenBy: number = PROVEN_BY,
): Promise<Note[]> {
  if (forMs <= 0) return [];
  const stop = new AbortController();
  const watching = new Watching(cluster, clock, look, stop.signal);
  const begun = clock.mono();
  let settledAt: Mono | null = null;
  try {
    while (!signal.aborted) {
      const now = clock.mono();
      if (settledAt === null && (watching.settled || now - begun >= SETTLE_WITHIN_MS)) settledAt = now;
      const blindMs = watching.blindMs();
      const elapsedMs = settledAt === null ? 0 : now - settledAt - blindMs;
      const open = caseOf(look, clock);
      const blindForGood = watching.notes.length === look.sources.length || blindMs > MOST_BLIND_MS;
      if (elapsedMs >= forMs || isProvenRenewing(open, provenBy) || blindForGood) break;
      onProgress({ elapsedMs, forMs, seen: open?.renewal.seen ?? 0 });
      await clock.sleep(Math.min(TICK_MS, settledAt === null ? TICK_MS : forMs - elapsedMs), signal);
    }
  } finally {
    stop.abort();
    await watching.ended();
    // From here on nothing is seen any more, so nothing may count as silence.
    for (const { source } of look.sources) look.book.disconnected(source.kind, clock.mono());
  }
  return [...watching.notes, ...watching.blindNotes()];
}
