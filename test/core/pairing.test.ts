import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holderOf,
  type Lock,
  type LockContent,
  type LockHalf,
  type LockKind,
  lockId,
  lockLabel,
} from '../../src/core/lock.ts';
import { pairLocks } from '../../src/core/pairing.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 21, 17);

/** A half, its times told as milliseconds ago. */
interface Sketch {
  holder?: string | null;
  renewed?: number | null;
  /** How long the holder had led at its last renewal. */
  term?: number | null;
  duration?: number;
  stampedAgo?: number;
  invalid?: boolean;
  zoneless?: boolean;
  forLife?: boolean;
  name?: string;
}

function contentOf(sketch: Sketch): LockContent {
  if (sketch.invalid) return { state: 'invalid', why: 'broken' };
  const { holder = 'x', renewed = 1 * SECOND, term = 3 * HOUR } = sketch;
  const renewTime = renewed === null ? null : NOW - renewed;
  const record = {
    holderIdentity: holder,
    durationMs: sketch.duration ?? 15 * SECOND,
    acquireTime: renewTime === null || term === null ? null : renewTime - term,
    renewTime,
    transitions: 1,
    strategy: null,
    preferredHolder: null,
  };
  const content: LockContent = { state: 'record', record, warnings: [] };
  return sketch.zoneless ? { ...content, zoneless: true } : content;
}

function half(kind: LockKind, sketch: Sketch): LockHalf {
  return {
    ref: { kind, namespace: 'ns', name: sketch.name ?? 'lock' },
    format: kind === 'lease' ? 'lease' : 'annotation',
    uid: kind,
    resourceVersion: '1',
    createdAt: NOW - 300 * DAY,
    labels: {},
    ownerReferences: [],
    content: contentOf(sketch),
    heartbeat: sketch.forLife ? null : 'beat',
    lastWrite: sketch.stampedAgo === undefined ? null : { manager: 'm', at: NOW - sketch.stampedAgo },
  };
}

const lease = (sketch: Sketch = {}) => half('lease', sketch);
const endpoints = (sketch: Sketch = {}) => half('endpoints', sketch);
const configmap = (sketch: Sketch = {}) => half('configmap', sketch);

/** `endpoints/lock multilock lease/lock`: primary, pairing, secondary. */
function told(locks: readonly Lock[]): string[] {
  return locks.map(({ primary, pairing, secondary }) =>
    [lockLabel(primary.ref), pairing, secondary === null ? '' : lockLabel(secondary.ref)].join(' ').trim(),
  );
}

const MULTILOCK = 'endpoints/lock multilock lease/lock';
const SPLIT = 'endpoints/lock split lease/lock';
const LEASE_GOES_ON = 'lease/lock leftover-half endpoints/lock';
const ENDPOINTS_GO_ON = 'endpoints/lock leftover-half lease/lock';

interface Case {
  name: string;
  annotation: Sketch;
  lease: Sketch;
  now?: number | null;
  /** What watching the annotation and the Lease showed. */
  seen?: readonly [boolean | undefined, boolean | undefined];
  expected: string;
}

function pairOf({
  annotation,
  lease: leaseSketch,
  now = NOW,
  seen = [undefined, undefined],
}: Case): string[] {
  const halves = [endpoints(annotation), lease(leaseSketch)];
  return told(pairLocks(halves, now, new Map(halves.map((one, at) => [lockId(one.ref), seen[at]]))));
}

function describeCases(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    it.each(cases)('$name', (one) => {
      expect(pairOf(one)).toEqual([one.expected]);
    });
  });
}

describeCases('the same holder in both halves', [
  { name: 'is a multilock', annotation: {}, lease: {}, expected: MULTILOCK },
  {
    name: 'also long dead',
    annotation: { renewed: 5 * DAY },
    lease: { renewed: 5 * DAY },
    expected: MULTILOCK,
  },
  { name: 'also without any clock', annotation: {}, lease: {}, now: null, expected: MULTILOCK },
  {
    name: 'also between its two writes',
    annotation: { renewed: 0 },
    lease: { renewed: 2 * SECOND },
    expected: MULTILOCK,
  },
  {
    name: 'also if the Lease was read one renewal later, as the duration runs out',
    annotation: { renewed: 21 * SECOND },
    lease: { renewed: 19 * SECOND },
    expected: MULTILOCK,
  },
  {
    name: 'also if the clock of the holder is a day ahead',
    annotation: { renewed: -DAY },
    lease: { renewed: -DAY },
    expected: MULTILOCK,
  },
  {
    name: 'also if both are seen renewing',
    annotation: {},
    lease: {},
    seen: [true, true],
    expected: MULTILOCK,
  },
  {
    name: 'is a leftover annotation if a host name went on with the Lease alone',
    annotation: { renewed: 30 * DAY },
    lease: {},
    expected: LEASE_GOES_ON,
  },
  {
    name: 'is a leftover annotation if only the Lease is seen renewing, whatever the times',
    annotation: {},
    lease: {},
    seen: [false, true],
    expected: LEASE_GOES_ON,
  },
]);

