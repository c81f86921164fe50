import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/core/cluster-object.ts';
import { decodeObject } from '../../../src/core/formats/index.ts';
import { vacateHalf } from '../../../src/core/formats/vacate.ts';
import { holderOf, type LockKind, recordOf } from '../../../src/core/lock.ts';
import { fixture, fixtureNames, halfIn, kindOf } from './fixture.ts';
import { mergePatched } from './merge-patch.ts';

const KEY = 'control-plane.alpha.kubernetes.io/leader';
const NOW = Date.parse('2026-11-21T17:05:06.789Z');
const CLAIM = ['holderIdentity', 'leaseDurationSeconds', 'leaseDuration', 'acquireTime', 'renewTime'];

type Fields = Record<string, unknown>;

/** The object without the claim of its record: what a release must leave as it is. */
function besides(object: ClusterObject, kind: LockKind): unknown {
  const copy = structuredClone(object);
  const { annotations } = copy.metadata;
  const claim = kind === 'lease' ? copy.spec : JSON.parse(annotations?.[KEY] ?? 'null');
  const kept = Object.entries((claim ?? {}) as Fields).filter(([key]) => !CLAIM.includes(key));
  if (kind === 'lease') copy.spec = null;
  else delete annotations?.[KEY];
  return [copy, kept];
}

function expectFreed(object: ClusterObject, kind: LockKind): void {
  const decoded = decodeObject(object, kind);
  const before = halfIn(decoded);
  const patch = vacateHalf(before, NOW);
  if (decoded.is !== 'lock' || patch === null) {
    expect(patch).toBeNull();
    return;
  }
  const freed = mergePatched(object, patch) as ClusterObject;
  const after = halfIn(decodeObject(freed, kind));
  expect(after.content.state).toBe('record');
  expect(holderOf(after)).toBeNull();
  expect(recordOf(after)?.transitions).toBe(recordOf(before)?.transitions);
  expect(recordOf(after)?.strategy).toBe(recordOf(before)?.strategy);
  expect(recordOf(after)?.preferredHolder).toBe(recordOf(before)?.preferredHolder);
  if (holderOf(before) !== null) expect(after.heartbeat).not.toBe(before.heartbeat);
  expect(besides(freed, kind)).toEqual(besides(object, kind));
}

describe('applying the patch that vacates a lock leaves a free record, and all else as it was', () => {
  const carriers = fixtureNames().filter(
    (name) => decodeObject(fixture(name), kindOf(fixture(name))).is !== 'other',
  );

  it.each(carriers)('%s', (name) => {
    const object = fixture(name);
    expectFreed(object, kindOf(object));
  });

  const labels = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
  const spec = fc.record(
    {
      holderIdentity: fc.string({ minLength: 1 }),
      leaseDurationSeconds: fc.integer({ min: 1, max: 3600 }),
      acquireTime: fc.constantFrom('2026-11-21T13:58:11.000042Z', null),
      renewTime: fc.constant('2026-11-21T13:58:12.000042Z'),
      leaseTransitions: fc.nat(),
      strategy: fc.constant('OldestEmulationVersion'),
      preferredHolder: fc.string({ minLength: 1 }),
    },
    { requiredKeys: ['holderIdentity'] },
  );

  it('any Lease', () => {
    fc.assert(
      fc.property(spec, labels, fc.boolean(), (given, marked, isCamel) => {
        const metadata = {
          namespace: 'a',
          name: 'b',
          labels: isCamel ? { ...marked, provider: 'camel' } : marked,
        };
        expectFreed({ kind: 'Lease', metadata, spec: given }, 'lease');
      }),
    );
  });

  const time = fc.constantFrom(
    '2026-11-21T16:59:58Z',
    '2026-11-21T16:59:58.123456Z',
    '2026-11-21 16:59:58.123456',
    '2026-11-21 16:59:58',
    '2026-11-21 16:59:58+02:00',
    null,
  );
  const record = fc.record(
    {
      holderIdentity: fc.string({ minLength: 1, unit: 'binary' }),
      leaseDurationSeconds: fc.oneof(fc.nat(), fc.nat().map(String), fc.constant(null)),
      leaseDuration: fc.oneof(fc.nat(), fc.constantFrom('PT15S', '15.5', 15.25)),
      acquireTime: time,
      renewTime: time,
      leaderTransitions: fc.nat(),
    },
    { requiredKeys: ['holderIdentity'] },
  );
  const others = fc.dictionary(
    fc
      .string()
      .filter((key) => !CLAIM.includes(key) && !/Transitions|strategy|preferredHolder|__proto__/.test(key)),
    fc.jsonValue(),
  );

  it('any annotation, and the order of its keys stays', () => {
    const text = fc
      .record({ record, others, indent: fc.constantFrom(0, 2), before: fc.boolean() })
      .map(({ record, others, indent, before }) =>
        JSON.stringify(before ? { ...others, ...record } : { ...record, ...others }, null, indent),
      );
    fc.assert(
      fc.property(text, fc.constantFrom<LockKind>('endpoints', 'configmap'), (written, kind) => {
        const metadata = { namespace: 'a', name: 'b', annotations: { other: 'kept', [KEY]: written } };
        expectFreed({ metadata, data: { a: 'b' } }, kind);
      }),
    );
  });
});
