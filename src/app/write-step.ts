import { isLeaderError, type LeaderError } from '../core/errors.ts';
import { holderOf, type LockHalf } from '../core/lock.ts';
import { changeSince, fateOf } from '../core/release-change.ts';
import type { WriteResult } from '../core/release-result.ts';
import type { ReleaseStep } from '../core/release-steps.ts';
import type { Resource } from '../core/resources.ts';
import type { Mono } from '../core/time.ts';
import type { Clock, Cluster } from './ports.ts';
import type { OutcomeWatch } from './watch-outcome.ts';
import { within } from './within.ts';

/** How long an answer to a write is waited for, milliseconds. */
const ANSWER_WITHIN_MS = 15_000;

/** A write that is answered 409 although nothing changed is sent so often before that is believed. */
const TRIES = 3;

/** Between two tries, and between two readings after a lost answer, milliseconds. */
const PAUSE_MS = 1_000;

/** After a lost answer the object is read so often, until it can be. */
const READINGS = 10;

/** What became of one write, as far as the object itself tells: `now` as it is stored, null if it is gone. */
export type Sent = Exclude<WriteResult, { is: 'conflict' }> | { is: 'conflict'; now: LockHalf | null };

/** What a write is made with. */
export interface Pen {
  cluster: Cluster;
  clock: Clock;
  resource: Resource;
  dryRun: boolean;
  /** Aborts when the user wants to leave: a write that is under way is still brought to its end. */
  leaving: AbortSignal;
}

async function send(step: ReleaseStep, { cluster, clock, resource, dryRun, leaving }: Pen): Promise<void> {
  const { ref, uid, resourceVersion } = step;
  const { namespace, name } = ref;
  const preconditions = { uid, resourceVersion };
  const write = async (late: AbortSignal): Promise<void> => {
    if (step.action === 'delete') {
      await cluster.delete(resource, namespace, name, preconditions, { dryRun }, late);
    } else {
      await cluster.patch(resource, namespace, name, step.patch, preconditions, { dryRun }, late);
    }
  };
  await within(clock, ANSWER_WITHIN_MS, write, leaving);
}

/** No answer, or one that says nothing: the write may have happened. */
export function isLost(error: LeaderError): boolean {
  return isLeaderError(error, 'unreachable', 'timeout', 'interrupted', 'bad-answer', 'server');
}

async function afterLostAnswer(
  step: ReleaseStep,
  before: LockHalf,
  eyes: OutcomeWatch,
  { clock, leaving }: Pen,
  { at, error }: { at: Mono; error: LeaderError },
): Promise<Sent> {
  for (let reading = 1; reading <= READINGS; reading += 1) {
    try {
      const now = await eyes.look();
      const fate = fateOf(
        before,
        step,
        eyes.sights.map(({ half }) => half),
      );
      if (fate === 'written') return { is: 'written', at, answered: false };
      if (fate === 'not-written') return { is: 'failed', error };
      return { is: 'unknown', error, now: { holder: now === null ? null : holderOf(now) } };
    } catch (failure) {
      if (!isLeaderError(failure)) throw failure;
      if (leaving.aborted) break;
      await clock.sleep(PAUSE_MS, leaving);
    }
  }
  return { is: 'unknown', error, now: null };
}

/**
 * Makes one write under its preconditions. Never rejects for what the cluster answers. A 409 is believed at once where
 * the object changed; where it did not, the same write is sent again a few times. A lost answer is never followed by
 * another write, only by reading.
 */
export async function writeStep(
  step: ReleaseStep,
  before: LockHalf,
  eyes: OutcomeWatch,
  pen: Pen,
): Promise<Sent> {
  for (let attempt = 1; ; attempt += 1) {
    const at = pen.clock.mono();
    try {
      await send(step, pen);
      return { is: 'written', at, answered: true };
    } catch (error) {
      if (!isLeaderError(error)) throw error;
      if (error.code === 'not-found') return { is: 'conflict', now: null };
      if (error.code !== 'conflict') {
        const lost = isLost(error) && !pen.dryRun;
        return lost ? afterLostAnswer(step, before, eyes, pen, { at, error }) : { is: 'failed', error };
      }
      const now = await eyes.look().catch((failure: unknown) => {
        if (!isLeaderError(failure)) throw failure;
        return undefined;
      });
      if (now === undefined) return { is: 'failed', error };
      const untouched = changeSince(step, now).is === 'none';
      if (!untouched || attempt >= TRIES || pen.leaving.aborted) return { is: 'conflict', now };
      await pen.clock.sleep(PAUSE_MS, pen.leaving);
    }
  }
}
