import type { ClusterObject } from '../../core/cluster-object.ts';
import { DEPLOYMENTS, ENDPOINTS, PODS } from '../../core/resources.ts';
import { populate } from '../world/populate.ts';
import type { World } from '../world/world.ts';
import { controllersFollow, controlPlane, neighbours, nodes } from './ground.ts';
import type { Scenario, Step } from './scenario.ts';

const FIVE_DAYS_SECONDS = 5 * 86_400;

/** Who led until five days ago; the process has been started again since, under a new identity. */
const HOLDER = 'master-2_2f6c3b0e-8d0f-4b7a-9d53-0c1a8f7e6b21';

function fill(world: World): void {
  nodes(world);
  controlPlane(world, ['kube-controller-manager']);
  neighbours(world);
  populate(world, {
    ...{ kind: 'static', namespace: 'kube-system', name: 'kube-controller-manager', holder: HOLDER },
    election: { lock: 'endpoints', clientGo: '0.20' },
    ...{ ageDays: 400, heldDays: 26, transitions: 11 },
    // The age of the last renewal does not depend on how fast the demo is.
    renewedSecondsAgo: FIVE_DAYS_SECONDS * world.pace.speed,
  });
  controllersFollow(world);
  const { store } = world.api;
  store.freeze(ENDPOINTS, 'kube-system', 'kube-controller-manager');
  populate(world, { kind: 'Deployment', namespace: 'shop', name: 'web', election: {}, heldDays: 30 });
}

function isRunning({ status }: ClusterObject): boolean {
  return (status as { phase?: string } | undefined)?.phase === 'Running';
}

function steps(world: World): Step[] {
  const { store } = world.api;
  const running = (): number =>
    store.list(PODS).filter((pod) => pod.metadata.labels?.['app'] === 'web' && isRunning(pod)).length;
  return [
    {
      when: 2,
      act: () => {
        const web = store.read(DEPLOYMENTS, 'shop', 'web');
        store.update(
          { ...web, spec: { ...(web.spec as object), replicas: 5 } },
          { manager: 'kubectl-scale' },
        );
      },
      say: 'Deployment shop/web was scaled to 5, and no new Pod appears. Who makes Pods? kube-controller-manager, and only the one that leads.',
      command: 'kubectl -n shop get deployments,pods',
    },
    {
      when: 10,
      say: 'Frozen: master-2 is named, and alive, but the record is five days old: every update is answered 409 Conflict.',
      command: 'kubectl leader describe kube-system/endpoints/kube-controller-manager',
      keys: 'enter for the evidence',
    },
    {
      when: 12,
      say: 'No candidate can write to this object, but deleting it works: then one of them makes it anew.',
      command: 'kubectl leader release kube-system/endpoints/kube-controller-manager --strategy delete',
      keys: 'r, then ctrl-d: it is deleted once its name is typed',
    },
    {
      when: () => world.controllersLead(),
      say: 'Somebody leads again. Now the Pods that were missing for five days are made.',
      command: 'kubectl -n shop get pods',
    },
    {
      when: () => running() >= 5,
      say: 'Solved: five Pods of shop/web, and the lock is renewed every two seconds.',
    },
  ];
}

export const frozen: Scenario = {
  summary: 'no new Pods: the controller manager is alive, but its lock has not been renewed for five days',
  begin(world) {
    fill(world);
    return steps(world);
  },
};
