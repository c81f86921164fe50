import { describe, expect, it } from 'vitest';
import type { LockHalf, LockRecord } from '../../src/core/lock.ts';
import {
  type Change,
  changeSince,
  describeChange,
  type Fate,
  fateOf,
} from '../../src/core/release-change.ts';
import type { ReleaseStep } from '../../src/core/release-steps.ts';
import { half } from './cases.ts';

const HOLDER = 'old-1';

function seen(
  resourceVersion: string,
  over: Partial<LockRecord> = {},
  more: Partial<LockHalf> = {},
): LockHalf {
  const heartbeat = JSON.stringify({ holderIdentity: HOLDER, transitions: 1, ...over });
  const record = { holderIdentity: HOLDER, transitions: 1, ...over };
  return half(record, { resourceVersion, uid: 'u', heartbeat, ...more });
}

const BEFORE = seen('100');
const FREED = seen('101', { holderIdentity: '' });
const RENEWED = seen('101', { renewTime: 5 });
const RETAKEN = seen('102', { renewTime: 5, transitions: 2 });
const TAKEN = seen('102', { holderIdentity: 'new-1', transitions: 2 });
const EDITED = seen('101');
const ANEW = seen('105', { holderIdentity: 'new-1', transitions: 0 }, { uid: 'v' });
const BROKEN = half(
  {},
  { uid: 'u', resourceVersion: '101', content: { state: 'invalid', why: 'no\u001bJSON' } },
);

function step(action: 'vacate' | 'delete'): ReleaseStep {
  const { ref, uid, resourceVersion, heartbeat } = BEFORE;
  const base = { ref, uid, resourceVersion, expects: { holder: HOLDER, heartbeat } };
  return action === 'delete' ? { ...base, action } : { ...base, action, patch: {} };
}

describe('what became of an object since it was shown', () => {
  it.each<[string, LockHalf | null, Change['is']]>([
    ['nothing', BEFORE, 'none'],
    ['an edit of its labels', EDITED, 'edited'],
    ['a renewal', RENEWED, 'renewed'],
    ['a takeover', TAKEN, 'taken'],
    ['a release', FREED, 'freed'],
    ['a deletion', null, 'gone'],
    ['a record that nobody can decode', BROKEN, 'undecodable'],
    ['another object of that name with the same record', seen('100', {}, { uid: 'v' }), 'edited'],
  ])('%s', (_, now, expected) => {
    expect(changeSince(step('vacate'), now).is).toBe(expected);
  });

  it.each<[Change, RegExp]>([
    [{ is: 'none' }, /answered 409 Conflict.*release apps\/lease\/worker --strategy delete/],
    [{ is: 'edited' }, /nobody renewed it.*Look at it once more/],
    [{ is: 'renewed', by: 'a\u001b' }, /Good news: a\^\[ renewed.*not stuck/],
    [{ is: 'taken', by: 'b\n' }, /Good news: b\\n took/],
    [{ is: 'freed' }, /freed by somebody else/],
    [{ is: 'gone' }, /deleted by somebody else/],
    [{ is: 'undecodable', why: 'x\u001b' }, /broken meanwhile: x\^\[/],
  ])('%o in words', (change, expected) => {
    const ref = { kind: 'lease', namespace: 'apps', name: 'worker' } as const;
    const { text, hint } = describeChange(change, { ...step('vacate'), ref });
    expect(`${text} ${hint}`).toMatch(expected);
  });

  it('a deletion that meets 409 for ever is not answered with a deletion', () => {
    expect(describeChange({ is: 'none' }, step('delete')).hint).not.toContain('--strategy');
  });
});

describe('whether a write happened whose answer was lost', () => {
  it.each<[string, ReleaseStep['action'], (LockHalf | null)[], Fate]>([
    ['nothing could be seen', 'vacate', [], 'unknown'],
    ['the object is untouched so far: the write may still arrive', 'vacate', [BEFORE], 'unknown'],
    ['the lock is free', 'vacate', [FREED], 'written'],
    ['the lock was free, and was taken', 'vacate', [FREED, TAKEN], 'written'],
    ['the lock was free, and its holder took it back', 'vacate', [FREED, RETAKEN], 'written'],
    [
      'its holder renewed it: free in between it would have counted one more',
      'vacate',
      [RENEWED],
      'not-written',
    ],
    ['its holder may have taken it back', 'vacate', [RETAKEN], 'unknown'],
    ['somebody took it, free or not', 'vacate', [TAKEN], 'unknown'],
    ['somebody deleted it', 'vacate', [null], 'unknown'],
    ['it is another object now', 'vacate', [ANEW], 'unknown'],
    ['its labels were edited', 'vacate', [EDITED], 'unknown'],
    ['the object is untouched so far: the write may still arrive', 'delete', [BEFORE], 'unknown'],
    ['the object is gone', 'delete', [null], 'written'],
    ['it was gone, and was created anew', 'delete', [null, ANEW], 'written'],
    ['it was created anew', 'delete', [ANEW], 'written'],
    ['it had been free once before', 'vacate', [seen('90', { holderIdentity: '' }), RENEWED], 'not-written'],
    ['only what was before is seen', 'vacate', [seen('90', { holderIdentity: '' })], 'unknown'],
    ['it was renewed', 'delete', [RENEWED], 'not-written'],
    ['it changed, and its record did not: a finalizer may keep it', 'delete', [EDITED], 'unknown'],
  ])('%s (%s)', (_, action, halves, expected) => {
    expect(fateOf(BEFORE, step(action), halves)).toBe(expected);
  });
});
