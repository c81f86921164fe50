import { describe, expect, it } from 'vitest';
import type { Cluster, ListRequest } from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { CONFIGMAPS, LEASES, NODES, PODS } from '../../src/core/resources.ts';
import { configMapLock, lease, node, type PodOptions, pod } from '../support/objects.ts';
import { type ContractGround, eventually, FULL, METADATA, names } from './ground.ts';

/** What the product reads of metadata, which is not all that there is. */
function readable({ apiVersion, kind, metadata }: ClusterObject): ClusterObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels, annotations } = metadata;
  const { ownerReferences = [], managedFields = [] } = metadata;
  const owners = ownerReferences.map(
    ({ apiVersion: version, kind: type, name: called, uid: id, controller }) => ({
      ...{ version, type, called, id, controller },
    }),
  );
  const managed = managedFields.map(({ manager, operation, time, fieldsV1 }) => ({
    ...{ manager, operation, time, fieldsV1 },
  }));
  const same = { name, namespace, uid, resourceVersion, creationTimestamp, labels, annotations };
  return { apiVersion, kind, metadata: same, owners, managed } as ClusterObject;
}

/** Reading: list, get, rows. */
export function readContract(ground: () => ContractGround): void {
  describe('list', () => {
    it('gives whole objects that say what they are', async () => {
      const namespace = await ground().namespace();
      await ground().admin.create(lease({ namespace, name: 'a', holder: 'x' }));
      const { items } = await ground().settle(ground().cluster.list(LEASES, { ...FULL, namespace }));
      expect(items).toMatchObject([
        {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: 'a', namespace },
          spec: { holderIdentity: 'x' },
        },
      ]);
      expect(items[0]?.metadata.uid).toMatch(/./);
    });

    it('gives metadata alone when only that was asked for', async () => {
      const namespace = await ground().namespace();
      await ground().admin.create(configMapLock({ namespace, name: 'a' }));
      const { items } = await ground().settle(ground().cluster.list(CONFIGMAPS, { ...METADATA, namespace }));
      const mine = items.filter(({ metadata }) => metadata.name === 'a');
      expect(mine.map((item) => Object.keys(item).sort())).toEqual([['apiVersion', 'kind', 'metadata']]);
      expect(mine[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
      expect(Object.keys(mine[0]?.metadata.annotations ?? {})).toEqual([
        'control-plane.alpha.kubernetes.io/leader',
      ]);
    });

    it('gives those alone that bear an annotation, with the same metadata as otherwise', async () => {
      const { admin, cluster, settle } = ground();
      const namespace = await ground().namespace();
      const other = await admin.create(configMapLock({ namespace, name: 'other' }));
      const lock = configMapLock({ namespace, name: 'lock', labels: { app: 'x', empty: '' } });
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: other.metadata.uid ?? '' };
      await admin.create({
        ...lock,
        metadata: {
          ...lock.metadata,
          annotations: { ...lock.metadata.annotations, 'example.com/told': 'Zürich ☃ 東京' },
          ownerReferences: [{ ...reference, controller: true }],
        },
      });
      const asked = { ...METADATA, namespace };
      const all = (await settle(cluster.list(CONFIGMAPS, asked))).items;
      const annotations = ['example.com/absent', 'example.com/told'];
      const found = await settle(cluster.list(CONFIGMAPS, { ...asked, annotations }));
      expect(found.resourceVersion).toMatch(/^\d+$/);
      expect(found.items.map(readable)).toEqual(
        all.filter(({ metadata }) => metadata.name === 'lock').map(readable),
      );
      expect(found.items[0]?.metadata).toMatchObject({
        labels: { app: 'x', empty: '' },
        annotations: { 'example.com/told': 'Zürich ☃ 東京' },
        ownerReferences: [{ ...reference, controller: true }],
      });
    });

    it('gives names and namespaces alone when only those were asked for, in all namespaces and in one', async () => {
      const { admin, cluster, settle } = ground();
      const [one, two] = [await ground().namespace(), await ground().namespace()];
      const labels = { suite: one };
      await admin.create(pod({ namespace: one, name: 'same', labels }));
      await admin.create(pod({ namespace: two, name: 'same', labels }));
      await admin.create(pod({ namespace: two, name: 'other', labels }));
      const asked = { projection: 'names', consistency: 'quorum', labelSelector: `suite=${one}` } as const;
      const answer = await settle(cluster.list(PODS, asked));
      const type = { apiVersion: 'v1', kind: 'Pod' };
      const expected = [
        { ...type, metadata: { name: 'other', namespace: two } },
        { ...type, metadata: { name: 'same', namespace: one } },
        { ...type, metadata: { name: 'same', namespace: two } },
      ];
      expect(answer.items).toHaveLength(expected.length);
      expect(answer.items).toEqual(expect.arrayContaining(expected));
      expect(answer.resourceVersion).toMatch(/^\d+$/);
      const inOne = await settle(cluster.list(PODS, { ...asked, namespace: one }));
      expect(inOne.items).toEqual([expected[1]]);
      // What has no namespace has none here either.
      await admin.create(node({ name: `${one}-node`, labels }));
      const nodes = await settle(cluster.list(NODES, asked));
      expect(nodes.items).toEqual([{ apiVersion: 'v1', kind: 'Node', metadata: { name: `${one}-node` } }]);
    });

    it('gives an empty list for a namespace that is empty, or is not there', async () => {
      const namespace = await ground().namespace();
      expect((await ground().settle(ground().cluster.list(LEASES, { ...FULL, namespace }))).items).toEqual(
        [],
      );
      expect(
        (await ground().settle(ground().cluster.list(LEASES, { ...FULL, namespace: 'no-such' }))).items,
      ).toEqual([]);
    });

    it('selects by label, name and namespace', async () => {
      const [one, two] = [await ground().namespace(), await ground().namespace()];
      const labels = { suite: one };
      await ground().admin.create(lease({ namespace: one, name: 'a', labels }));
      await ground().admin.create(lease({ namespace: one, name: 'b' }));
      await ground().admin.create(lease({ namespace: two, name: 'c', labels }));
      const found = async (scope: Partial<ListRequest>) =>
        names((await ground().settle(ground().cluster.list(LEASES, { ...METADATA, ...scope }))).items);
      const labelSelector = `suite=${one}`;
      expect(await found({ labelSelector })).toEqual(['a', 'c']);
      expect(await found({ labelSelector: '!suite', namespace: one })).toEqual(['b']);
      expect(await found({ namespace: one, fieldSelector: 'metadata.name=b' })).toEqual(['b']);
      expect(await found({ labelSelector, fieldSelector: `metadata.namespace!=${one}` })).toEqual(['c']);
    });

    it('gives everything, each object once, when there is more than a page', async () => {
      const namespace = await ground().namespace();
      const all = Array.from({ length: 520 }, (_, index) => `c${String(index).padStart(3, '0')}`);
      for (let at = 0; at < all.length; at += 40) {
        await Promise.all(
          all.slice(at, at + 40).map((name) => ground().admin.create(configMapLock({ namespace, name }))),
        );
      }
      const { items } = await ground().settle(ground().cluster.list(CONFIGMAPS, { ...FULL, namespace }));
      // A namespace may have a ConfigMap of its own.
      expect(names(items).filter((name) => name !== 'kube-root-ca.crt')).toEqual(all);
    });

    it('reads from the cache what a quorum read has', async () => {
      const namespace = await ground().namespace();
      await ground().admin.create(lease({ namespace, name: 'a' }));
      const cached = { ...FULL, consistency: 'cached', namespace } as const;
      const { items } = await eventually(
        ground(),
        () => ground().cluster.list(LEASES, cached),
        (answer) => answer.items.length > 0,
      );
      expect(names(items)).toEqual(['a']);
    });

    it('tells the time of the server', async () => {
      const { serverTime } = await ground().settle(ground().cluster.list(LEASES, FULL));
      expect(Math.abs((serverTime?.at ?? 0) - ground().clock.now())).toBeLessThan(10_000);
      expect(serverTime?.receivedAt).toBeLessThanOrEqual(ground().clock.mono());
      expect(serverTime?.roundTripMs).toBeGreaterThanOrEqual(0);
    });
  });

  describe('get', () => {
    it('gives one object, whole or its metadata, by quorum or from the cache', async () => {
      const namespace = await ground().namespace();
      await ground().admin.create(lease({ namespace, name: 'a', holder: 'x' }));
      const whole = await ground().settle(ground().cluster.get(LEASES, namespace, 'a', FULL));
      expect(whole.object).toMatchObject({
        kind: 'Lease',
        metadata: { name: 'a' },
        spec: { holderIdentity: 'x' },
      });
      expect(whole.serverTime).not.toBeNull();
      const metadata = await eventually(
        ground(),
        () => ground().cluster.get(LEASES, namespace, 'a', { projection: 'metadata', consistency: 'cached' }),
        () => true,
      );
      expect(Object.keys(metadata.object).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
      expect(metadata.object).toMatchObject({ kind: 'Lease', metadata: { name: 'a' } });
    });

    it('rejects with not-found for what is not there', async () => {
      const namespace = await ground().namespace();
      const missing = ground().settle(ground().cluster.get(LEASES, namespace, 'a', FULL));
      await expect(missing).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('"a"'),
      });
      await expect(ground().settle(ground().cluster.get(NODES, null, 'no-such', FULL))).rejects.toMatchObject(
        {
          code: 'not-found',
        },
      );
    });
  });

  describe('rows', () => {
    const PODS_BY_STATUS: Record<string, PodOptions & { terminating?: boolean }> = {
      Running: { node: 'n1', ip: '10.1.2.3' },
      Pending: { phase: 'Pending' },
      Evicted: { phase: 'Failed', reason: 'Evicted', node: 'n1' },
      Error: { phase: 'Failed', node: 'n1' },
      Completed: { phase: 'Succeeded', node: 'n1' },
      CrashLoopBackOff: { waiting: 'CrashLoopBackOff', node: 'n1' },
      Terminating: { node: 'n1', terminating: true },
    };

    it('prints Pods in the words of kubectl', async () => {
      const namespace = await ground().namespace();
      for (const [status, { terminating, ...options }] of Object.entries(PODS_BY_STATUS)) {
        const stored = await ground().admin.create(
          pod({ namespace, name: status.toLowerCase(), ...options }),
        );
        if (terminating) await ground().admin.terminate(stored);
      }
      const expected = Object.fromEntries(
        Object.keys(PODS_BY_STATUS).map((word) => [word.toLowerCase(), word]),
      );
      const statuses = ({ rows }: Awaited<ReturnType<Cluster['rows']>>) =>
        Object.fromEntries(rows.map((row) => [row['Name'], row['Status']]));
      const { rows } = await eventually(
        ground(),
        () => ground().cluster.rows(PODS, { namespace }),
        (answer) =>
          JSON.stringify(Object.values(statuses(answer)).sort()) ===
          JSON.stringify(Object.keys(PODS_BY_STATUS).sort()),
      );
      expect(statuses({ rows })).toEqual(expected);
      const running = rows.find((row) => row['Name'] === 'running') ?? {};
      expect(running).toMatchObject({ Ready: '1/1', IP: '10.1.2.3', Node: 'n1' });
      expect(Object.keys(running)).toEqual(
        expect.arrayContaining(['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node']),
      );
    });

    it('prints Nodes in the words of kubectl, selected by label', async () => {
      const suite = await ground().namespace();
      const labels = { suite };
      await ground().admin.create(node({ name: `${suite}-1`, labels }));
      await ground().admin.create(node({ name: `${suite}-2`, labels, ready: false }));
      await ground().admin.create(node({ name: `${suite}-3`, labels, ready: null }));
      await ground().admin.create(node({ name: `${suite}-4`, labels, unschedulable: true }));
      await ground().admin.create(node({ name: `${suite}-5` }));
      const { rows } = await eventually(
        ground(),
        () => ground().cluster.rows(NODES, { labelSelector: `suite=${suite}` }),
        (answer) =>
          answer.rows.filter((row) => row['Status'] === 'NotReady').length === 2 && answer.rows.length === 4,
      );
      expect(Object.fromEntries(rows.map((row) => [row['Name'], row['Status']]))).toEqual({
        [`${suite}-1`]: 'Ready',
        [`${suite}-2`]: 'NotReady',
        [`${suite}-3`]: 'NotReady',
        [`${suite}-4`]: 'Ready,SchedulingDisabled',
      });
      expect(Object.keys(rows[0] ?? {})).toEqual(
        expect.arrayContaining(['Name', 'Status', 'Roles', 'Age', 'Internal-IP']),
      );
    });
  });
}
