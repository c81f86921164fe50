import type { Note } from './evidence.ts';
import { holderOf } from './lock.ts';
import type { LockReport } from './report.ts';
import { printable } from './text.ts';

/** Fewer locks than this, or a smaller share of all, are no pattern. */
const TOGETHER_AT_LEAST = 3;
const TOGETHER_SHARE = 0.5;

/** Locks whose last renewals lie within this window stopped at the same moment, retry periods apart, milliseconds. */
const SAME_MOMENT_MS = 30_000;

export interface CommonCause {
  /** The locks in trouble together. */
  reports: ReadonlySet<LockReport>;
  text: string;
}

/** A holder that is gone, unfit or unknown to the cluster explains its own silence. */
function couldRenew({ lock, renewal, holder, heartbeat }: LockReport): boolean {
  if (heartbeat !== null || holderOf(lock.primary) === null || renewal.state === 'perpetual') return false;
  return holder.presence === 'alive' || holder.presence === 'unknown';
}

function inTrouble({ renewal }: LockReport): boolean {
  return renewal.state === 'late' || renewal.state === 'silent';
}

function stoppedAgoMs(report: LockReport | undefined): number {
  return report?.renewal.lastRenewedAgoMs ?? 0;
}

/** Where the holder runs, as far as that is known: locks of one process or machine share more than the API server. */
function placeOf({ holder }: LockReport): string {
  return holder.pod?.node ?? holder.node?.name ?? holder.identity ?? '';
}

/**
 * Many locks late or silent since the same moment do not fail one by one: if their holders run in different places, the
 * API server, etcd or a webhook fails them; if all run on one node, that node does. Locks that stopped at different
 * times (a leftover of last year, a frozen one) do not count.
 */
export function findCommonCause(reports: readonly LockReport[]): CommonCause | null {
  const able = reports.filter(couldRenew);
  const troubled = able.filter(inTrouble).sort((a, b) => stoppedAgoMs(a) - stoppedAgoMs(b));
  let together: LockReport[] = [];
  let start = 0;
  for (let end = 0; end < troubled.length; end += 1) {
    while (stoppedAgoMs(troubled[end]) - stoppedAgoMs(troubled[start]) > SAME_MOMENT_MS) start += 1;
    if (end - start + 1 > together.length) together = troubled.slice(start, end + 1);
  }
  if (together.length < TOGETHER_AT_LEAST || together.length < able.length * TOGETHER_SHARE) return null;
  if (new Set(together.map(({ holder }) => holder.identity)).size < 2) return null;
  const places = new Set(together.map(placeOf));
  const [place] = places;
  const count = `${together.length} of ${able.length} locks were late or silent together`;
  const text =
    places.size === 1
      ? `${count}, and all their holders run on node ${printable(place ?? '')}: look at that node first`
      : `${count}: look at the API server, etcd or a webhook, not at one operator`;
  return { reports: new Set(together), text };
}

export function commonCauseNote({ text }: CommonCause): Note {
  return { code: 'common-cause', text, hint: null };
}