describeCases('two holders', [
  { name: 'who both renew: split', annotation: { holder: 'y' }, lease: {}, expected: SPLIT },
  {
    name: 'who both are seen renewing: split, with clocks a day off in either direction',
    annotation: { holder: 'y', renewed: -DAY },
    lease: { renewed: DAY },
    seen: [true, true],
    expected: SPLIT,
  },
  {
    name: 'who both are seen renewing, with nothing to compare: split',
    annotation: { holder: 'y', term: null },
    lease: { renewed: null },
    now: null,
    seen: [true, true],
    expected: SPLIT,
  },
  {
    name: 'of whom one took over this moment, and the second write is still to come: no split',
    annotation: { holder: 'y', renewed: 0, term: 0 },
    lease: { renewed: 3 * SECOND },
    seen: [true, true],
    expected: MULTILOCK,
  },
  {
    name: 'the same by clocks: no split',
    annotation: { holder: 'y', renewed: 0, term: 0 },
    lease: { renewed: 3 * SECOND },
    expected: MULTILOCK,
  },
  {
    name: 'of whom one took over an old lock this moment: no leftover Lease yet',
    annotation: { holder: 'y', renewed: 0, term: 0 },
    lease: { renewed: DAY },
    expected: MULTILOCK,
  },
  {
    name: 'without any clock and unseen: no split',
    annotation: { holder: 'y' },
    lease: {},
    now: null,
    expected: MULTILOCK,
  },
  {
    name: 'one with a clock that runs ahead: no split',
    annotation: { holder: 'y', renewed: -HOUR },
    lease: { renewed: -5 * 60 * SECOND },
    expected: MULTILOCK,
  },
  {
    name: 'one without a time zone: no split',
    annotation: { holder: 'y', zoneless: true },
    lease: {},
    expected: MULTILOCK,
  },
  {
    name: 'the Lease renewed, the annotation days old: leftover annotation',
    annotation: { holder: 'y', renewed: 30 * DAY },
    lease: { term: 0 },
    expected: LEASE_GOES_ON,
  },
  {
    name: 'the same without any clock, for they are far apart',
    annotation: { holder: 'y', renewed: 30 * DAY },
    lease: {},
    now: null,
    expected: LEASE_GOES_ON,
  },
  {
    name: 'the annotation looks days old, but the API server stamped it just now: split',
    annotation: { holder: 'y', renewed: 30 * DAY, stampedAgo: 2 * SECOND },
    lease: {},
    expected: SPLIT,
  },
  {
    name: 'the annotation looks days old, but is seen renewing: split',
    annotation: { holder: 'y', renewed: 30 * DAY },
    lease: {},
    seen: [true, undefined],
    expected: SPLIT,
  },
  {
    name: 'both dead, the annotation for much longer: leftover annotation',
    annotation: { holder: 'y', renewed: 30 * DAY },
    lease: { renewed: 2 * DAY },
    expected: LEASE_GOES_ON,
  },
  {
    name: 'both dead since about the same time: a takeover that was cut off',
    annotation: { holder: 'y', renewed: DAY },
    lease: { renewed: DAY + 20 * SECOND },
    expected: MULTILOCK,
  },
  {
    name: 'the annotation renewed, the Lease days old: leftover Lease',
    annotation: { holder: 'y' },
    lease: { renewed: 30 * DAY },
    expected: ENDPOINTS_GO_ON,
  },
  {
    name: 'only the annotation seen renewing: leftover Lease',
    annotation: { holder: 'y' },
    lease: {},
    seen: [true, false],
    expected: ENDPOINTS_GO_ON,
  },
]);

describeCases('one half free', [
  {
    name: 'the annotation, long ago, and the Lease renews: leftover annotation',
    annotation: { holder: '', renewed: 30 * DAY, duration: SECOND },
    lease: {},
    expected: LEASE_GOES_ON,
  },
  {
    name: 'the annotation, without any time, and the Lease renews: leftover annotation',
    annotation: { holder: null, renewed: null },
    lease: {},
    expected: LEASE_GOES_ON,
  },
  {
    name: 'the annotation, this moment: the second write of a release is still to come',
    annotation: { holder: '', renewed: 0, term: 0, duration: SECOND },
    lease: { renewed: 2 * SECOND },
    seen: [undefined, true],
    expected: MULTILOCK,
  },
  {
    name: 'the annotation, this moment, without any time but the stamp of the API server: still one multilock',
    annotation: { holder: '', renewed: null, duration: 0, stampedAgo: SECOND },
    lease: { renewed: 3 * SECOND },
    expected: MULTILOCK,
  },
  {
    name: 'the annotation, by a client too old to release the Lease: free, as its candidates see it',
    annotation: { holder: '', renewed: null, duration: 0 },
    lease: { renewed: DAY },
    expected: MULTILOCK,
  },
  {
    name: 'the Lease, this moment: the annotation was taken first',
    annotation: { holder: 'y', renewed: 0, term: 0 },
    lease: { holder: '', renewed: HOUR, duration: SECOND },
    expected: MULTILOCK,
  },
  {
    name: 'the Lease, long ago, and the annotation renews: leftover Lease',
    annotation: {},
    lease: { holder: '', renewed: 30 * DAY, duration: SECOND },
    expected: ENDPOINTS_GO_ON,
  },
  {
    name: 'both: a released multilock',
    annotation: { holder: '', renewed: HOUR },
    lease: { holder: '', renewed: HOUR },
    expected: MULTILOCK,
  },
]);

