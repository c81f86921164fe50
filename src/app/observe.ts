import type { Note } from '../core/evidence.ts';
import type { Snapshot } from '../core/report.ts';
import type { Mono } from '../core/time.ts';
import type { LsScope } from './first-look.ts';
import type { Clock, Cluster } from './ports.ts';
import { concludeNow, lookTwice, readStored, watchWithHolders } from './survey.ts';
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

function refusedNote({ failure }: Watching): Note[] {
  if (failure === null) return [];
  const text = 'nothing could be watched: the verdicts rest on comparing clocks, as without --observe';
  return [{ code: 'provisional', text, hint: failure.hint }];
}

/**
 * Watches for `forMs` milliseconds from the moment all watches stand, then concludes. An abort ends the watching
 * early; the conclusion then says what was seen until then. Where nothing may be watched it ends at once. Rejects only
 * if the first look fails.
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
  const stop = new AbortController();
  const watching = new Watching(cluster, clock, look, stop.signal);
  const watchOn = async (): Promise<void> => {
    const begun = clock.mono();
    let settledAt: Mono | null = null;
    while (!signal.aborted && watching.failure === null) {
      const now = clock.mono();
      if (settledAt === null && (watching.settled || now - begun >= SETTLE_WITHIN_MS)) settledAt = now;
      const elapsedMs = settledAt === null ? 0 : now - settledAt;
      if (settledAt !== null && elapsedMs >= forMs) break;
      const open = look.book.openCases(clock).filter(({ renewal }) => renewal.state !== 'perpetual');
      const decided = open.filter(({ renewal }) => renewal.grade === 'watched').length;
      onProgress({ elapsedMs, forMs, decided, total: open.length });
      await clock.sleep(Math.min(TICK_MS, settledAt === null ? TICK_MS : forMs - elapsedMs), signal);
    }
  };
  await watchWithHolders(cluster, clock, look.book, watchOn);
  const accused = look.book.openCases(clock).filter(({ suspicious }) => suspicious);
  // The interruption ended the watching, not the answer: what follows takes well under a second.
  const conclude = new AbortController().signal;
  const unanswered = await readStored(cluster, clock, look, accused, 'see', conclude);
  if (unanswered !== null) watching.lostTouch(unanswered);
  await look.others.read(accused, 'see', conclude);
  const notes = [
    ...look.notes,
    ...look.others.notes,
    ...watching.notes,
    ...refusedNote(watching),
    ...watching.blindNotes(),
  ];
  const interrupted: Note[] = signal.aborted
    ? [
        {
          code: 'interrupted',
          text: 'watching was ended early: verdicts rest on what was seen until then',
          hint: null,
        },
      ]
    : [];
  const snapshot = await concludeNow(
    cluster,
    clock,
    look.book,
    [...notes, ...interrupted],
    conclude,
    look.others.unread,
  );
  stop.abort();
  await watching.ended();
  return snapshot;
}
