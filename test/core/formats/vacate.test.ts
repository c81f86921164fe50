import { describe, expect, it } from 'vitest';
import { decodeObject } from '../../../src/core/formats/index.ts';
import { vacateHalf } from '../../../src/core/formats/vacate.ts';
import { decodeFixture, fixture, halfIn } from './fixture.ts';

const KEY = 'control-plane.alpha.kubernetes.io/leader';
const NOW = Date.parse('2026-11-21T17:05:06.789Z');
const MICRO = '2026-11-21T17:05:06.789000Z';

function vacated(name: string) {
  return vacateHalf(halfIn(decodeFixture(name)), NOW);
}

const CLIENT_GO = {
  spec: { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: MICRO, renewTime: MICRO },
};

describe('a Lease', () => {
  it.each(['client-go', 'coordinated', 'coordinated-not-picked-up', 'fabric8-released'])(
    '%s is freed as client-go frees it, and nothing else is written',
    (name) => {
      expect(vacated(`lease/${name}`)).toEqual(CLIENT_GO);
    },
  );

  it("Camel's is freed by leaving everything out, as Camel does", () => {
    const object = fixture('lease/client-go');
    object.metadata.labels = { provider: 'camel' };
    expect(vacateHalf(halfIn(decodeObject(object, 'lease')), NOW)).toEqual({
      spec: { holderIdentity: null, leaseDurationSeconds: null, acquireTime: null, renewTime: null },
    });
  });

  it.each([
    'nais-for-life',
    'acquired-for-good',
    'node-heartbeat',
    'apiserver-identity',
    'terraform-locked',
    'medik8s-node-lock',
    'unlabelled-mutex',
  ])('%s cannot be vacated: it is no election, or held for life', (name) => {
    expect(vacated(`lease/${name}`)).toBeNull();
  });

  it('that nobody can decode cannot be vacated', () => {
    const object = { ...fixture('lease/client-go'), spec: 'broken' };
    expect(vacateHalf(halfIn(decodeObject(object, 'lease')), NOW)).toBeNull();
  });
});

function annotated(text: string) {
  const metadata = { namespace: 'a', name: 'b', annotations: { [KEY]: text } };
  return vacateHalf(halfIn(decodeObject({ metadata }, 'configmap')), NOW);
}

function patchTo(text: string | null) {
  return { metadata: { annotations: { [KEY]: text } } };
}

describe('a leader annotation, in the spelling of its writer', () => {
  it.each([
    [
      'endpoints-client-go',
      '{"holderIdentity":"","leaseDurationSeconds":1,"acquireTime":"2026-11-21T17:05:06Z","renewTime":"2026-11-21T17:05:06Z","leaderTransitions":4}',
    ],
    [
      'configmap-istio',
      '{"holderIdentity":"","holderKey":"1-22","leaseDurationSeconds":1,"acquireTime":"2026-11-21T17:05:06Z","renewTime":"2026-11-21T17:05:06Z","leaderTransitions":5,"strategy":"","preferredHolder":""}',
    ],
    [
      'configmap-flink',
      `{"holderIdentity":"","leaseDuration":1.000000000,"acquireTime":"${MICRO}","renewTime":"${MICRO}","leaderTransitions":37981}`,
    ],
    [
      'configmap-python',
      '{"holderIdentity": "", "leaseDurationSeconds": "1", "acquireTime": "2026-11-21 17:05:06.789000", "renewTime": "2026-11-21 17:05:06"}',
    ],
    [
      'endpoints-zero-duration-release',
      '{"holderIdentity":"","leaseDurationSeconds":1,"acquireTime":"2026-11-21T17:05:06Z","renewTime":"2026-11-21T17:05:06Z","leaderTransitions":9}',
    ],
  ])('%s', (name, text) => {
    expect(vacated(`annotation/${name}`)).toEqual(patchTo(text));
  });

  it.each([
    [
      'fabric8 with an ISO duration and no times, which crash it',
      '{"holderIdentity":"a","leaseDuration":"PT15S","acquireTime":null,"renewTime":null}',
      `{"holderIdentity":"","leaseDuration":"PT1S","acquireTime":"${MICRO}","renewTime":"${MICRO}"}`,
    ],
    [
      'Python with a zone',
      '{"holderIdentity":"a","leaseDurationSeconds":"17.0","renewTime":"2026-11-21 18:59:58.5+02:00"}',
      '{"holderIdentity":"","leaseDurationSeconds":"1","renewTime":"2026-11-21 17:05:06.7+00:00","acquireTime":"2026-11-21 17:05:06.7+00:00"}',
    ],
    [
      'Python without times',
      '{"holderIdentity":"a","leaseDurationSeconds":"17","renewTime":null,"acquireTime":null}',
      '{"holderIdentity":"","leaseDurationSeconds":"1","renewTime":"2026-11-21 17:05:06.789000","acquireTime":"2026-11-21 17:05:06.789000"}',
    ],
    [
      'a number too large for JavaScript, keys that look like numbers, a key given twice, a nested claim',
      '{ "2":1, "1":{"holderIdentity":"x","a":"},]"}, "holderIdentity":"a\\"b", "holderIdentity":"c", "leaderTransitions":9007199254740993, "renewTime":"2026-11-21T18:59:58Z", "acquireTime":null }',
      '{ "2":1, "1":{"holderIdentity":"x","a":"},]"}, "holderIdentity":"", "holderIdentity":"", "leaderTransitions":9007199254740993, "renewTime":"2026-11-21T17:05:06Z", "acquireTime":"2026-11-21T17:05:06Z" }',
    ],
    [
      'no fields at all',
      '{}',
      '{"holderIdentity":"","acquireTime":"2026-11-21T17:05:06Z","renewTime":"2026-11-21T17:05:06Z"}',
    ],
  ])('%s', (_, before, after) => {
    expect(annotated(before)).toEqual(patchTo(after));
  });

  it.each(['not json', '[]', '{"holderIdentity":5}', '{"renewTime":"yesterday"}', '', ' ', 'null'])(
    '%j is removed: there is nothing to be kept, and every client takes a missing record for a free lock',
    (text) => {
      expect(annotated(text)).toEqual(patchTo(null));
    },
  );
});
