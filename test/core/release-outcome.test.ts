import { describe, expect, it } from 'vitest';
import type { LockHalf, LockRecord } from '../../src/core/lock.ts';
import { describeOutcome, outcomeOf, type ReleaseOutcome } from '../../src/core/release-outcome.ts';
import type { LockReport } from '../../src/core/report.ts';
import type { VerdictCode } from '../../src/core/verdict.ts';
import { half, holder } from './cases.ts';
import { reportOf } from './release-stage.ts';

const OLD = 'old-1';

function seen(resourceVersion: string, over: Partial<LockRecord>, more: Partial<LockHalf> = {}): LockHalf {
  return half(over, { resourceVersion, ...more });
}

const BEFORE = seen('100', { holderIdentity: OLD });
const FREED = seen('101', { holderIdentity: '', durationMs: 1_000 });
const WRITTEN_AT = 5_000;

/** Sights a second apart after the write. */
function outcome(action: 'vacate' | 'delete', ...halves: (LockHalf | null)[]): ReleaseOutcome {
  const sights = halves.map((sight, index) => ({ half: sight, at: WRITTEN_AT + (index + 1) * 1_000 }));
  return outcomeOf(BEFORE, { action, at: WRITTEN_AT }, sights);
}

describe('what became of a vacated lock', () => {
  it.each<[string, (LockHalf | null)[], ReleaseOutcome]>([
    ['nothing was seen yet', [], { is: 'still-vacant' }],
    ['our own write is no takeover', [FREED], { is: 'still-vacant' }],
    [
      'somebody else took it',
      [FREED, seen('102', { holderIdentity: 'new-1' })],
      { is: 'taken-over', by: 'new-1', afterMs: 2_000 },
    ],
    [
      'its holder took it back, with its old acquireTime',
      [FREED, seen('102', { holderIdentity: OLD, transitions: 2 })],
      { is: 'retaken-by-same', by: OLD, afterMs: 2_000 },
    ],
    [
      'the first taker counts, though another follows',
      [seen('103', { holderIdentity: OLD, transitions: 2 }), seen('109', { holderIdentity: 'new-1' })],
      { is: 'retaken-by-same', by: OLD, afterMs: 1_000 },
    ],
    [
      'a watch that lags behind shows the past',
      [seen('99', { holderIdentity: 'older' }), BEFORE],
      { is: 'still-vacant' },
    ],
    [
      'past and future are numbers',
      [seen('1000', { holderIdentity: 'new-1' })],
      { is: 'taken-over', by: 'new-1', afterMs: 1_000 },
    ],
    [
      'versions that are no numbers only differ',
      [seen('z', { holderIdentity: 'new-1' })],
      { is: 'taken-over', by: 'new-1', afterMs: 1_000 },
    ],
    ['somebody deleted it', [FREED, null], { is: 'vanished' }],
    [
      'somebody put the old record back',
      [FREED, seen('102', { holderIdentity: OLD })],
      { is: 'not-freed', why: 'the object still carries the old record' },
    ],
    [
      'somebody broke its record',
      [FREED, half({}, { resourceVersion: '102', content: { state: 'invalid', why: 'no JSON' } })],
      { is: 'not-freed', why: 'no JSON' },
    ],
  ])('%s', (_, halves, expected) => {
    expect(outcome('vacate', ...halves)).toEqual(expected);
  });
});

