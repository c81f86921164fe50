import { describe, expect, it } from 'vitest';
import { decodeObject } from '../../../src/core/formats/index.ts';
import type { LockContent, LockRecord } from '../../../src/core/lock.ts';
import { decodeFixture, fixture, halfIn } from './fixture.ts';

const VACANT: LockRecord = {
  holderIdentity: null,
  durationMs: null,
  acquireTime: null,
  renewTime: null,
  transitions: null,
  strategy: null,
  preferredHolder: null,
};

const KEY = 'control-plane.alpha.kubernetes.io/leader';

function content(text: string): LockContent {
  const metadata = { namespace: 'a', name: 'b', annotations: { [KEY]: text } };
  return halfIn(decodeObject({ metadata }, 'configmap')).content;
}

const at = (time: string) => Date.parse(time);

describe('the records of all writers', () => {
  it.each<[string, LockContent]>([
    [
      'endpoints-client-go',
      {
        state: 'record',
        warnings: [],
        record: {
          ...VACANT,
          holderIdentity: 'master-2_7d1f9b0e-1b0e-4b6e-9a6b-0f5c8f3c2d11',
          durationMs: 15_000,
          acquireTime: at('2026-10-26T08:00:00Z'),
          renewTime: at('2026-11-16T12:00:03Z'),
          transitions: 4,
        },
      },
    ],
    [
      'endpoints-zero-duration-release',
      {
        state: 'record',
        warnings: [],
        record: { ...VACANT, holderIdentity: '', durationMs: 0, transitions: 9 },
      },
    ],
    [
      'configmap-python',
      {
        state: 'record',
        warnings: ['its times carry no time zone: read as UTC, they may be off by the hours of the writer'],
        zoneless: true,
        record: {
          ...VACANT,
          holderIdentity: 'report-5c9d7-4kx2p',
          durationMs: 17_000,
          acquireTime: at('2026-11-21T18:58:41.678Z'),
          renewTime: at('2026-11-21T18:59:58Z'),
        },
      },
    ],
    [
      'configmap-flink',
      {
        state: 'record',
        warnings: [],
        record: {
          ...VACANT,
          holderIdentity: '9c1c3f0e-6d62-4d3e-8a53-1f6d0b7a4c20',
          durationMs: 15_000,
          acquireTime: at('2026-11-20T00:12:44.431Z'),
          renewTime: at('2026-11-21T16:59:57.902Z'),
          transitions: 37_981,
        },
      },
    ],
    [
      'configmap-istio',
      {
        state: 'record',
        warnings: [],
        record: {
          ...VACANT,
          holderIdentity: 'istiod-1-22-7b9c6d5f4-h8k2m',
          durationMs: 30_000,
          acquireTime: at('2026-11-19T03:00:00Z'),
          renewTime: at('2026-11-21T16:59:51Z'),
          transitions: 5,
        },
      },
    ],
  ])('%s', (name, expected) => {
    expect(halfIn(decodeFixture(`annotation/${name}`)).content).toEqual(expected);
  });

  it.each(['configmap-without-annotation', 'endpoints-of-a-service'])('%s is no lock', (name) => {
    expect(decodeFixture(`annotation/${name}`)).toEqual({ is: 'other' });
  });

  it('needs nothing but the metadata', () => {
    const { metadata } = fixture('annotation/configmap-flink');
    const alone = decodeObject({ metadata }, 'configmap');
    expect(alone).toEqual(decodeFixture('annotation/configmap-flink'));
  });

  it('knows who wrote the annotation last, and when', () => {
    expect(halfIn(decodeFixture('annotation/endpoints-client-go')).lastWrite).toEqual({
      manager: 'kube-controller-manager',
      at: at('2026-11-16T12:00:03Z'),
    });
  });

  it('counts any change of the annotation as a renewal, and nothing else', () => {
    const object = fixture('annotation/configmap-istio');
    const before = halfIn(decodeObject(object, 'configmap')).heartbeat;
    Object.assign(object.metadata, { resourceVersion: '1', labels: { a: 'b' } });
    expect(halfIn(decodeObject(object, 'configmap')).heartbeat).toBe(before);
    object.metadata.annotations![KEY] += ' ';
    expect(halfIn(decodeObject(object, 'configmap')).heartbeat).not.toBe(before);
  });
});

describe('free records', () => {
  it.each([
    ['an empty object', '{}'],
    ['null, which Go decodes to nothing', 'null'],
    ['nulls in every field', '{"holderIdentity":null,"leaseDurationSeconds":null,"renewTime":null}'],
  ])('%s', (_, text) => {
    expect(content(text)).toEqual({ state: 'record', record: VACANT, warnings: [] });
  });

  it.each(['', '  \n'])(
    'a blank annotation (%j) is free, with the warning that client-go fails on it',
    (text) => {
      expect(content(text)).toMatchObject({
        state: 'record',
        record: VACANT,
        warnings: [expect.stringContaining('client-go fails')],
      });
    },
  );
});

