import { LEASE_CANDIDATES } from '../../src/core/resources.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeCluster } from '../support/fake-cluster.ts';
import { clusterContract } from './cluster-contract.ts';

clusterContract('the fake cluster', async () => {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  const withoutRights = new FakeCluster(clock);
  withoutRights.forbid({});
  let namespaces = 0;
  return {
    cluster,
    clock,
    withoutRights,
    notServed: LEASE_CANDIDATES,
    admin: {
      create: async (object) => cluster.create(object),
      update: async (object) => cluster.update(object),
      remove: async (resource, namespace, name) => cluster.remove(resource, namespace, name),
      terminate: async (object) => {
        const deletionTimestamp = new Date(cluster.serverNow()).toISOString();
        cluster.update({ ...object, metadata: { ...object.metadata, deletionTimestamp } });
      },
    },
    namespace: async () => {
      namespaces += 1;
      return `contract-${namespaces}`;
    },
    interrupt: () => cluster.disconnect(),
    restore: () => cluster.reconnect(),
    forget: async () => cluster.compact(),
    settle: (promise) => clock.runUntil(promise),
    end: async () => {},
  };
});
