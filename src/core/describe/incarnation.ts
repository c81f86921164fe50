import type { Holder } from '../holder.ts';
import { isZoneless, recordOf } from '../lock.ts';
import { isRenewed } from '../renewal.ts';
import type { LockReport } from '../report.ts';
import { formatSecondTime, type Instant, proseDuration } from '../time.ts';
import type { Incarnation, NodeDetails, PodDetails } from './case-file.ts';

/** The API server writes whole seconds, and so do kubelets. Milliseconds. */
const GRAIN_MS = 2_000;

function unknown(why: string): Incarnation {
  return { same: null, text: `cannot be told: ${why}` };
}

function namesProcess({ identity }: Holder): boolean {
  return identity !== null && /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(identity);
}

function ofPod(pod: PodDetails, acquired: Instant, { renewal, holder }: LockReport): Incarnation {
  const { startedAt, firstStartedAt } = pod;
  if (startedAt === null) return { same: false, text: 'no container of it runs' };
  const lateMs = startedAt - acquired;
  if (lateMs <= GRAIN_MS) {
    const before = proseDuration(Math.max(0, -lateMs));
    return { same: true, text: `yes: its container started ${before} before the lock was acquired` };
  }
  const since = `started ${formatSecondTime(startedAt)}, ${proseDuration(lateMs)} after the lock was acquired`;
  if (firstStartedAt !== null && firstStartedAt - acquired <= GRAIN_MS) {
    return unknown(
      `one of its containers ${since}, and another one before: which of them holds it is not known`,
    );
  }
  const started = `its container ${since}`;
  if (!isRenewed(renewal)) return { same: false, text: `no: ${started}` };
  // A name without a UUID is taken up again by the next process: nobody had to wait for the term to end.
  return namesProcess(holder)
    ? unknown(`${started}, and yet it is renewed under an identity that one process makes up for itself`)
    : { same: false, text: `no: ${started}; the new process goes on under the same identity` };
}

/**
 * Whether the process that acquired the lock is the one that is there now. Container and record are written by clocks
 * of one machine, unless the holder's clock is known to be off.
 */
export function incarnationOf(
  report: LockReport,
  pod: PodDetails | null,
  node: NodeDetails | null,
): Incarnation | null {
  const { lock, renewal } = report;
  const acquired = recordOf(lock.primary)?.acquireTime ?? null;
  if (pod === null && node === null) return null;
  if (acquired === null) return unknown('the record does not say when the lock was acquired');
  if (renewal.holderSkewMs !== null || isZoneless(lock.primary)) {
    return unknown("the holder's clock is not to be trusted");
  }
  if (pod !== null) return ofPod(pod, acquired, report);
  return unknown('a node does not tell when a process on it started');
}
