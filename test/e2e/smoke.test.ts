import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import type { LockType } from '../support/fake-resource-lock.ts';
import { configMapLock, endpointsLock, LEADER_ANNOTATION, lease, node, pod } from '../support/objects.ts';
import type { ApiAccess } from './support/api-access.ts';
import { eventually } from './support/child-process.ts';
import { startConflictProxy } from './support/conflict-proxy.ts';
import { startControlPlane } from './support/control-plane.ts';
import { hasAsset, type RunningElector, startControllerManager, startElector } from './support/elector.ts';
import { findOnPath } from './support/find-on-path.ts';
import { installPlugin } from './support/plugin.ts';
import { sharedControlPlane } from './support/shared.ts';

const shared = sharedControlPlane();
const assets = shared?.coordinates.assets ?? '';

const HALVES: Record<LockType, readonly (typeof lease)[]> = {
  leases: [lease],
  endpoints: [endpointsLock],
  configmaps: [configMapLock],
  endpointsleases: [endpointsLock, lease],
  configmapsleases: [configMapLock, lease],
};

function holderOf(object: ClusterObject | null): unknown {
  const annotation = object?.metadata.annotations?.[LEADER_ANNOTATION];
  const record = annotation === undefined ? object?.spec : (JSON.parse(annotation) as unknown);
  return (record as Record<string, unknown> | undefined)?.['holderIdentity'];
}

describe.skipIf(shared === null)('the test ground', () => {
  const api = shared as ApiAccess;
  let namespace = '';
  const electors: RunningElector[] = [];

  beforeAll(async () => {
    namespace = await api.namespace('smoke');
  });

  afterEach(async () => {
    await Promise.all(electors.splice(0).map((elector) => elector.stop()));
  });

  function elect(lock: LockType, name: string, kubeconfig = api.kubeconfig()): RunningElector {
    const times = { leaseDuration: '4s', renewDeadline: '3s', retryPeriod: '500ms' };
    const elector = startElector({
      ...times,
      assets,
      kubeconfig,
      lock,
      namespace,
      name,
      identity: `holder-of-${name}`,
    });
    electors.push(elector);
    return elector;
  }

  it.skipIf(!hasAsset(assets, 'elector'))('elects through every type of lock', async () => {
    const types = Object.keys(HALVES) as LockType[];
    const started = types.map((type) => elect(type, type));
    await Promise.all(started.map((elector) => elector.until('leading')));
    for (const type of types) {
      for (const build of HALVES[type]) {
        const stored = await api.read(build({ namespace, name: type }));
        expect([type, holderOf(stored)]).toEqual([type, `holder-of-${type}`]);
      }
    }
    const [first] = started;
    first?.signal('SIGKILL');
    await expect(first?.exited).resolves.toMatchObject({ signal: 'SIGKILL' });
    expect(holderOf(await api.read(lease({ namespace, name: 'leases' })))).toBe('holder-of-leases');
  });

  it.skipIf(!hasAsset(assets, 'elector'))('freezes a lock whose writes all conflict', async () => {
    const proxy = await startConflictProxy(api);
    try {
      const object = endpointsLock({ namespace, name: 'frozen' });
      const version = async (): Promise<string | undefined> =>
        (await api.read(object))?.metadata.resourceVersion;
      const elector = elect('endpoints', 'frozen', proxy.kubeconfig());
      await elector.until('leading');
      const first = await version();
      await eventually('a renewal through the proxy', async () => (await version()) !== first || null);
      const path = `/api/v1/namespaces/${namespace}/endpoints/frozen`;
      proxy.conflictOn(path);
      const refused = proxy.conflicts;
      await eventually('a refused renewal', () => (proxy.conflicts > refused ? true : null));
      const frozen = await version();
      await elector.until('stopped');
      expect(await version()).toBe(frozen);
      proxy.pass(path);
      await elect('endpoints', 'frozen', proxy.kubeconfig()).until('leading');
      expect(await version()).not.toBe(frozen);
    } finally {
      await Promise.all(electors.splice(0).map((elector) => elector.stop()));
      await proxy.stop();
    }
  });

  it('stores an object with its status', async () => {
    const evicted = pod({ namespace, name: 'evicted', phase: 'Failed', reason: 'Evicted' });
    expect((await api.apply(evicted)).status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    const name = `node-of-${namespace}`;
    expect((await api.apply(node({ name, ready: false }))).status).toMatchObject({
      conditions: [{ type: 'Ready', status: 'False' }],
    });
    const renewed = await api.apply(lease({ namespace, name: 'twice' }));
    const again = await api.apply(lease({ namespace, name: 'twice', transitions: 7 }));
    expect(again.metadata.uid).toBe(renewed.metadata.uid);
    expect(again.spec).toMatchObject({ leaseTransitions: 7 });
    await api.remove(node({ name }));
    expect(await api.read(node({ name }))).toBeNull();
  });

  it('holds users to RBAC', async () => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    expect((await api.call('GET', path, undefined, 'alice')).status).toBe(403);
    await api.grant('alice', [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }], namespace);
    await eventually('the grant takes effect', async () =>
      (await api.call('GET', path, undefined, 'alice')).status === 200 ? true : null,
    );
    expect((await api.call('GET', '/api/v1/pods', undefined, 'alice')).status).toBe(403);
  });

  it.skipIf(findOnPath('kubectl') === null)('is reached by kubectl', async () => {
    const { code, stdout } = await api.kubectl(['get', 'namespace', namespace, '-o', 'name']);
    expect([code, stdout.trim()]).toEqual([0, `namespace/${namespace}`]);
    expect(await api.kubectl(['get', 'nodes'], 'alice')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"alice" cannot list resource "nodes"'),
    });
  });

  it.skipIf(findOnPath('kubectl') === null)('runs the built plugin as kubectl does', async () => {
    const plugin = installPlugin(inject('bundle') ?? '', api.coordinates.folder);
    const direct = await plugin.run(['version'], { through: 'nothing' });
    expect(direct).toMatchObject({ code: 0, stderr: '' });
    expect(await plugin.run(['version'])).toEqual(direct);
    expect((await plugin.run(['no-such-command'])).code).toBe(1);
    plugin.dispose();
  });

  it.skipIf(!hasAsset(assets, 'kube-controller-manager'))(
    'runs a real kube-controller-manager, on a control plane of its own',
    async () => {
      const plane = await startControlPlane({ assets, users: ['bob'], inFolder: api.coordinates.folder });
      try {
        expect((await plane.api.call('GET', '/api/v1/nodes', undefined, 'bob')).status).toBe(403);
        const kubeconfig = plane.api.kubeconfig();
        const hostname = 'master-2';
        const manager = await startControllerManager({ assets, kubeconfig, lock: 'endpoints', hostname });
        electors.push(manager);
        await manager.until('leading');
        const place = { namespace: 'kube-system', name: 'kube-controller-manager' };
        expect(holderOf(await plane.api.read(endpointsLock(place)))).toMatch(/^\S+_[0-9a-f-]{36}$/);
        await manager.stop();
      } finally {
        await plane.stop();
      }
    },
  );
});
