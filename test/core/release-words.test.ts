import { describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import type { ReleasePlan } from '../../src/core/release-plan.ts';
import type { Aftermath, StepResult, WriteResult } from '../../src/core/release-result.ts';
import { describeRest, describeWrite, type Ending, endingOf } from '../../src/core/release-words.ts';
import { plan, reportOf } from './release-stage.ts';

const WRITTEN: WriteResult = { is: 'written', at: 0, answered: true };
const FAILED: WriteResult = {
  is: 'failed',
  error: new LeaderError('forbidden', 'no\u001b', { hint: 'ask' }),
};
const CONFLICT: WriteResult = { is: 'conflict', change: { is: 'freed' }, report: null };
const UNKNOWN: WriteResult = { is: 'unknown', error: new LeaderError('timeout', 'late'), now: null };

function planned(shape: 'lease' | 'multilock', strategy: 'vacate' | 'delete' = 'vacate'): ReleasePlan {
  const made = plan(reportOf('Orphaned', shape), { strategy });
  if (made.is === 'refusal') throw new Error(made.why);
  return made;
}

function writes({ steps }: ReleasePlan, ...results: WriteResult[]): StepResult[] {
  return results.flatMap((result, at) => {
    const step = steps[at];
    return step === undefined ? [] : [{ step, result }];
  });
}

describe('how it ended', () => {
  const taken: Aftermath = { is: 'taken-over', by: 'x', afterMs: 1 };
  it.each<[string, WriteResult[], Aftermath | null, Ending]>([
    ['both written, taken', [WRITTEN, WRITTEN], taken, 'as-hoped'],
    ['both written, not taken', [WRITTEN, WRITTEN], { is: 'still-vacant' }, 'not-as-hoped'],
    ['both written, not waited', [WRITTEN, WRITTEN], { is: 'not-waited' }, 'as-hoped'],
    ['half written, taken', [WRITTEN, FAILED], taken, 'as-hoped'],
    ['half written, not waited', [WRITTEN, FAILED], { is: 'not-waited' }, 'not-as-hoped'],
    ['half written, then a conflict, taken', [WRITTEN, CONFLICT], taken, 'as-hoped'],
    ['nothing written for a conflict', [CONFLICT], null, 'changed'],
    ['nothing written', [FAILED], null, 'failed'],
    ['nobody knows', [UNKNOWN], null, 'failed'],
    ['a dry run of both', [WRITTEN, WRITTEN], null, 'as-hoped'],
    ['a dry run of which half failed', [WRITTEN, FAILED], null, 'failed'],
  ])('%s', (_, results, aftermath, expected) => {
    const made = planned('multilock');
    const result = {
      backups: [],
      writes: writes(made, ...results),
      aftermath,
      waitedMs: 30_000,
      interrupted: false,
    };
    expect(endingOf(made, result, reportOf('Orphaned', 'multilock'))).toBe(expected);
  });
});

describe('in words', () => {
  it('a failure names no control characters, and what to do', () => {
    const [write] = writes(planned('lease'), FAILED);
    expect(describeWrite(write!, false)).toEqual({ text: 'lease/worker was not vacated: no^[', hint: 'ask' });
  });

  it('nothing is half done where all or nothing was', () => {
    const made = planned('multilock');
    expect(describeRest(made, writes(made, WRITTEN, WRITTEN))).toBeNull();
    expect(describeRest(made, writes(made, FAILED))).toBeNull();
  });

  it('a lock that changed is not to be finished blindly', () => {
    const made = planned('multilock');
    expect(describeRest(made, writes(made, WRITTEN, CONFLICT))?.hint).not.toContain('patch');
  });

  it('the command that finishes it survives the shell', () => {
    const made = planned('multilock');
    const [first, second] = made.steps;
    const patch = { spec: { note: "it's" } };
    const steps = [first!, { ...second!, action: 'vacate' as const, patch }];
    const rest = describeRest({ ...made, steps }, writes(made, WRITTEN, FAILED));
    expect(rest?.hint).toContain(`"note":"it'\\''s"`);
  });

  it('a deletion is finished by one that has preconditions', () => {
    const made = planned('multilock', 'delete');
    expect(describeRest(made, writes(made, WRITTEN, UNKNOWN))?.hint).toBe(
      'To finish: kubectl leader release apps/lease/worker --strategy delete',
    );
  });
});
