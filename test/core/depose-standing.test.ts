import { describe, expect, it } from 'vitest';
import { isStartedAgain, reignsAfter } from '../../src/core/depose-outcome.ts';
import { describeStanding, standingOf } from '../../src/core/depose-standing.ts';
import type { LockHalf } from '../../src/core/lock.ts';
import { half } from './cases.ts';

const SHOWN = half();
const OLD = 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';
const ME = 'me';
const PARTIES = { shown: SHOWN, deposed: OLD, identity: ME };

describe('whose a half is', () => {
  it.each<[string, LockHalf | null, string, RegExp]>([
    ['renewed since', half({ renewTime: 1 }, { resourceVersion: '101' }), 'theirs', /old holder again/],
    ['ours', half({ holderIdentity: ME }), 'ours', /this command/],
    ['of somebody else', half({ holderIdentity: 'x\u0007' }), 'taken', /taken by x\\x07$/],
    ['free', half({ holderIdentity: '' }), 'freed', /freed by somebody else/],
    ['deleted', null, 'gone', /deleted by somebody else/],
    [
      'made anew by the old holder',
      half({}, { uid: 'uid-2' }),
      'replaced',
      /made anew, and is held by worker-1/,
    ],
    ['made anew, and free', half({ holderIdentity: null }, { uid: 'uid-2' }), 'replaced', /held by nobody/],
    ['made anew in our name', half({ holderIdentity: ME }, { uid: 'uid-2' }), 'replaced', /held by me/],
    ['without a term any more', half({}, { heartbeat: null }), 'not-claimable', /cannot be claimed any more/],
    ['for longer than was shown', half({ durationMs: 60_000 }), 'prolonged', /for 60 s now, longer than/],
    ['for less than was shown', half({ durationMs: 5_000 }), 'theirs', /old holder again/],
    ['broken', half({}, { content: { state: 'invalid', why: 'no JSON' } }), 'undecodable', /broken: no JSON/],
  ])('%s', (_, now, is, says) => {
    const standing = standingOf(PARTIES, now);
    expect(standing.is).toBe(is);
    expect(describeStanding(standing, SHOWN.ref)).toMatch(says);
  });

  it('a half that named somebody else, or nobody, when it was shown is still as it was', () => {
    const free = half({ holderIdentity: '' });
    expect(standingOf({ ...PARTIES, shown: free }, free).is).toBe('theirs');
    const other = half({ holderIdentity: 'behind' });
    expect(standingOf({ ...PARTIES, shown: other }, other).is).toBe('theirs');
    expect(standingOf({ ...PARTIES, shown: other }, half()).is).toBe('theirs');
  });
});

describe('who holds it afterwards', () => {
  const at = (resourceVersion: string, holderIdentity: string | null, time: number) => ({
    half: half({ holderIdentity }, { resourceVersion }),
    at: time,
  });

  it('is told once for each change, and nothing of what was before', () => {
    const sights = [
      at('99', OLD, 1),
      at('100', ME, 2),
      at('101', ME, 2.5),
      at('101', '', 3),
      at('102', 'a', 4),
      at('103', 'a', 5),
      { half: null, at: 6 },
      at('105', 'b', 7),
    ];
    expect(reignsAfter(half({ holderIdentity: ME }), sights)).toEqual([
      { by: 'a', at: 4 },
      { by: null, at: 6 },
      { by: 'b', at: 7 },
    ]);
  });

  const UUIDS = ['6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11', '11111111-2222-4333-8444-555555555555'];

  it.each([
    ['web-0', 'web-0', true],
    [`web-0_${UUIDS[0]}`, `web-0_${UUIDS[1]}`, true],
    [`web-0_${UUIDS[0]}`, 'web-0', true],
    [`web-0_${UUIDS[0]}`, `web-1_${UUIDS[0]}`, false],
    [UUIDS[0]!, UUIDS[0]!, false],
    [UUIDS[0]!, UUIDS[1]!, false],
    ['stranger@laptop', 'second@laptop', false],
    ['master-1_first', 'master-1_second', false],
    ['laptop:8080', 'laptop:9090', false],
    [`master-1_${UUIDS[0]}`, `master-1_${UUIDS[1]}`, true],
  ])('%s and %s: the same process, started again? %s', (a, b, same) => {
    expect(isStartedAgain(a, b, SHOWN.ref)).toBe(same);
  });
});