describeCases('one half undecodable', [
  {
    name: 'the annotation, and nothing renews: it blocks all candidates',
    annotation: { invalid: true },
    lease: { renewed: HOUR },
    expected: MULTILOCK,
  },
  {
    name: 'the annotation, but the Lease renews: nobody reads it any more',
    annotation: { invalid: true },
    lease: {},
    expected: LEASE_GOES_ON,
  },
  {
    name: 'the Lease, and nothing renews: it blocks all candidates',
    annotation: { renewed: HOUR },
    lease: { invalid: true },
    expected: 'lease/lock multilock endpoints/lock',
  },
]);

describe('which objects belong together', () => {
  it.each([
    ['one object', [lease()], ['lease/lock single']],
    [
      'other names',
      [endpoints({ name: 'a' }), lease({ name: 'b' })],
      ['endpoints/a single', 'lease/b single'],
    ],
    ['no Lease', [configmap(), endpoints()], ['configmap/lock single', 'endpoints/lock single']],
    [
      'a Lease held for the life of a Pod',
      [configmap(), lease({ forLife: true, renewed: null })],
      ['configmap/lock single', 'lease/lock single'],
    ],
    [
      'three of one name: the annotation with the holder of the Lease',
      [endpoints({ holder: 'y' }), configmap({ renewed: 3 * SECOND }), lease()],
      ['configmap/lock multilock lease/lock', 'endpoints/lock single'],
    ],
    [
      'three of one name and holder: the latest annotation',
      [endpoints({ renewed: DAY }), configmap(), lease()],
      ['configmap/lock multilock lease/lock', 'endpoints/lock single'],
    ],
    [
      'three of one name, alike: the Endpoints',
      [configmap(), endpoints(), lease()],
      ['endpoints/lock multilock lease/lock', 'configmap/lock single'],
    ],
  ])('%s', (_, halves, expected) => {
    expect(told(pairLocks(halves, NOW))).toEqual(expected);
    expect(told(pairLocks(halves.toReversed(), NOW)).toSorted()).toEqual(expected.toSorted());
  });

  it('never joins two namespaces', () => {
    const elsewhere = { ...lease(), ref: { ...lease().ref, namespace: 'other' } };
    expect(told(pairLocks([endpoints(), elsewhere], NOW))).toEqual([
      'endpoints/lock single',
      'lease/lock single',
    ]);
  });
});

const anySketch: fc.Arbitrary<Sketch> = fc.record({
  holder: fc.constantFrom('x', 'y', '', null),
  renewed: fc.option(fc.integer({ min: -DAY, max: 60 * DAY }), { nil: null }),
  term: fc.option(fc.nat(DAY), { nil: null }),
  duration: fc.constantFrom(0, SECOND, 15 * SECOND, 270 * SECOND),
  stampedAgo: fc.nat(DAY),
  invalid: fc.boolean(),
  zoneless: fc.boolean(),
  forLife: fc.boolean(),
  name: fc.constantFrom('a', 'b'),
});

const anyHalves = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom<LockKind>('lease', 'endpoints', 'configmap'), anySketch)
    .map(([kind, sketch]) => half(kind, sketch)),
  { selector: ({ ref }) => lockId(ref), maxLength: 6 },
);

const anySeen = fc.infiniteStream(fc.constantFrom(true, false, undefined));

describe('whatever the halves are', () => {
  it('each half is in one lock, whatever their order, and one holder is never split', () => {
    fc.assert(
      fc.property(anyHalves, fc.option(fc.constant(NOW)), anySeen, (halves, now, verdicts) => {
        const seen = new Map(halves.map(({ ref }) => [lockId(ref), verdicts.next().value]));
        const locks = pairLocks(halves, now, seen);
        const used = locks.flatMap(({ primary, secondary }) =>
          secondary ? [primary, secondary] : [primary],
        );
        expect(used.toSorted(byId)).toEqual(halves.toSorted(byId));
        expect(told(pairLocks(halves.toReversed(), now, seen)).toSorted()).toEqual(told(locks).toSorted());
        for (const { primary, secondary, pairing } of locks) {
          expect(secondary === null).toBe(pairing === 'single');
          if (secondary !== null && holderOf(primary) === holderOf(secondary))
            expect(pairing).not.toBe('split');
        }
      }),
    );
  });
});

function byId(a: LockHalf, b: LockHalf): number {
  return lockId(a.ref) < lockId(b.ref) ? -1 : 1;
}
