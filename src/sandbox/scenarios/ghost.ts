import { NODES, PODS } from '../../core/resources.ts';
import { formatSecondTime } from '../../core/time.ts';
import { pod } from '../objects/pods.ts';
import { populate } from '../world/populate.ts';
import type { World } from '../world/world.ts';
import { controlPlane, neighbours, nodes, WORKERS } from './ground.ts';
import type { Scenario, Step } from './scenario.ts';

const NAMESPACE = 'volumes';
const NAME = 'volume-provisioner';
const LOST = 'worker-3';

function fill(world: World): void {
  nodes(
    world,
    WORKERS.filter((name) => name !== LOST),
  );
  controlPlane(world);
  neighbours(world);
  // What else runs is not on the node that will be lost: one ghost is enough.
  world.node(LOST);
  populate(world, {
    ...{ kind: 'DaemonSet', namespace: NAMESPACE, name: NAME, leaderOn: LOST },
    election: { lock: 'endpoints', clientGo: '0.20' },
    ...{ ageDays: 210, heldDays: 60, transitions: 3 },
  });
}

/** A Pod that waits for a volume. */
function waitingPod(world: World, name: string): void {
  const { store } = world.api;
  world.namespace('databases');
  const labels = { app: 'orders' };
  const made = pod({ namespace: 'databases', name, phase: 'Pending', labels, createdAt: store.serverNow() });
  const metadata = { ...made.metadata, annotations: { 'demo/waits': 'for a volume' } };
  store.create({ ...made, metadata, status: { phase: 'Pending' } });
  world.tell(
    { resource: PODS, namespace: 'databases', name },
    {
      ...{ reason: 'FailedScheduling', type: 'Warning', component: 'default-scheduler' },
      message:
        '0/5 nodes are available: the volume is not bound, it waits to be created by example.com/volumes',
    },
  );
}

/** The volume is there: the Pod can be bound. */
function freePod(world: World, name: string): void {
  const { store } = world.api;
  const waiting = store.find(PODS, 'databases', name);
  if (waiting === null) return;
  const { annotations: _waits, ...metadata } = waiting.metadata;
  store.update({ ...waiting, metadata }, { manager: NAME });
}

/** The kubelet is down, so nothing is ended; the Node's object and its Pods' go all the same. */
function loseNode(world: World): void {
  world.kubelet(LOST).stop();
  const { store } = world.api;
  const node = store.read(NODES, null, LOST);
  const status = node.status as { conditions?: object[] };
  const at = formatSecondTime(store.serverNow());
  const unknown = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', lastTransitionTime: at };
  store.update(
    { ...node, status: { ...status, conditions: [unknown] } },
    { manager: 'kube-controller-manager' },
  );
}

function steps(world: World): Step[] {
  const waiting = ['orders-db-0', 'orders-db-1'];
  const soundLeader = (): boolean => world.leaders(NAMESPACE, NAME).some((one) => world.exists(one));
  const isFree = (name: string): boolean => {
    const found = world.api.store.find(PODS, 'databases', name)?.status as { phase?: string } | undefined;
    return found?.phase === 'Running';
  };
  return [
    {
      when: 2,
      say: `All is well. One Pod of the DaemonSet ${NAMESPACE}/${NAME} creates the volumes: the one on ${LOST}.`,
    },
    {
      when: 6,
      act: () => loseNode(world),
      say: `The kubelet of ${LOST} stopped reporting. Its containers run on, but nobody can tell.`,
      command: 'kubectl get nodes',
    },
    {
      when: 6,
      act: () => {
        world.removeNode(LOST);
        for (const name of waiting) waitingPod(world, name);
      },
      say: `Somebody removed the node: kubectl delete node ${LOST}. New Pods wait for volumes, and wait.`,
      command: 'kubectl -n databases get pods',
    },
    {
      when: 12,
      say: 'Ghost: the lock is renewed every two seconds by a Pod that exists nowhere. Delete the lock, and it takes it back, or two lead.',
      command: `kubectl leader describe ${NAMESPACE}/endpoints/${NAME}`,
      keys: 'enter for the evidence',
    },
    {
      when: 10,
      say: 'Depose it: take the lock, hold it until the ghost must have given up, and free it for a Pod that exists.',
      command: `kubectl leader depose ${NAMESPACE}/endpoints/${NAME}`,
      keys: 'x deposes its holder',
    },
    {
      when: soundLeader,
      act: () => {
        for (const name of waiting) freePod(world, name);
      },
      say: 'The ghost lost the lock and exited, and no kubelet starts it again. A Pod that exists leads.',
    },
    {
      when: () => waiting.every(isFree),
      say: 'Solved: the volumes are created, and the Pods that waited for them run.',
    },
  ];
}

export const ghost: Scenario = {
  summary: 'volumes are stuck: the lock is renewed by a Pod whose node was removed, and which runs on',
  begin(world) {
    fill(world);
    return steps(world);
  },
};
