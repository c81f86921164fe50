import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backupFileName, backupOf } from '../../src/core/backup.ts';
import { fixture, kindOf } from './formats/fixture.ts';

const AT = Date.parse('2026-01-15T12:00:00.250Z');

describe('a backup', () => {
  it('is the object without what the API server sets', () => {
    const object = fixture('lease/client-go');
    Object.assign(object.metadata, {
      generation: 3,
      selfLink: '/x',
      deletionTimestamp: '2026-01-15T12:00:00Z',
      annotations: { a: 'b' },
      finalizers: ['a/b'],
    });
    expect(backupOf(object, 'lease')).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: 'kube-scheduler',
        namespace: 'kube-system',
        labels: { team: 'platform' },
        annotations: { a: 'b' },
        finalizers: ['a/b'],
      },
      spec: object.spec,
    });
  });

  it.each(['annotation/configmap-flink', 'annotation/endpoints-of-a-service', 'lease/nais-for-life'])(
    '%s keeps its contents, and its owners',
    (name) => {
      const object = fixture(name);
      const { metadata, ...contents } = object;
      const { uid, resourceVersion, creationTimestamp, ...kept } = metadata;
      expect(backupOf(object, kindOf(object))).toEqual({ ...contents, metadata: kept });
    },
  );

  it('names its type even if the object, out of a list, does not, and begins with it', () => {
    const { apiVersion, kind, ...untyped } = fixture('annotation/endpoints-client-go');
    const backup = backupOf(untyped, 'endpoints');
    expect(backup).toMatchObject({ apiVersion: 'v1', kind: 'Endpoints' });
    expect(Object.keys(backup)).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('leaves the object as it is', () => {
    const object = fixture('lease/client-go');
    backupOf(object, 'lease');
    expect(object).toEqual(fixture('lease/client-go'));
  });
});

describe('the name of its file', () => {
  it.each([
    [
      { namespace: 'kube-system', kind: 'lease', name: 'kube-scheduler' },
      'kube-system_lease_kube-scheduler_20260115T120000.250Z.yaml',
    ],
    [
      { namespace: '../../etc', kind: 'configmap', name: 'a/b\\c:d..e' },
      '_-.-etc_configmap_a-b-c-d.e_20260115T120000.250Z.yaml',
    ],
  ] as const)('%o', (ref, expected) => {
    expect(backupFileName(ref, AT)).toBe(expected);
  });

  it('is safe on every file system, whatever the names are', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('n'.repeat(253)));
    fc.assert(
      fc.property(anything, anything, (namespace, name) => {
        const file = backupFileName({ namespace, kind: 'endpoints', name }, AT);
        expect(file).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.yaml$/);
        expect(file).not.toContain('..');
        expect(file.length).toBeLessThanOrEqual(255);
      }),
    );
  });
});
