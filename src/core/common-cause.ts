import type { Note } from './evidence.ts';
import { holderOf } from './lock.ts';
import type { LockReport } from './report.ts';

/** Fewer locks than this, or a smaller share of all, are no pattern. */
const TOGETHER_AT_LEAST = 3;
const TOGETHER_SHARE = 0.5;

/** Locks whose last renewals lie within this window stopped at the same moment, retry periods apart, milliseconds. */
const SAME_MOMENT_MS = 30_000;

export interface CommonCause {
  /** The locks in trouble together. */
  reports: ReadonlySet<LockReport>;
  /** Locks that renew at all: what the share is taken of. */
  outOf: number;
  text: string;
}

function inTrouble({ renewal, holder }: LockReport): boolean {
  // A holder that is gone explains its own silence.
  const excused = holder.presence === 'gone' || holder.presence === 'failing' || holder.presence === 'nobody';
  return !excused && (renewal.state === 'late' || renewal.state === 'silent');
}

/**
 * Many locks late or silent since the same moment, with different holders, do not fail one by one: the API server,
 * etcd or a webhook does. Locks that stopped at different times (a leftover of last year, a frozen one) do not count.
 */
export function findCommonCause(reports: readonly LockReport[]): CommonCause | null {
  const renewed = reports.filter(
    ({ lock, renewal, heartbeat }) =>
      heartbeat === null && holderOf(lock.primary) !== null && renewal.state !== 'perpetual',
  );
  const troubled = renewed
    .filter(inTrouble)
    .sort((a, b) => (a.renewal.lastRenewedAgoMs ?? 0) - (b.renewal.lastRenewedAgoMs ?? 0));
  let together: LockReport[] = [];
  let start = 0;
  for (let end = 0; end < troubled.length; end += 1) {
    const newest = (report: LockReport | undefined): number => report?.renewal.lastRenewedAgoMs ?? 0;
    while (newest(troubled[end]) - newest(troubled[start]) > SAME_MOMENT_MS) start += 1;
    if (end - start + 1 > together.length) together = troubled.slice(start, end + 1);
  }
  const holders = new Set(together.map(({ lock }) => holderOf(lock.primary)));
  const enough = together.length >= TOGETHER_AT_LEAST && together.length >= renewed.length * TOGETHER_SHARE;
  if (!enough || holders.size < 2) return null;
  return {
    reports: new Set(together),
    outOf: renewed.length,
    text: `${together.length} of ${renewed.length} locks were late together: look at the API server, etcd or a webhook, not at one operator`,
  };
}

export function commonCauseNote({ text }: CommonCause): Note {
  return { code: 'common-cause', text, hint: null };
}
