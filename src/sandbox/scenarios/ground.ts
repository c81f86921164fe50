import { type App, populate } from '../world/populate.ts';
import type { World } from '../world/world.ts';

export const MASTERS = ['master-1', 'master-2', 'master-3'];
export const WORKERS = ['worker-1', 'worker-2', 'worker-3'];

/** Three masters, and workers. */
export function nodes(world: World, workers: readonly string[] = WORKERS): void {
  for (const name of MASTERS) world.node(name, { roles: ['control-plane'] });
  for (const name of workers) world.node(name);
}

/** The control plane's own locks, as a current Kubernetes has them. Without the apps that a story brings itself. */
export function controlPlane(world: World, without: readonly string[] = []): void {
  const apps: App[] = [
    {
      ...{ kind: 'static', namespace: 'kube-system', name: 'kube-controller-manager', leaderOn: 'master-2' },
      ...{ election: {}, ageDays: 400, heldDays: 26, transitions: 11 },
    },
    {
      ...{ kind: 'static', namespace: 'kube-system', name: 'kube-scheduler', leaderOn: 'master-1' },
      ...{ election: { releaseOnCancel: true }, ageDays: 400, heldDays: 0.13, transitions: 14 },
    },
    {
      ...{ kind: 'static', namespace: 'kube-system', name: 'cloud-controller-manager', leaderOn: 'master-3' },
      ...{ election: {}, ageDays: 400, heldDays: 26, transitions: 9 },
    },
  ];
  for (const app of apps) if (!without.includes(app.name)) populate(world, app);
  if (!without.includes('kube-controller-manager')) controllersFollow(world);
}

/** Pods are made and removed only while a controller manager leads. */
export function controllersFollow(world: World): void {
  world.controllersLead = () => world.leaders('kube-system', 'kube-controller-manager').length > 0;
}

/** A few operators beside the story, so that trouble stands out among what is well. */
export function neighbours(world: World): void {
  populate(world, {
    ...{ kind: 'Deployment', namespace: 'cert-manager', name: 'cert-manager-controller' },
    election: { namespace: 'kube-system', leaseSeconds: 60, renewSeconds: 40, retrySeconds: 15 },
    ...{ ageDays: 210, heldDays: 12 },
  });
  populate(world, {
    ...{ kind: 'Deployment', namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
    election: {
      ...{ name: 'ingress-nginx-leader', hasUuid: false },
      ...{ leaseSeconds: 30, renewSeconds: 15, retrySeconds: 7.5 },
    },
    ...{ ageDays: 180, heldDays: 4 },
  });
  populate(world, {
    ...{ kind: 'Deployment', namespace: 'monitoring', name: 'prometheus-operator' },
    ...{ election: {}, ageDays: 60, heldDays: 9 },
  });
}
