import type { Rule } from '../api/access.ts';
import { populate } from '../world/populate.ts';
import { controlPlane, neighbours, nodes } from './ground.ts';
import type { Scenario } from './scenario.ts';

const NAMESPACE = 'databases';
const NAME = 'postgres-operator';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${NAME}`;

/** What is left to the operator after the change: everything but its lock. */
const WITHOUT_LEASES: readonly Rule[] = [
  { verbs: ['*'], groups: ['', 'apps'], resources: ['*'] },
  { verbs: ['get', 'list', 'watch'], groups: ['coordination.k8s.io'], resources: ['leases'] },
];

/** What the second user of the kubeconfig may do: see locks, but neither Pods nor Nodes. */
export const VIEWER: readonly Rule[] = [
  { verbs: ['get', 'list', 'watch'], groups: ['coordination.k8s.io'], resources: ['leases'] },
  { verbs: ['get', 'list', 'watch'], groups: [''], resources: ['endpoints', 'configmaps', 'namespaces'] },
];

export const rbac: Scenario = {
  summary: 'an operator lost the right to its own lock; and what somebody sees who may not look at Pods',
  begin(world) {
    nodes(world);
    controlPlane(world);
    neighbours(world);
    const election = {};
    populate(world, { kind: 'Deployment', namespace: NAMESPACE, name: NAME, election, heldDays: 33 });
    const { access } = world.api;
    return [
      {
        when: 4,
        act: () => access.grant(ACCOUNT, WITHOUT_LEASES),
        say: 'A clean-up of Roles took the right to update Leases away from databases/postgres-operator. Its Pods run on.',
        command: 'kubectl -n databases get pods',
      },
      {
        when: 30,
        say: 'Orphaned: whoever led gave up, and nobody takes over, although two Pods run. Before they are blamed: may they? describe names the missing Role.',
        command: 'kubectl leader describe databases/lease/postgres-operator',
        keys: 'enter for the evidence',
      },
      {
        when: 30,
        say: 'Look with fewer rights, too: who may not list Pods is told so, and no holder is called gone.',
        command: 'kubectl leader ls -o table --context viewer',
      },
      {
        when: 30,
        act: () => access.grant(ACCOUNT, 'everything'),
        say: 'The Role was put back.',
      },
      {
        when: () => world.leaders(NAMESPACE, NAME).length > 0,
        say: 'Solved: the operator leads again. Its lock needed no release at all.',
      },
    ];
  },
};
