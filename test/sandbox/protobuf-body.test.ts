import { describe, expect, it } from 'vitest';
import { protobufBody } from '../../src/sandbox/api/protobuf-body.ts';

/** A field whose value says how long it is: a text, or a message of fields. */
function field(number: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const value = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([number * 8 + 2, value.length]), value]);
}

function numeric(number: number, value: number): Buffer {
  return Buffer.from([number * 8, value]);
}

function body(apiVersion: string, kind: string, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, field(1, apiVersion), field(2, kind)),
    field(2, ...fields),
  ]);
}

const NAMED = field(1, field(1, 'a'), field(2, ''), field(8, ''));

describe('a body in the form that kubectl sends by itself', () => {
  it.each([
    [
      'texts and bytes',
      body(
        'v1',
        'ConfigMap',
        NAMED,
        field(2, field(1, 'k'), field(2, 'v')),
        field(2, field(1, 'none')),
        field(3, field(1, 'b'), field(2, 'x')),
      ),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
        data: { k: 'v', none: '' },
        binaryData: { b: 'eA==' },
      },
    ],
    [
      'what is unset is written as zeros',
      body('v1', 'ConfigMap', NAMED, numeric(4, 0), field(9, '')),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    ],
    [
      'a number that may be missing is told when it is zero',
      body('apps/v1', 'Deployment', field(2, numeric(1, 0), numeric(5, 0))),
      { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 0 } },
    ],
    [
      'lists',
      body('v1', 'DeleteOptions', numeric(1, 30), field(5, 'All')),
      { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 30, dryRun: ['All'] },
    ],
  ])('is read: %s', (_, bytes, read) => {
    expect(protobufBody(bytes)).toEqual(read);
  });

  it.each([
    [
      'a kind that is only known as JSON',
      body('v1', 'Service', NAMED),
      'refused',
      /a Service is only accepted as JSON/,
    ],
    [
      'a field that says something and would be lost',
      body('v1', 'ConfigMap', field(9, 'x')),
      'refused',
      /only understood as JSON/,
    ],
    ['one that breaks off', body('v1', 'ConfigMap', NAMED).subarray(0, -1), 'usage', /breaks off/],
    ['something else', Buffer.from('{}'), 'usage', /does not begin as one/],
  ])('is refused: %s', (_, bytes, code, message) => {
    expect(() => protobufBody(bytes)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