describe('durations', () => {
  it.each<[string, number]>([
    ['{"leaseDurationSeconds":15}', 15_000],
    ['{"leaseDurationSeconds":"15"}', 15_000],
    ['{"leaseDurationSeconds":"15.5"}', 15_500],
    ['{"leaseDuration":15.000000000}', 15_000],
    ['{"leaseDuration":0.5}', 500],
    ['{"leaseDuration":"PT15S"}', 15_000],
    ['{"leaseDuration":"PT1M30.5S"}', 90_500],
    ['{"leaseDuration":"P1DT2H"}', 93_600_000],
    ['{"leaseDuration":"20","leaseDurationSeconds":null}', 20_000],
    ['{"leaseDuration":20,"leaseDurationSeconds":10}', 10_000],
  ])('%s', (text, durationMs) => {
    expect(content(text)).toMatchObject({ record: { durationMs } });
  });

  it('warns where fabric8 clients would fail', () => {
    expect(content('{"leaseDuration":15,"acquireTime":"2026-11-21T16:59:51Z"}')).toMatchObject({
      warnings: ['renewTime is missing, and fabric8 clients fail without it'],
    });
  });
});

describe('times', () => {
  it.each<[string, string, boolean]>([
    ['2026-11-21T16:59:51Z', '2026-11-21T16:59:51Z', false],
    ['2026-11-21T17:59:51+01:00', '2026-11-21T16:59:51Z', false],
    ['2026-11-21 17:59:51.123456+01:00', '2026-11-21T16:59:51.123Z', false],
    ['2026-11-21 16:59:51', '2026-11-21T16:59:51Z', true],
    ['2026-11-21 16:59:51.678901', '2026-11-21T16:59:51.678Z', true],
    ['2026-11-21T16:59:51.678901', '2026-11-21T16:59:51.678Z', true],
  ])('%s', (text, instant, zoneless) => {
    const decoded = content(JSON.stringify({ renewTime: text }));
    expect(decoded).toMatchObject({ record: { renewTime: at(instant) } });
    expect('zoneless' in decoded).toBe(zoneless);
  });
});

describe('invalid records', () => {
  it.each([
    ['not JSON', '{"holderIdentity":', 'the leader annotation is not JSON: "{"holderIdentity":"'],
    ['a list', '[{"holderIdentity":"x"}]', 'the leader annotation is a list, not a JSON object'],
    ['a text', '"master-1"', 'the leader annotation is "master-1", not a JSON object'],
    ['a number', '12', 'the leader annotation is 12, not a JSON object'],
    ['a holder that is none', '{"holderIdentity":["x"]}', 'holderIdentity is a list, not a text'],
    [
      'a number that overflows',
      '{"leaseDurationSeconds":1e999}',
      'leaseDurationSeconds is Infinity, not a whole number of 64 bits',
    ],
    [
      'transitions beyond 64 bits',
      '{"leaderTransitions":18446744073709551616}',
      'leaderTransitions is 18446744073709552000, not a whole number of 64 bits',
    ],
    [
      'a fraction where Go wants a whole number',
      '{"leaseDurationSeconds":15.5}',
      'leaseDurationSeconds is 15.5, not a whole number of 64 bits',
    ],
    ['a word for a duration', '{"leaseDuration":"PT"}', 'leaseDuration is "PT", not a number of seconds'],
    ['an empty time', '{"renewTime":""}', 'renewTime is "", not a time'],
    [
      'a month that is none',
      '{"renewTime":"2026-13-01T00:00:00Z"}',
      'renewTime is "2026-13-01T00:00:00Z", not a time',
    ],
    ['an escape sequence', '\u001b]0;owned\u0007', 'the leader annotation is not JSON: "^[]0;owned\\x07"'],
  ])('%s', (_, text, why) => {
    expect(content(text)).toEqual({ state: 'invalid', why });
  });

  it('is still watched: whoever writes it again is there', () => {
    const metadata = { namespace: 'a', name: 'b', annotations: { [KEY]: '[' } };
    expect(halfIn(decodeObject({ metadata }, 'endpoints')).heartbeat).toBe('[');
  });
});

describe('texts of any size', () => {
  it('says why in a line of bounded length', () => {
    const decoded = content('x'.repeat(250_000));
    expect(decoded.state === 'invalid' && decoded.why.length).toBeLessThan(120);
  });

  it('keeps a huge identity as written', () => {
    const holderIdentity = 'é\u001b'.repeat(50_000);
    expect(content(JSON.stringify({ holderIdentity }))).toMatchObject({ record: { holderIdentity } });
  });

  it('survives nesting that is deeper than a stack', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(content(deep).state).toBe('invalid');
    expect(content(`{"holderIdentity":${deep},"extra":${deep}}`).state).toBe('invalid');
    const spec = JSON.parse(`{"holderIdentity":${deep}}`);
    const lease = decodeObject({ metadata: { namespace: 'a', name: 'b' }, spec }, 'lease');
    expect(halfIn(lease).content.state).toBe('invalid');
  });
});
