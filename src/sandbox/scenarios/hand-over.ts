import { randomUUID } from 'node:crypto';
import { LEASES, NODES } from '../../core/resources.ts';
import { lease } from '../objects/locks.ts';
import { pod } from '../objects/pods.ts';
import { type Coordination, coordinate, coordinated } from '../world/coordinated.ts';
import { ownerOf } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { controlPlane, MASTERS, neighbours, nodes } from './ground.ts';
import type { Scenario } from './scenario.ts';

const LOCK: Coordination = {
  ...{ namespace: 'kube-system', name: 'kube-scheduler' },
  ...{ leaseSeconds: 15, renewSeconds: 10, retrySeconds: 2 },
};

const OLD = '1.35.4';
const NEW = '1.36.1';

function schedulerPod(world: World, node: string): void {
  const { store } = world.api;
  const { namespace, name } = LOCK;
  const owner = ownerOf({ ...store.read(NODES, null, node), apiVersion: 'v1', kind: 'Node' });
  const ip = world.addressOf(node);
  const createdAt = world.daysAgo(0.5);
  const made = pod({
    namespace,
    name: `${name}-${node}`,
    node,
    ip,
    createdAt,
    hostNetwork: true,
    labels: { app: name },
  });
  store.create({ ...made, metadata: { ...made.metadata, ownerReferences: [owner] } });
}

export const handOver: Scenario = {
  summary: 'a coordinated election: the control plane hands a lock to a better candidate',
  begin(world, signal) {
    nodes(world);
    controlPlane(world, ['kube-scheduler']);
    neighbours(world);
    const [first = '', second = '', third = ''] = MASTERS;
    const identity = `${first}_${randomUUID()}`;
    const { store } = world.api;
    const { namespace, name } = LOCK;
    const held = lease({
      namespace,
      name,
      holder: identity,
      transitions: null,
      acquireTime: null,
      createdAt: world.daysAgo(400),
    });
    const spec = { ...(held.spec as object), strategy: 'OldestEmulationVersion', renewTime: undefined };
    const renewTime = new Date(store.serverNow()).toISOString().replace('Z', '000Z');
    store.create({ ...held, spec: { ...spec, renewTime } }, { manager: name });
    const versionOf = (node: string): string => (node === second ? OLD : NEW);
    const holders = new Map([[`${name}-${first}`, identity]]);
    world.program(namespace, name, coordinated(world, LOCK, versionOf, holders));
    for (const node of [first, third]) schedulerPod(world, node);
    void coordinate(world, LOCK, signal);
    const leads = (node: string): boolean => world.leaders(namespace, `${name}-${node}`).length > 0;
    const preferred = (): string =>
      ((store.find(LEASES, namespace, name)?.spec ?? {}) as { preferredHolder?: string }).preferredHolder ??
      '';
    return [
      {
        when: 3,
        say: `An upgrade is under way: ${first} and ${third} run ${NEW} already. Their schedulers register as candidates, and the control plane chooses.`,
        command: 'kubectl -n kube-system get leasecandidates',
      },
      {
        when: 12,
        act: () => schedulerPod(world, second),
        say: `${second} comes back, still at ${OLD}. As long as it is there the oldest version has to lead.`,
      },
      {
        when: () => preferred() !== '',
        say: 'Yielding: the lock names a preferred holder, so its leader lets it run out. That silence is no fault.',
        command: 'kubectl leader describe kube-system/lease/kube-scheduler',
        keys: 'enter for the evidence',
      },
      {
        when: () => leads(second),
        say: `Done: ${second} leads, and nobody had to do anything. Never release such a lock by hand: the control plane elects.`,
      },
    ];
  },
};
