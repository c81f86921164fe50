import { populate } from '../world/populate.ts';
import { controlPlane, neighbours, nodes, WORKERS } from './ground.ts';
import type { Scenario } from './scenario.ts';

const NAMESPACE = 'ops';
const NAME = 'backup-operator';
const LOST = 'worker-3';

export const orphaned: Scenario = {
  summary: 'a machine lost power with the only replica on it: the lock is held by a Pod that cannot renew it',
  begin(world) {
    nodes(
      world,
      WORKERS.filter((name) => name !== LOST),
    );
    controlPlane(world);
    neighbours(world);
    // Nothing else runs on the machine that will be lost.
    world.node(LOST);
    populate(world, {
      ...{ kind: 'Deployment', namespace: NAMESPACE, name: NAME, replicas: 1, leaderOn: LOST },
      ...{ election: {}, ageDays: 90, heldDays: 15 },
    });
    const leader = () => world.leaders(NAMESPACE, NAME)[0];
    let pod = '';
    return [
      {
        when: 2,
        act: () => {
          const found = world.running.find((one) => one.namespace === NAMESPACE);
          pod = found?.pod ?? '';
          if (found !== undefined) world.kubelet(found.node).powerOff();
        },
        say: 'The machine that runs the only Pod of ops/backup-operator lost power. Nothing was released, nothing said goodbye.',
        command: 'kubectl -n ops get pods -o wide',
      },
      {
        when: 50,
        say: 'Orphaned: the record still names that Pod, on a node that is not Ready, and no other candidate runs. Releasing the lock would not help.',
        command: 'kubectl leader describe ops/lease/backup-operator',
        keys: 'enter for the evidence',
      },
      {
        when: 8,
        say: 'What is missing is a candidate. Tell the cluster that the Pod is gone, and its Deployment makes another one.',
        get command() {
          return `kubectl -n ops delete pod ${pod} --force --grace-period=0`;
        },
      },
      {
        when: () => (leader()?.pod ?? pod) !== pod,
        say: 'Solved: the new Pod waited for one whole duration, as every candidate does, and took the lock.',
      },
    ];
  },
};
