import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/core/cluster-object.ts';
import { decodeObject } from '../../../src/core/formats/index.ts';
import { nextTransitions, takeHalf } from '../../../src/core/formats/take.ts';
import { vacateHalf } from '../../../src/core/formats/vacate.ts';
import { holderOf, type LockKind, recordOf } from '../../../src/core/lock.ts';
import { fixture, fixtureNames, halfIn, kindOf } from './fixture.ts';
import { mergePatched } from './merge-patch.ts';

const TAKEN = Date.parse('2026-11-21T17:05:02.000Z');
const NOW = Date.parse('2026-11-21T17:05:06.000Z');
const ME = 'kubectl-leader-depose_ann@desk_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

/** Taken, renewed and freed: after each step every client of the format must read what was meant. */
function expectTerm(object: ClusterObject, kind: LockKind): void {
  const before = halfIn(decodeObject(object, kind));
  const recorded = recordOf(before);
  const durationMs = recorded?.durationMs ?? 15_000;
  const transitions = nextTransitions(before);
  const claim = { identity: ME, durationMs, acquireTime: TAKEN, transitions };
  const take = takeHalf(before, TAKEN, claim);
  if (take === null) return;
  const taken = mergePatched(object, take) as ClusterObject;
  const mine = halfIn(decodeObject(taken, kind));
  expect(recordOf(mine)).toMatchObject({
    holderIdentity: ME,
    durationMs,
    acquireTime: TAKEN,
    renewTime: TAKEN,
  });
  expect(recordOf(mine)?.strategy).toBe(recorded?.strategy);
  expect(recordOf(mine)?.preferredHolder).toBe(recorded?.preferredHolder);

  const renewal = takeHalf(mine, NOW, claim);
  const renewed = mergePatched(taken, renewal) as ClusterObject;
  const later = halfIn(decodeObject(renewed, kind));
  expect(recordOf(later)).toEqual({ ...recordOf(mine), renewTime: NOW });
  expect(later.heartbeat).not.toBe(mine.heartbeat);

  const freed = mergePatched(renewed, vacateHalf(later, NOW)) as ClusterObject;
  const free = halfIn(decodeObject(freed, kind));
  expect(holderOf(free)).toBeNull();
  expect(recordOf(free)?.transitions).toBe(recordOf(mine)?.transitions);
}

describe('a lock that is taken, renewed and freed can be read at each step', () => {
  const held = fixtureNames().filter((name) => {
    const decoded = decodeObject(fixture(name), kindOf(fixture(name)));
    return decoded.is === 'lock' && holderOf(decoded.half) !== null;
  });

  it.each(held)('%s', (name) => {
    expectTerm(fixture(name), kindOf(fixture(name)));
  });

  const time = fc.constantFrom(
    '2026-11-21T16:59:58Z',
    '2026-11-21T16:59:58.123456Z',
    '2026-11-21 16:59:58.123456',
    '2026-11-21 16:59:58+02:00',
    null,
  );
  const record = fc.record(
    {
      holderIdentity: fc.string({ minLength: 1, unit: 'binary' }),
      leaseDurationSeconds: fc.oneof(fc.integer({ min: 1, max: 9_999 }), fc.constantFrom('15', '17.5', null)),
      leaseDuration: fc.constantFrom('PT15S', '15.5', 15.25, null),
      acquireTime: time,
      renewTime: time,
      leaderTransitions: fc.nat(),
    },
    { requiredKeys: ['holderIdentity'] },
  );

  it('any annotation', () => {
    fc.assert(
      fc.property(record, fc.dictionary(fc.string(), fc.jsonValue()), (claim, others) => {
        const text = JSON.stringify({ ...others, ...claim });
        const annotations = { 'control-plane.alpha.kubernetes.io/leader': text };
        const metadata = { namespace: 'a', name: 'b', annotations };
        if (decodeObject({ metadata }, 'endpoints').is !== 'lock') return;
        if (halfIn(decodeObject({ metadata }, 'endpoints')).content.state === 'record')
          expectTerm({ metadata }, 'endpoints');
      }),
    );
  });
});
