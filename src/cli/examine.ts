import { type ExaminedLock, examineLock } from '../app/examine-lock.ts';
import { findLock } from '../app/find-lock.ts';
import type { Cluster } from '../app/ports.ts';
import type { WatchProgress } from '../app/watch-lock.ts';
import { lockId } from '../core/lock.ts';
import { describeWatching, wholeSeconds } from '../core/progress-words.ts';
import { printable } from '../core/text.ts';
import type { Host } from './host.ts';
import { Remarks } from './ls-remarks.ts';
import type { Teller } from './teller.ts';

/** A lock as the user named it. */
export interface Named {
  lock: string;
  /** From `--namespace`; null if it was not given. */
  namespace: string | null;
  /** How long to watch it, milliseconds; null for as long as it needs. */
  observeMs: number | null;
}

/** Finds one lock, watches and judges it, and tells how that goes. */
export async function examine(
  host: Host,
  cluster: Cluster,
  { lock, namespace, observeMs }: Named,
  teller: Teller,
): Promise<ExaminedLock> {
  const { clock, signal } = host;
  const look = await findLock(cluster, clock, lock, { namespace }, signal);
  const label = printable(lockId(look.ref));
  let told = false;
  const watched = (progress: WatchProgress): void => {
    if (!told && !host.stderr.isTTY)
      teller.aside(`watching ${label} for up to ${wholeSeconds(progress.forMs)} s\n`);
    told = true;
    teller.progress(describeWatching(label, progress));
  };
  const examined = await examineLock(cluster, clock, look, { observeMs }, signal, watched);
  teller.progress(null);
  new Remarks((text) => teller.aside(text)).tell(examined.notes);
  return examined;
}
