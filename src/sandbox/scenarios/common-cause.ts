import { CONFIGMAPS, ENDPOINTS, LEASES } from '../../core/resources.ts';
import { electionSecondMs } from '../world/electing.ts';
import { populate } from '../world/populate.ts';
import { nodes } from './ground.ts';
import type { Scenario } from './scenario.ts';

/** How long etcd takes for one request when its disk is slow, seconds: just less than electors wait. */
const SLOW_SECONDS = 4.3;

const APPS = [
  ['static', 'kube-system', 'kube-controller-manager'],
  ['static', 'kube-system', 'kube-scheduler'],
  ['Deployment', 'monitoring', 'prometheus-operator'],
  ['Deployment', 'databases', 'postgres-operator'],
  ['Deployment', 'databases', 'redis-operator'],
  ['Deployment', 'messaging', 'kafka-operator'],
  ['Deployment', 'shop', 'cart-operator'],
  ['Deployment', 'shop', 'order-operator'],
  ['Deployment', 'ops', 'backup-operator'],
] as const;

export const commonCause: Scenario = {
  summary: 'etcd is slow, and every lock is late: no single operator is to blame',
  begin(world) {
    nodes(world);
    for (const [at, [kind, namespace, name]] of APPS.entries()) {
      const lock = at % 4 === 3 ? 'endpoints' : 'leases';
      populate(world, { kind, namespace, name, election: { lock, clientGo: '0.20' }, heldDays: 3 + at });
    }
    const mends: (() => void)[] = [];
    const { faults } = world.api;
    return [
      { when: 3, say: 'All is well: nine operators, each with its lock.' },
      {
        when: 12,
        act: () => {
          const ms = SLOW_SECONDS * electionSecondMs(15, world.pace);
          for (const resource of [LEASES, ENDPOINTS, CONFIGMAPS]) {
            for (const verb of ['get', 'update'] as const) mends.push(faults.slow(ms, { resource, verb }));
          }
        },
        say: "The disk of etcd became slow: every read and write of a lock takes seconds. Nobody's lock is stuck.",
      },
      {
        when: 40,
        say: 'Every lock is Late, and it says so once: look at the API server, etcd or a webhook. No release would help.',
        command: 'kubectl leader ls --observe 30s',
        keys: 'm for the message in full',
      },
      {
        when: 25,
        act: () => {
          for (const mend of mends) mend();
        },
        say: 'The disk was replaced.',
      },
      { when: 30, say: 'Solved: all of them renew in time again, and nobody touched a lock.' },
    ];
  },
};
