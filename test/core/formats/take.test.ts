import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../src/core/formats/format.ts';
import { decodeObject } from '../../../src/core/formats/index.ts';
import { nextTransitions, takeHalf } from '../../../src/core/formats/take.ts';
import { recordOf } from '../../../src/core/lock.ts';
import { decodeFixture, fixture, halfIn } from './fixture.ts';

const KEY = 'control-plane.alpha.kubernetes.io/leader';
const TAKEN = Date.parse('2026-11-21T17:05:02.345Z');
const NOW = Date.parse('2026-11-21T17:05:06.789Z');
const ME = 'kubectl-leader-depose_ann@desk_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

/** The claim of somebody who takes a half over as it is recorded. */
function taken(half: ReturnType<typeof halfIn>, more: Partial<Claim> = {}) {
  const durationMs = recordOf(half)?.durationMs ?? 15_000;
  const claim = { identity: ME, durationMs, acquireTime: TAKEN, transitions: nextTransitions(half) };
  return takeHalf(half, NOW, { ...claim, ...more });
}

describe('a Lease', () => {
  it.each([
    ['client-go', 15, 8],
    ['fabric8-released', 1, 3],
    ['coordinated', 15, 1],
  ])(
    '%s is taken with all five fields, times with six digits, and nothing else is written',
    (name, seconds, transitions) => {
      expect(taken(halfIn(decodeFixture(`lease/${name}`)))).toEqual({
        spec: {
          holderIdentity: ME,
          leaseDurationSeconds: seconds,
          acquireTime: '2026-11-21T17:05:02.345000Z',
          renewTime: '2026-11-21T17:05:06.789000Z',
          leaseTransitions: transitions,
        },
      });
    },
  );

  it.each([
    ['a part of a second', 1_200, 2],
    ['less than the API server takes', 0, 1],
  ])('%s of a duration becomes a whole number of them', (_, durationMs, seconds) => {
    const patch = taken(halfIn(decodeFixture('lease/client-go')), { durationMs });
    expect(patch).toMatchObject({ spec: { leaseDurationSeconds: seconds } });
  });

  it.each([
    'nais-for-life',
    'acquired-for-good',
    'node-heartbeat',
    'apiserver-identity',
    'terraform-locked',
    'medik8s-node-lock',
    'unlabelled-mutex',
  ])('%s cannot be taken: it is no election, or held for life', (name) => {
    expect(taken(halfIn(decodeFixture(`lease/${name}`)))).toBeNull();
  });

  it("Camel's cannot be taken: its members obey Pods, not times", () => {
    const object = fixture('lease/client-go');
    object.metadata.labels = { provider: 'camel' };
    expect(taken(halfIn(decodeObject(object, 'lease')))).toBeNull();
  });

  it('that nobody can decode cannot be taken', () => {
    const object = { ...fixture('lease/client-go'), spec: { holderIdentity: 5 } };
    expect(taken(halfIn(decodeObject(object, 'lease')))).toBeNull();
  });
});

function annotated(text: string) {
  return halfIn(
    decodeObject({ metadata: { namespace: 'a', name: 'b', annotations: { [KEY]: text } } }, 'configmap'),
  );
}

function patchTo(text: string) {
  return { metadata: { annotations: { [KEY]: text } } };
}

const SECONDS = '"acquireTime":"2026-11-21T17:05:02Z","renewTime":"2026-11-21T17:05:06Z"';
const MICROS = '"acquireTime":"2026-11-21T17:05:02.345000Z","renewTime":"2026-11-21T17:05:06.789000Z"';

