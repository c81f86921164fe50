import type { Clock } from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { EVENTS, PODS, type Resource } from '../../src/core/resources.ts';
import { KubeCluster } from '../../src/kube/cluster.ts';
import { openConnection } from '../../src/kube/connection.ts';
import { readText } from '../../src/kube/link.ts';
import { resourcePath } from '../../src/kube/resource-path.ts';
import type { Transport } from '../../src/kube/transport.ts';
import type { ApiAccess } from '../e2e/support/api-access.ts';
import { eventually } from '../e2e/support/child-process.ts';
import { resourceOf } from '../support/fake-store.ts';
import { CuttableTransport } from './cuttable-transport.ts';
import type { ContractAdmin, ContractGround } from './ground.ts';

const NOT_SERVED: Resource = {
  group: 'nothing.invalid',
  version: 'v1',
  plural: 'nothings',
  kind: 'Nothing',
  namespaced: true,
};

const FORGOTTEN_WITHIN_MS = 30_000;

function pathOf(object: ClusterObject): string {
  const { namespace = null, name = '' } = object.metadata;
  return resourcePath(resourceOf(object), namespace, name);
}

function adminOf(api: ApiAccess): ContractAdmin {
  return {
    create: (object) => api.apply(object),
    update: (object) => api.must('PUT', pathOf(object), object),
    remove: async (resource, namespace, name) => {
      await api.must('DELETE', `${resourcePath(resource, namespace, name)}?gracePeriodSeconds=0`);
    },
    terminate: async (pod) => {
      const { namespace = null, name = '' } = pod.metadata;
      await api.must('DELETE', `${resourcePath(PODS, namespace, name)}?gracePeriodSeconds=600`);
    },
  };
}

/** Whether etcd has dropped a revision: Events are not kept in a watch cache, so a watch from there says so. */
async function isForgotten(transport: Transport, resourceVersion: string): Promise<true | null> {
  const query = new URLSearchParams({ watch: '1', timeoutSeconds: '1', resourceVersion });
  const answer = await transport.send({
    method: 'GET',
    path: resourcePath(EVENTS, null, null),
    query,
    streaming: true,
  });
  return answer.status === 410 || /"code":\s*410/.test(await readText(answer)) ? true : null;
}

/**
 * The contract's ground on a real API server, through the adapter and its connection. The server must have been told
 * to compact etcd every second; `admin` may do everything there, `alice` nothing.
 */
export async function realGround(
  api: ApiAccess,
  clock: Clock,
): Promise<ContractGround & { cable: CuttableTransport }> {
  const connect = (user: string) =>
    openConnection(
      { kubeconfig: api.kubeconfig(user) },
      { env: {}, homeDir: api.coordinates.folder, stdinIsTerminal: false, version: '0.0.0-test' },
    );
  const [admin, uncut, alice] = [await connect('admin'), await connect('admin'), await connect('alice')];
  const cable = new CuttableTransport(admin.transport);
  return {
    cable,
    cluster: new KubeCluster(cable, admin.context, clock),
    withoutRights: new KubeCluster(alice.transport, alice.context, clock),
    admin: adminOf(api),
    clock,
    notServed: NOT_SERVED,
    namespace: () => api.namespace('contract'),
    interrupt: () => cable.cut(),
    restore: () => cable.mend(),
    forget: async () => {
      const { resourceVersion } = await new KubeCluster(uncut.transport, uncut.context, clock).list(EVENTS, {
        projection: 'metadata',
        consistency: 'quorum',
      });
      const isGone = () => isForgotten(uncut.transport, resourceVersion);
      await eventually(`revision ${resourceVersion} is compacted`, isGone, { ms: FORGOTTEN_WITHIN_MS });
    },
    settle: (promise) => promise,
    end: async () => {
      for (const { transport } of [admin, uncut, alice]) transport.close();
    },
  };
}
