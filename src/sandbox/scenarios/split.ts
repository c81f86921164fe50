import { populate } from '../world/populate.ts';
import { controlPlane, neighbours, nodes } from './ground.ts';
import type { Scenario } from './scenario.ts';

const NAMESPACE = 'payments';

export const split: Scenario = {
  summary: 'two leaders: an old release elects through Endpoints, a new one through a Lease of the same name',
  begin(world) {
    nodes(world);
    controlPlane(world);
    neighbours(world);
    const name = 'ledger';
    populate(world, {
      ...{ kind: 'Deployment', namespace: NAMESPACE, name: 'ledger-v1' },
      election: { name, lock: 'endpoints', clientGo: '0.20' },
      ...{ ageDays: 300, heldDays: 40 },
    });
    populate(world, {
      ...{ kind: 'Deployment', namespace: NAMESPACE, name: 'ledger-v2' },
      ...{ election: { name }, ageDays: 1, heldDays: 0.02, transitions: 0 },
    });
    return [
      {
        when: 2,
        say: 'payments/ledger was upgraded: release 2 elects through a Lease. Release 1 was meant to be removed, and was not.',
        command: 'kubectl -n payments get deployments',
      },
      {
        when: 12,
        say: 'Split: both halves of the lock are renewed, by different holders. Each believes that it alone leads.',
        command: 'kubectl leader describe payments/ledger',
        keys: 'enter for the evidence',
      },
      {
        when: 8,
        say: 'Stop the release that should not run.',
        command: 'kubectl -n payments scale deployment ledger-v1 --replicas=0',
      },
      {
        when: () => world.leaders(NAMESPACE, 'ledger-v1').length === 0,
        say: 'Solved: one leader is left. The Endpoints half is a leftover now, and may be deleted.',
        command: 'kubectl -n payments delete endpoints ledger',
      },
    ];
  },
};
