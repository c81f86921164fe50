import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { configMapLock, endpointsLock, lease, node, pod } from '../../test/support/objects.ts';
import type { Size } from './sizes.ts';

const UUID = '6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';
/** Locks that nothing renews while it is measured have to look renewed for as long as that takes, seconds. */
const DURATION = 4 * 3600;
const LONG_AGO_MS = 5 * 86_400_000;
/** Settings as they are written, 2 KiB: they compress to a third, not to nothing. */
function settings(index: number): string {
  const line = (at: number): string => `option-${at}: ${((index + 1) * 7919 * (at + 1) ** 2).toString(36)}\n`;
  return Array.from({ length: 140 }, (_, at) => line(at))
    .join('')
    .slice(0, 2_048);
}
const SPREAD = 5;
/** As many locks as the smallest size has lie close together, since it has few Pods. */
const CLOSE_TOGETHER = 50;

function namespaceOf(podIndex: number, size: Size): string {
  return `bench-${Math.floor(podIndex / size.podsInNamespace)}`;
}

/** As the ReplicaSet controller ends its Pods' names. */
function suffix(index: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const digit = (place: number): string => letters[Math.floor(index / 27 ** place) % 27] ?? '';
  return [4, 3, 2, 1, 0].map(digit).join('');
}

function podName(index: number): string {
  return `app-${index % 97}-6f7d8b9c5d-${suffix(index)}`;
}

export function namespaces(size: Size): ClusterObject[] {
  const count = Math.ceil(size.pods / size.podsInNamespace);
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `bench-${index}` },
  }));
}

function podAt(index: number, size: Size): ClusterObject {
  const plain = pod({
    name: podName(index),
    namespace: namespaceOf(index, size),
    node: `node-${index % size.nodes}`,
    ip: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    labels: { app: `app-${index % 97}`, 'pod-template-hash': '6f7d8b9c5d' },
  });
  const [container] = (plain['spec'] as { containers: object[] }).containers;
  // About as much as a real one.
  const env = Array.from({ length: 12 }, (_, at) => ({
    name: `SETTING_${at}`,
    value: `the value of setting ${at}`,
  }));
  const resources = {
    requests: { cpu: '100m', memory: '128Mi' },
    limits: { cpu: '500m', memory: '512Mi' },
  };
  return { ...plain, spec: { ...(plain['spec'] as object), containers: [{ ...container, env, resources }] } };
}

/** Two in a hundred are held by a Pod that is gone, but none in the smallest size: most small clusters are well. */
function isAbandoned(index: number): boolean {
  return index >= CLOSE_TOGETHER && index % 50 === 7;
}

/** Nine in ten are held by a Pod of their namespace, one by a Node. */
function holderOf(index: number, podIndex: number, size: Size): string {
  if (isAbandoned(index)) return `${podName(podIndex).slice(0, -5)}xxxxx_${UUID}`;
  return index % 10 === 3 ? `node-${index % size.nodes}_${UUID}` : `${podName(podIndex)}_${UUID}`;
}

function lockAt(index: number, name: string, make: typeof lease, size: Size): ClusterObject {
  const podIndex = index < CLOSE_TOGETHER ? index * 2 : (index * SPREAD) % size.pods;
  const abandoned = isAbandoned(index);
  const now = Date.now();
  const at = abandoned ? now - LONG_AGO_MS : now;
  return make({
    name: `${name}-${index}`,
    namespace: namespaceOf(podIndex, size),
    holder: holderOf(index, podIndex, size),
    durationSeconds: abandoned ? 15 : DURATION,
    acquireTime: at,
    renewTime: at,
  });
}

function endpointsAt(index: number, size: Size): ClusterObject {
  const addresses = Array.from({ length: 3 }, (_, at) => ({ ip: `10.1.${index & 255}.${at + 1}` }));
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: `service-${index}`, namespace: namespaceOf(index % size.pods, size) },
    subsets: [{ addresses, ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }],
  };
}

function configMapAt(index: number, size: Size): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `settings-${index}`,
      namespace: namespaceOf(index % size.pods, size),
      labels: { app: `app-${index % 97}` },
    },
    data: { 'settings.yaml': settings(index) },
  };
}

/** What a cluster of one size has beyond what a cluster of a smaller size has. Namespaces are not among it. */
export function* objectsBeyond(size: Size, smaller: Size | null): Generator<ClusterObject> {
  const beyond = (
    what: 'nodes' | 'pods' | 'leases' | 'legacyLocks' | 'endpoints' | 'configMaps',
  ): number[] => {
    const from = smaller?.[what] ?? 0;
    return Array.from({ length: size[what] - from }, (_, at) => from + at);
  };
  for (const index of beyond('nodes')) yield node({ name: `node-${index}` });
  for (const index of beyond('pods')) yield podAt(index, size);
  for (const index of beyond('leases')) yield lockAt(index, 'lock', lease, size);
  for (const index of beyond('legacyLocks')) {
    yield lockAt(index, 'legacy', index % 2 === 0 ? endpointsLock : configMapLock, size);
  }
  for (const index of beyond('endpoints')) yield endpointsAt(index, size);
  for (const index of beyond('configMaps')) yield configMapAt(index, size);
}
