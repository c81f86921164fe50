import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { type LockObjectFacts, objectFactsOf } from '../../src/core/lock-object.ts';
import { configMapLock, endpointsLock, lease } from '../support/objects.ts';
import { fixture } from './formats/fixture.ts';
import { PURE } from './release-stage.ts';

const PLAIN = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'leader.istio.io/holder-key': 'a' };

describe('what an object is besides a lock', () => {
  it.each<[string, ClusterObject, Partial<LockObjectFacts>]>([
    ['a Lease of client-go, labelled by its team', fixture('lease/client-go'), {}],
    ['an Endpoints lock', endpointsLock(), {}],
    ['a ConfigMap lock', configMapLock(), {}],
    ['annotations that electors and kubectl write', lease({ annotations: PLAIN }), {}],
    ['empty contents', { ...configMapLock(), data: {}, binaryData: null, subsets: [] }, {}],
    ['Endpoints of a Service', fixture('annotation/endpoints-of-a-service'), { hasSubsets: true }],
    ['Flink, which keeps its state there', fixture('annotation/configmap-flink'), { hasData: true }],
    ['binary data', { ...configMapLock(), binaryData: { a: 'AA==' } }, { hasData: true }],
    ['data of a shape unheard of', { ...configMapLock(), data: 'x' }, { hasData: true }],
    [
      "somebody else's annotations and a controller's label",
      configMapLock({
        annotations: { 'stolon-clusterdata': '{}' },
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      }),
      { foreign: ['annotation stolon-clusterdata', 'label app.kubernetes.io/managed-by'] },
    ],
    [
      'finalizers',
      { ...lease(), metadata: { ...lease().metadata, finalizers: ['a/b'] } as ClusterObject['metadata'] },
      { finalizers: ['a/b'] },
    ],
  ])('%s', (_, object, expected) => {
    expect(objectFactsOf(object, false)).toEqual({ ...PURE, ...expected });
  });

  it('keeps what is not known of a Service', () => {
    expect(objectFactsOf(endpointsLock(), null)?.service).toBeNull();
    expect(objectFactsOf(endpointsLock(), true)?.service).toBe(true);
  });

  it('metadata alone tells nothing of the contents', () => {
    const { metadata } = fixture('annotation/configmap-flink');
    expect(objectFactsOf({ kind: 'PartialObjectMetadata', metadata }, false)).toBeNull();
  });
});
