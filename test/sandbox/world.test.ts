import { afterEach, describe, expect, it } from 'vitest';
import { DEPLOYMENTS, LEASES, NODES, PODS, STATEFULSETS } from '../../src/core/resources.ts';
import { printedRow } from '../../src/sandbox/printed-rows.ts';
import { populate } from '../../src/sandbox/world/populate.ts';
import { pod } from '../support/objects.ts';
import { WorldStage } from './stage.ts';

const APP = { kind: 'Deployment', namespace: 'shop', name: 'cart' } as const;

describe('a world', () => {
  const stages: WorldStage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.end();
  });

  function setUp(election: Parameters<typeof populate>[1]['election'] = {}, replicas = 2): WorldStage {
    const stage = new WorldStage();
    stages.push(stage);
    for (const name of ['w1', 'w2']) stage.world.node(name);
    populate(stage.world, { ...APP, replicas, election, ageDays: 30, heldDays: 2 });
    return stage;
  }

  const holder = (stage: WorldStage): unknown => stage.record(LEASES, 'shop', 'cart')['holderIdentity'];
  const status = (stage: WorldStage): unknown[] =>
    stage.pods('shop').map((pod) => printedRow(PODS, pod, stage.clock.now())['Status']);

  it('has been there for long: its leader goes on, without a word', async () => {
    const stage = setUp();
    const before = { ...stage.record(LEASES, 'shop', 'cart') };
    await stage.clock.advance(30_000);
    const after = stage.record(LEASES, 'shop', 'cart');
    expect(after).toEqual({ ...before, renewTime: after['renewTime'] });
    expect(after['renewTime']).not.toBe(before['renewTime']);
    expect(stage.world.leaders('shop', 'cart')).toHaveLength(1);
    expect(stage.world.api.store.list(LEASES).map(({ metadata }) => metadata.name)).toEqual([
      'w1',
      'w2',
      'cart',
    ]);
  });

  it('a Pod that is deleted ends in order, its owner makes another one, and the lock goes on', async () => {
    const stage = setUp({ releaseOnCancel: true });
    await stage.clock.advance(5_000);
    const before = holder(stage);
    const [leader] = stage.world.leaders('shop', 'cart');
    stage.world.deletePod('shop', leader?.pod ?? '');
    await stage.until('another one leads', () => holder(stage) !== before && holder(stage) !== '', 10);
    await stage.until('two Pods run', () => status(stage).join() === 'Running,Running', 10);
    expect(stage.pods('shop').map(({ metadata }) => metadata.name)).not.toContain(leader?.pod);
  });

  it('a process that exits is started again by its kubelet, later and later', async () => {
    const stage = setUp({}, 1);
    await stage.clock.advance(5_000);
    const kill = async (): Promise<void> => {
      stage.world.running[0]?.process.kill();
      await stage.clock.settle();
    };
    await kill();
    expect(status(stage)).toEqual(['OOMKilled']);
    await stage.until('it runs again', () => status(stage)[0] === 'Running', 3);
    await kill();
    expect(status(stage)).toEqual(['CrashLoopBackOff']);
    await stage.clock.advance(8_000);
    expect(status(stage)).toEqual(['CrashLoopBackOff']);
    await stage.until('it runs again', () => status(stage)[0] === 'Running', 4);
    const row = printedRow(PODS, stage.pods('shop')[0] ?? { metadata: {} }, stage.clock.now());
    expect(row['Restarts']).toMatch(/^2 \(/);
  });

  it('without its kubelet a container runs on, and is not started again', async () => {
    const stage = setUp({}, 1);
    await stage.clock.advance(5_000);
    const [leader] = stage.world.leaders('shop', 'cart');
    stage.world.kubelet(leader?.node ?? '').stop();
    stage.world.removeNode(leader?.node ?? '');
    await stage.until(
      'its Pod is collected',
      () => !stage.world.exists({ namespace: 'shop', pod: leader?.pod ?? '' }),
      5,
    );
    const before = stage.record(LEASES, 'shop', 'cart')['renewTime'];
    await stage.clock.advance(10_000);
    expect(stage.record(LEASES, 'shop', 'cart')['renewTime']).not.toBe(before);
    leader?.process.kill();
    await stage.clock.advance(60_000);
    expect(holder(stage)).toMatch(new RegExp(`^(?!${leader?.pod}_)cart-`));
  });

  it('a machine that lost power is not Ready after a while, nor are its Pods', async () => {
    const stage = setUp({}, 1);
    await stage.clock.advance(1_000);
    const node = stage.world.running[0]?.node ?? '';
    stage.world.kubelet(node).powerOff();
    const nodeStatus = (): unknown =>
      printedRow(NODES, stage.world.api.store.read(NODES, null, node), stage.clock.now())['Status'];
    await stage.clock.advance(20_000);
    expect(nodeStatus()).toBe('Ready');
    await stage.clock.advance(40_000);
    expect(nodeStatus()).toBe('NotReady');
    expect(stage.pods('shop')[0]?.status).toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'False' })]),
    });
  });

  it('Pods are made and removed as wanted, but only while a controller manager leads', async () => {
    const stage = setUp();
    let leads = false;
    stage.world.controllersLead = () => leads;
    stage.scale('shop', 'cart', 4);
    await stage.clock.advance(20_000);
    expect(stage.pods('shop')).toHaveLength(2);
    leads = true;
    await stage.until('four run', () => status(stage).filter((one) => one === 'Running').length === 4, 10);
    await stage.clock.advance(2_000);
    expect(stage.world.api.store.read(DEPLOYMENTS, 'shop', 'cart').status).toMatchObject({
      readyReplicas: 4,
    });
    stage.scale('shop', 'cart', 0);
    await stage.until('none is left', () => stage.pods('shop').length === 0, 10);
    expect(stage.world.running).toEqual([]);
  });

  it('a DaemonSet has a Pod on each worker, a StatefulSet numbered ones', async () => {
    const stage = new WorldStage();
    stages.push(stage);
    for (const name of ['w1', 'w2']) stage.world.node(name);
    stage.world.node('m1', { roles: ['control-plane'] });
    populate(stage.world, { kind: 'DaemonSet', namespace: 'shop', name: 'agent', election: {} });
    populate(stage.world, { kind: 'StatefulSet', namespace: 'db', name: 'db', replicas: 2, election: {} });
    stage.world.node('w3');
    await stage.until('three agents', () => status(stage).join() === 'Running,Running,Running', 10);
    const nodes = stage.pods('shop').map(({ spec }) => (spec as { nodeName: string }).nodeName);
    expect(nodes.sort()).toEqual(['w1', 'w2', 'w3']);
    stage.world.deletePod('db', 'db-0');
    await stage.until('it is gone', () => stage.pods('db').length === 1, 10);
    await stage.until('it is back', () => stage.pods('db').length === 2, 10);
    expect(stage.pods('db').map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1']);
  });

  it('a StatefulSet makes do without the name that a Pod of nobody has', async () => {
    const stage = new WorldStage();
    stages.push(stage);
    stage.world.node('w1');
    stage.world.api.store.create(pod({ namespace: 'db', name: 'db-0', node: 'w1' }));
    populate(stage.world, { kind: 'StatefulSet', namespace: 'db', name: 'db', replicas: 0, election: {} });
    const set = stage.world.api.store.read(STATEFULSETS, 'db', 'db');
    stage.world.api.store.update({ ...set, spec: { ...(set.spec as object), replicas: 2 } });
    await stage.until('the other one is there', () => stage.pods('db').length === 2, 10);
    await stage.clock.advance(5_000);
    expect(stage.pods('db').map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1']);
  });

  it('a Deployment that somebody makes gets its Pods, as its template has them', async () => {
    const stage = setUp();
    const labels = { app: 'web' };
    const containers = [{ name: 'web', image: 'registry.invalid/web:2' }];
    const template = { metadata: { labels }, spec: { containers } };
    stage.world.api.store.create({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'web', name: 'web' } },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    });
    const pods = () =>
      stage.pods('web').filter(({ status: is }) => (is as { phase?: string }).phase === 'Running');
    await stage.until('two run', () => pods().length === 2, 10);
    for (const { spec, status: is } of pods()) {
      expect(spec).toMatchObject({ containers });
      expect(is).toMatchObject({ containerStatuses: [{ name: 'web', image: 'registry.invalid/web:2' }] });
    }
  });

  it('what belonged to something that is gone goes too', async () => {
    const stage = setUp();
    stage.world.api.store.remove(DEPLOYMENTS, 'shop', 'cart');
    await stage.until('nothing is left', () => stage.pods('shop').length === 0, 10);
    expect(stage.world.running).toEqual([]);
  });
});