describe('a leader annotation, in the spelling of its writer', () => {
  it.each([
    [
      'endpoints-client-go',
      `{"holderIdentity":"${ME}","leaseDurationSeconds":15,${SECONDS},"leaderTransitions":5}`,
    ],
    [
      'configmap-istio',
      `{"holderIdentity":"${ME}","holderKey":"1-22","leaseDurationSeconds":30,${SECONDS},"leaderTransitions":6,"strategy":"","preferredHolder":""}`,
    ],
    [
      'configmap-flink',
      `{"holderIdentity":"${ME}","leaseDuration":15.000000000,${MICROS},"leaderTransitions":37982}`,
    ],
    [
      'configmap-python',
      `{"holderIdentity": "${ME}", "leaseDurationSeconds": "17", "acquireTime": "2026-11-21 17:05:02.345000", "renewTime": "2026-11-21 17:05:06"}`,
    ],
  ])('%s', (name, text) => {
    expect(taken(halfIn(decodeFixture(`annotation/${name}`)))).toEqual(patchTo(text));
  });

  it.each([
    [
      'fabric8 with nothing but nulls, which crash it',
      '{"holderIdentity":"a","leaseDuration":null,"acquireTime":null,"renewTime":null}',
      `{"holderIdentity":"${ME}","leaseDuration":15.000000000,${MICROS},"leaderTransitions":1}`,
    ],
    [
      'fabric8 with an ISO duration',
      '{"holderIdentity":"a","leaseDuration":"PT15S","renewTime":"2026-11-21T16:59:58Z","acquireTime":"2026-11-21T16:59:58Z"}',
      `{"holderIdentity":"${ME}","leaseDuration":"PT15S","renewTime":"2026-11-21T17:05:06Z","acquireTime":"2026-11-21T17:05:02Z","leaderTransitions":1}`,
    ],
    [
      'a record without a duration, times or a count',
      '{"holderIdentity":"a"}',
      `{"holderIdentity":"${ME}","leaseDurationSeconds":15,${SECONDS},"leaderTransitions":1}`,
    ],
    [
      'keys and numbers that decoding and encoding would respell',
      '{ "2":12345678901234567890, "1":{"holderIdentity":"x"}, "holderIdentity":"a\\"b", "leaseDurationSeconds":15.0, "leaderTransitions":1, "renewTime":"2026-11-21T18:59:58Z", "acquireTime":null }',
      `{ "2":12345678901234567890, "1":{"holderIdentity":"x"}, "holderIdentity":"${ME}", "leaseDurationSeconds":15.0, "leaderTransitions":2, "renewTime":"2026-11-21T17:05:06Z", "acquireTime":"2026-11-21T17:05:02Z" }`,
    ],
  ])('%s', (_, before, after) => {
    expect(taken(annotated(before))).toEqual(patchTo(after));
  });

  it.each([
    ['client-go', '"leaseDurationSeconds":15', '"leaseDurationSeconds":20'],
    ['Python', '"leaseDurationSeconds":"15"', '"leaseDurationSeconds":"20"'],
    ['fabric8', '"leaseDuration":15.000000000', '"leaseDuration":20.000000000'],
    ['fabric8 in ISO 8601', '"leaseDuration":"PT15S"', '"leaseDuration":"PT20S"'],
  ])('another duration than the recorded one is spelled as %s does', (_, before, after) => {
    const half = annotated(`{"holderIdentity":"a",${before}}`);
    expect(JSON.stringify(taken(half, { durationMs: 20_000 }))).toContain(JSON.stringify(after).slice(1, -1));
  });

  it.each(['not json', '[]', '{"holderIdentity":5}', '', ' ', 'null'])(
    '%j carries no record to be taken',
    (text) => {
      expect(taken(annotated(text))).toBeNull();
    },
  );
});

describe('the count of transitions', () => {
  it.each([
    [0, 1],
    [7, 8],
    [null, 1],
    [2 ** 31 - 2, 2 ** 31 - 1],
    [2 ** 31 - 1, null],
    [2 ** 63, null],
    [-1, null],
  ])('%j becomes %j: it never grows beyond what every client can read', (count, next) => {
    expect(nextTransitions(annotated(`{"holderIdentity":"a","leaderTransitions":${count}}`))).toBe(next);
  });

  it('that cannot grow stays as it is written', () => {
    const text = '{"holderIdentity":"a","leaderTransitions":9223372036854775807}';
    expect(JSON.stringify(taken(annotated(text)))).toContain(
      String.raw`leaderTransitions\":9223372036854775807`,
    );
  });
});