describe('what became of a deleted lock', () => {
  const anew = (by: string) => seen('102', { holderIdentity: by }, { uid: 'uid-2' });
  it.each<[string, (LockHalf | null)[], ReleaseOutcome]>([
    ['nobody created it', [], { is: 'vanished' }],
    ['nobody created it, and that was seen', [BEFORE, null], { is: 'vanished' }],
    [
      'its holder created it, word for word',
      [null, anew(OLD)],
      { is: 'retaken-by-same', by: OLD, afterMs: 2_000 },
    ],
    ['somebody else created it', [null, anew('new-1')], { is: 'taken-over', by: 'new-1', afterMs: 2_000 }],
    ['it was created, and nobody holds it', [null, anew('')], { is: 'still-vacant' }],
    [
      'a finalizer keeps it',
      [seen('101', { holderIdentity: OLD })],
      { is: 'not-freed', why: 'the object still carries the old record' },
    ],
  ])('%s', (_, halves, expected) => {
    expect(outcome('delete', ...halves)).toEqual(expected);
  });
});

describe('in words', () => {
  const retaken: ReleaseOutcome = { is: 'retaken-by-same', by: OLD, afterMs: 1_900 };
  const taken: ReleaseOutcome = { is: 'taken-over', by: 'new-1', afterMs: 2_400 };
  const strange = { holder: holder('unmatched') };
  const unfit = { holder: holder('failing') };

  it.each<[VerdictCode, Partial<LockReport>, ReleaseOutcome, boolean, RegExp]>([
    ['Orphaned', {}, taken, true, /^Taken over by new-1 after 2.4 s null$/],
    ['Healthy', {}, taken, true, /within about 10 s, two may lead/],
    ['Frozen', {}, retaken, true, /same holder, .* after 1.9 s .*can write its lock again/],
    ['Silent', {}, retaken, true, /runs and can write/],
    ['Ghost', {}, retaken, false, /exists nowhere.*ghost.*kubectl leader depose/],
    ['Orphaned', {}, retaken, false, /exists nowhere.*ghost.*kubectl leader depose/],
    ['Orphaned', unfit, retaken, false, /unfit to lead.*depose/],
    ['Orphaned', strange, retaken, false, /whose identity/],
    ['Healthy', {}, retaken, false, /never stopped leading.*depose/],
    ['Undecided', { holder: holder('alive') }, retaken, false, /It is alive, so nothing has changed/],
    ['Orphaned', {}, { is: 'still-vacant' }, false, /after 30 s.*not the cure .*Start the workload/],
    ['Abandoned', {}, { is: 'still-vacant' }, true, /nothing runs that would take it/],
    ['Frozen', {}, { is: 'vanished' }, false, /after 30 s nobody had created it again .*Start the workload/],
    ['Abandoned', {}, { is: 'vanished' }, true, /deleted/],
    ['Frozen', {}, { is: 'not-freed', why: 'odd\u001b' }, false, /Not freed: odd\^\[/],
  ])('%s %o: %o', (verdict, more, result, asHoped, pattern) => {
    const said = describeOutcome(result, reportOf(verdict, 'lease', more), 30_000);
    expect(`${said.text} ${said.hint}`).toMatch(pattern);
    expect(said.asHoped).toBe(asHoped);
  });

  it('names the workload that should take it, and claims nothing after a short wait', () => {
    const workload = { kind: 'Deployment', namespace: 'apps', name: 'worker' };
    const said = (candidates: number, waitedMs: number): string => {
      const report = reportOf('Orphaned', 'lease', { holder: holder('gone', { workload }), candidates });
      const { text, hint } = describeOutcome({ is: 'still-vacant' }, report, waitedMs);
      return `${text}. ${hint}`;
    };
    expect(said(0, 30_000)).toMatch(/not the cure.*pods of deployment apps\/worker.*none of them is running/);
    expect(said(2, 3_000)).toMatch(/after 3 s: nobody took it so far.*see in their logs/);
  });

  it('no identity reaches the terminal unescaped', () => {
    const by = 'evil\u001b[2J';
    expect(describeOutcome({ ...taken, by }, reportOf('Orphaned'), 1).text).not.toContain('\u001b');
    const report = reportOf('Orphaned', 'lease', { holder: holder('gone', { identity: by }) });
    expect(describeOutcome({ ...retaken, by }, report, 1).text).not.toContain('\u001b');
  });
});
