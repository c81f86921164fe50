import type { Standing } from '../core/depose-standing.ts';
import { LeaderError } from '../core/errors.ts';
import type { Mono } from '../core/time.ts';
import { isLost } from './write-step.ts';

/** What became of a claimant's taking, renewing or freeing. */
export type Claimed =
  /** `at`: when the write was sent. */
  | { is: 'written'; at: Mono; tries: number }
  /** It is not ours to write to: nothing was written. */
  | { is: 'stopped'; standing: Standing }
  /** Refused, or no answer came. A lost write that is ours all the same shows at the next one. */
  | { is: 'failed'; error: LeaderError }
  /** No answer came, and what is stored does not tell. `now`: who was read after it, null where nothing could be. */
  | { is: 'unknown'; error: LeaderError; now: { holder: string | null } | null };

/** A write without an answer. While the object stays in the version that it was sent for, it may still arrive. */
export interface Lost {
  error: LeaderError;
  version: string;
}

/** Whether the same write may succeed a moment later. */
export function isTransient(error: LeaderError): boolean {
  return error.code === 'conflict' || error.code === 'throttled' || isLost(error);
}

/** The answer to a taking was lost, and now the half is neither its old holder's nor ours. */
export function lostFor(error: LeaderError, standing: Standing): Claimed {
  if (standing.is === 'undecodable') return { is: 'unknown', error, now: null };
  return { is: 'unknown', error, now: { holder: 'by' in standing ? standing.by : null } };
}

/** It was answered as if it had been written, but what was answered is another record. */
export function notStored(): LeaderError {
  return new LeaderError('invalid', 'the API server answered the write and stored something else', {
    hint: 'An admission webhook may change what is written: see kubectl get mutatingwebhookconfigurations',
  });
}

export function leftInTime(): LeaderError {
  return new LeaderError('interrupted', 'interrupted before anything was written');
}

export function tookTooLong(): LeaderError {
  return new LeaderError('timeout', 'it took so long that the lock would run out meanwhile');
}
