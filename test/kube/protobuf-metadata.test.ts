import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataListOf } from '../../src/kube/protobuf-metadata.ts';
import { namesListIn } from '../../src/kube/protobuf-names.ts';

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 0x7fn;
    bytes.push(Number(rest & 0x7fn) | (more ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

type Field = [number, string | Buffer | number];

function message(...fields: Field[]): Buffer {
  const parts = fields.flatMap(([field, value]) => {
    if (typeof value === 'number') return [varint(field * 8), varint(value)];
    const bytes = Buffer.from(value);
    return [varint(field * 8 + 2), varint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

const pair = (key: string, value: string): Buffer => message([1, key], [2, value]);

function listMessage(items: readonly Buffer[]): Buffer {
  const list = message(
    [1, message([1, ''], [2, '77'], [3, 'next'])],
    ...items.map((item): Field => [2, message([1, item])]),
  );
  const type = message([1, 'meta.k8s.io/v1'], [2, 'PartialObjectMetadataList']);
  return Buffer.concat([Buffer.from('k8s\0'), message([1, type], [2, list], [3, ''], [4, ''])]);
}

const LOCK = message(
  [1, 'lock'],
  [2, ''],
  [3, 'ns'],
  [5, 'uid-1'],
  [6, '42'],
  [7, 3],
  [8, message([1, 1_600_000_000], [2, 0])],
  [11, pair('app', 'x')],
  [12, pair('wanted', 'täglich')],
  [12, pair('empty', '')],
  [13, message([1, 'Pod'], [3, 'p'], [4, 'uid-2'], [5, 'v1'], [6, 1])],
  [17, message([1, 'm'], [2, 'Update'], [4, message([1, 1_600_000_060])], [7, message([1, '{"f:a":{}}'])])],
);
const OTHER = message([1, 'other'], [8, message([1, -62_135_596_800])], [12, pair('x', 'y')]);

describe('a list of metadata in protobuf', () => {
  it('gives what JSON would, of those that bear the annotation', () => {
    expect(metadataListOf(listMessage([OTHER, LOCK, OTHER]), ['unknown', 'wanted'])).toEqual({
      kind: 'PartialObjectMetadataList',
      metadata: { resourceVersion: '77', continue: 'next' },
      items: [
        {
          metadata: {
            name: 'lock',
            namespace: 'ns',
            uid: 'uid-1',
            resourceVersion: '42',
            creationTimestamp: '2020-09-13T12:26:40Z',
            labels: { app: 'x' },
            annotations: { wanted: 'täglich', empty: '' },
            ownerReferences: [{ kind: 'Pod', name: 'p', uid: 'uid-2', apiVersion: 'v1', controller: true }],
            managedFields: [
              { manager: 'm', operation: 'Update', time: '2020-09-13T12:27:40Z', fieldsV1: { 'f:a': {} } },
            ],
          },
        },
      ],
    });
  });

  it('has no time where there is none', () => {
    const { items } = metadataListOf(listMessage([OTHER]), ['x']);
    expect(items).toEqual([{ metadata: { name: 'other', annotations: { x: 'y' } } }]);
  });

  it('has nothing in it where nothing bears the annotation', () => {
    expect(metadataListOf(listMessage([OTHER, LOCK]), ['absent'])['items']).toEqual([]);
  });

  it('is refused by a RangeError, never read halfway, when it breaks off or is something else', () => {
    const whole = listMessage([LOCK, OTHER]);
    for (let size = 0; size < whole.length; size += 1) {
      const cut = whole.subarray(0, size);
      let items: unknown = 'refused';
      try {
        items = metadataListOf(cut, ['wanted'])['items'];
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      // Between two fields of the outermost message it cannot be told from a whole one.
      if (items !== 'refused') expect([0, 1]).toContain((items as unknown[]).length);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.concat([Buffer.from('k8s\0'), bytes]);
        try {
          metadataListOf(text, ['a']);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('a list of names in protobuf', () => {
  /** In pieces of so many bytes. */
  async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it.each([1, 2, 7, 50, 10_000])('gives all of them, as it comes in pieces of %d bytes', async (size) => {
    expect(await namesListIn(inPieces(listMessage([OTHER, LOCK]), size))).toEqual({
      kind: 'PartialObjectMetadataList',
      metadata: { resourceVersion: '77', continue: 'next' },
      items: [{ metadata: { name: 'other' } }, { metadata: { name: 'lock', namespace: 'ns' } }],
    });
  });

  it('is refused by a RangeError, never read halfway, when it breaks off or is something else', async () => {
    const whole = listMessage([LOCK, OTHER]);
    // What says how it is encoded: two empty texts.
    const withoutEnd = whole.length - 4;
    for (let size = 0; size < withoutEnd; size += 1) {
      await expect(namesListIn(inPieces(whole.subarray(0, size), 64))).rejects.toThrow(RangeError);
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const text = Buffer.concat([Buffer.from('k8s\0'), bytes]);
        await namesListIn(inPieces(text, 16)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(RangeError);
        });
      }),
    );
  });

  it('is whatever went wrong on the way, where the connection broke', async () => {
    const cut = async function* () {
      yield listMessage([LOCK]).subarray(0, 20);
      throw new Error('reset by peer');
    };
    await expect(namesListIn(cut())).rejects.toThrow('reset by peer');
  });
});
