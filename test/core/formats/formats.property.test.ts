import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/core/cluster-object.ts';
import { decodeObject, FORMATS } from '../../../src/core/formats/index.ts';
import type { Decoded, LockKind, LockRecord } from '../../../src/core/lock.ts';
import { printable } from '../../../src/core/text.ts';
import { fixture, fixtureNames, kindOf } from './fixture.ts';

const KEY = 'control-plane.alpha.kubernetes.io/leader';

const anyKind = fc.constantFrom<LockKind>('lease', 'endpoints', 'configmap');

function isIntegerOrNull(value: number | null): boolean {
  return value === null || Number.isFinite(value);
}

function expectRecord(record: LockRecord): void {
  for (const text of [record.holderIdentity, record.strategy, record.preferredHolder]) {
    expect(text === null || typeof text === 'string').toBe(true);
  }
  const numbers = [record.durationMs, record.acquireTime, record.renewTime, record.transitions];
  expect(numbers.every(isIntegerOrNull)).toBe(true);
}

/** Everything that later code relies on without looking again. */
function expectWellFormed(decoded: Decoded): void {
  if (decoded.is === 'other') return;
  const { half } = decoded;
  expect(FORMATS.map(({ id }) => id)).toContain(half.format);
  expect(half.ref.name).not.toBe('');
  expect(half.ref.namespace).not.toBe('');
  expect(Object.values(half.labels).every((label) => typeof label === 'string')).toBe(true);
  expect(half.createdAt === null || Number.isFinite(half.createdAt)).toBe(true);
  expect(half.lastWrite === null || Number.isFinite(half.lastWrite.at)).toBe(true);
  const { content } = half;
  const said = content.state === 'record' ? content.warnings : [content.why];
  for (const line of said) expect(line).toBe(printable(line));
  if (content.state === 'record') expectRecord(content.record);
}

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue());

describe('whatever an object contains', () => {
  it('decoding never throws', () => {
    fc.assert(
      fc.property(jsonObject, anyKind, (object, kind) => {
        expectWellFormed(decodeObject(object as unknown as ClusterObject, kind));
      }),
    );
  });

  it('nor for any metadata and spec', () => {
    const metadata = fc.record(
      {
        name: fc.oneof(fc.constant('n'), fc.jsonValue()),
        namespace: fc.oneof(fc.constant('ns'), fc.jsonValue()),
        labels: fc.oneof(jsonObject, fc.jsonValue()),
        annotations: fc.oneof(fc.record({ [KEY]: fc.jsonValue() }), fc.jsonValue()),
        ownerReferences: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
        managedFields: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
        creationTimestamp: fc.jsonValue(),
      },
      { requiredKeys: ['name', 'namespace'] },
    );
    const spec = fc.oneof(
      fc.jsonValue(),
      fc.record({
        holderIdentity: fc.oneof(fc.string(), fc.jsonValue()),
        leaseDurationSeconds: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
        renewTime: fc.oneof(fc.date({ noInvalidDate: true }).map(String), fc.jsonValue()),
        leaseTransitions: fc.oneof(fc.nat(), fc.jsonValue()),
      }),
    );
    fc.assert(
      fc.property(metadata, spec, anyKind, (given, body, kind) => {
        expectWellFormed(decodeObject({ metadata: given, spec: body } as unknown as ClusterObject, kind));
      }),
    );
  });
});

function annotated(text: string): Decoded {
  return decodeObject({ metadata: { namespace: 'a', name: 'b', annotations: { [KEY]: text } } }, 'endpoints');
}

describe('whatever an annotation says', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constantFrom('{', '[]', '""', '1e999', '{"renewTime":1}', '\ud800', '\u202e'),
  );

  it('it is a lock, decoded or said to be undecodable', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const decoded = annotated(text);
        expect(decoded.is).toBe('lock');
        expectWellFormed(decoded);
      }),
    );
  });

  it('an identity is kept as written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (holderIdentity) => {
        expect(annotated(JSON.stringify({ holderIdentity }))).toMatchObject({
          half: { content: { record: { holderIdentity } } },
        });
      }),
    );
  });
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value)
    ? [...value]
    : { ...(value as object) };
  Object.assign(copy, { [key]: replaced((value as Record<string, unknown>)[key], rest, by) });
  return copy;
}

describe('real objects with one value replaced by another', () => {
  it.each(fixtureNames())('%s', (name) => {
    const object = fixture(name);
    const paths = pathsOf(object).filter((path) => path.length > 0);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, by) => {
        expectWellFormed(decodeObject(replaced(object, path, by) as ClusterObject, kindOf(object)));
      }),
      { numRuns: 60 },
    );
  });

  it.each(fixtureNames().filter((name) => name.startsWith('annotation/')))('%s, in its text', (name) => {
    const text = fixture(name).metadata.annotations?.[KEY];
    if (text === undefined) return;
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(4), fc.string(), (at, cut, put) => {
        expectWellFormed(annotated(text.slice(0, at) + put + text.slice(at + cut)));
      }),
      { numRuns: 60 },
    );
  });
});
