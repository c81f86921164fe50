import { DEPLOYMENTS } from '../../core/resources.ts';
import { populate } from '../world/populate.ts';
import { controlPlane, neighbours, nodes } from './ground.ts';
import type { Scenario } from './scenario.ts';

const NAMESPACE = 'shop';
const NAME = 'price-sync';

export const leaderless: Scenario = {
  summary: 'a lock that was released in good order, and nobody is there to take it',
  begin(world) {
    nodes(world);
    controlPlane(world);
    neighbours(world);
    populate(world, {
      ...{ kind: 'Deployment', namespace: NAMESPACE, name: NAME },
      ...{ election: { releaseOnCancel: true }, ageDays: 30, heldDays: 2 },
    });
    const { store } = world.api;
    return [
      {
        when: 4,
        act: () => {
          const found = store.read(DEPLOYMENTS, NAMESPACE, NAME);
          store.update(
            { ...found, spec: { ...(found.spec as object), replicas: 0 } },
            { manager: 'kubectl-scale' },
          );
        },
        say: 'Somebody scaled shop/price-sync to nothing "for a moment", and forgot. Its leader released the lock and left.',
        command: 'kubectl -n shop get deployments',
      },
      {
        when: 10,
        say: 'Leaderless: the lock is free, and no candidate runs. There is nothing to release, there is somebody to start.',
        command: 'kubectl leader describe shop/lease/price-sync',
        keys: 'enter for the evidence',
      },
      {
        when: 8,
        say: 'Start the workload again.',
        command: 'kubectl -n shop scale deployment price-sync --replicas=2',
      },
      {
        when: () => world.leaders(NAMESPACE, NAME).length > 0,
        say: 'Solved: a free lock is taken at once, there was nothing to wait for.',
      },
    ];
  },
};
