/** An unchanged write that is not stored: what the API server would answer to a renewal. */
import type { ProbeResult } from '../../core/describe/case-file.ts';
import { isLeaderError, type LeaderError } from '../../core/errors.ts';
import { type LockHalf, lockLabel } from '../../core/lock.ts';
import { LOCK_RESOURCES } from '../../core/lock-resources.ts';
import type { Clock } from '../ports.ts';
import type { Means } from '../traces.ts';

/** A renewal may come between the reading and the write: only a conflict that stays is one of the API server's own. */
const TRIES = 4;
const PAUSE_MS = 200;

function refusal({ code, message }: LeaderError): Pick<ProbeResult, 'outcome' | 'text'> {
  if (/admission webhook|denied the request/.test(message)) {
    return { outcome: 'admission', text: `refused by admission: ${message}` };
  }
  switch (code) {
    case 'forbidden':
      return {
        outcome: 'forbidden',
        text: `you may not write it, which says nothing of its holder: ${message}`,
      };
    case 'invalid':
      return { outcome: 'invalid', text: `refused as invalid: ${message}` };
    default:
      return { outcome: 'failed', text: `no answer that tells: ${message}` };
  }
}

async function probe(half: LockHalf, means: Means, clock: Clock): Promise<ProbeResult> {
  const { cluster, signal } = means;
  const { kind, namespace, name } = half.ref;
  const resource = LOCK_RESOURCES[kind];
  const object = { kind, namespace, name };
  const quorum = { projection: 'metadata', consistency: 'quorum' } as const;
  let conflict = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await clock.sleep(PAUSE_MS, signal);
    try {
      const { uid = '', resourceVersion = '' } = (
        await cluster.get(resource, namespace, name, quorum, signal)
      ).object.metadata;
      const unchanged = { uid, resourceVersion };
      await cluster.patch(resource, namespace, name, {}, unchanged, { dryRun: true }, signal);
      return { object, outcome: 'accepted', text: 'accepted: nothing in the API server stands against it' };
    } catch (error) {
      if (!isLeaderError(error) || error.code === 'interrupted') throw error;
      if (error.code !== 'conflict') return { object, ...refusal(error) };
      conflict = error.message;
    }
  }
  const text = `409 Conflict ${TRIES} times, each with the version just read from the store: the API server itself has a stale view of ${lockLabel(half.ref)} (${conflict})`;
  return { object, outcome: 'conflict', text };
}

/** Asks for each half. Nothing is written. Rejects only with `interrupted`. */
export function probeObjects(
  halves: readonly LockHalf[],
  means: Means,
  clock: Clock,
): Promise<ProbeResult[]> {
  return Promise.all(halves.map((half) => probe(half, means, clock)));
}
