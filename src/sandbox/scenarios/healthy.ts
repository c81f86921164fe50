import type { Election } from '../world/electing.ts';
import { populate } from '../world/populate.ts';
import type { World } from '../world/world.ts';
import { controlPlane, nodes } from './ground.ts';
import type { Scenario, Step } from './scenario.ts';

const FLUX: Partial<Election> = {
  leaseSeconds: 35,
  renewSeconds: 30,
  retrySeconds: 5,
  releaseOnCancel: true,
};
const CSI: Partial<Election> = { retrySeconds: 5, hasUuid: false };
const KEDA: Partial<Election> = { name: 'operator.keda.sh' };

/** Namespace, app, what is special about its election, days since the leader leads. */
type Row = readonly [namespace: string, name: string, election: Partial<Election>, heldDays: number];

const OPERATORS: readonly Row[] = [
  [
    'cert-manager',
    'cert-manager-controller',
    { namespace: 'kube-system', leaseSeconds: 60, renewSeconds: 40, retrySeconds: 15 },
    12,
  ],
  [
    'cert-manager',
    'cert-manager-cainjector',
    { namespace: 'kube-system', leaseSeconds: 60, renewSeconds: 40, retrySeconds: 15 },
    12,
  ],
  [
    'ingress-nginx',
    'ingress-nginx-controller',
    { name: 'ingress-nginx-leader', hasUuid: false, leaseSeconds: 30, renewSeconds: 15, retrySeconds: 7.5 },
    4,
  ],
  ['flux-system', 'source-controller', { ...FLUX, name: 'source-controller-leader-election' }, 8],
  ['flux-system', 'kustomize-controller', { ...FLUX, name: 'kustomize-controller-leader-election' }, 8],
  ['flux-system', 'helm-controller', { ...FLUX, name: 'helm-controller-leader-election' }, 8],
  ['flux-system', 'notification-controller', { ...FLUX, name: 'notification-controller-leader-election' }, 8],
  ['storage', 'csi-provisioner', { ...CSI, name: 'csi-example-com' }, 31],
  ['storage', 'csi-attacher', { ...CSI, name: 'external-attacher-leader-csi-example-com' }, 31],
  ['storage', 'csi-resizer', { ...CSI, name: 'external-resizer-csi-example-com' }, 31],
  ['storage', 'csi-snapshotter', { ...CSI, name: 'external-snapshotter-leader-csi-example-com' }, 31],
  ['storage', 'snapshot-controller', { ...CSI, name: 'snapshot-controller-leader' }, 31],
  [
    'storage',
    'nfs-provisioner',
    { lock: 'endpoints', name: 'example.com-nfs', clientGo: '0.20', recordsEvents: false },
    60,
  ],
  ['monitoring', 'prometheus-operator', {}, 9],
  ['monitoring', 'grafana-operator', { name: 'f75f3bba.integreatly.org' }, 9],
  ['monitoring', 'kube-state-metrics', {}, 5],
  ['logging', 'logging-operator', { name: 'logging-operator.logging.banzaicloud.io' }, 17],
  ['keda', 'keda-operator', KEDA, 21],
  ['argo', 'argo-rollouts', { name: 'argo-rollouts-controller-lock', recordsEvents: false }, 6],
  ['argo', 'workflow-controller', {}, 6],
  [
    'istio-system',
    'istiod',
    {
      lock: 'configmaps',
      name: 'istio-leader',
      leaseSeconds: 30,
      renewSeconds: 15,
      retrySeconds: 7.5,
      hasUuid: false,
    },
    14,
  ],
  ['karpenter', 'karpenter', { name: 'karpenter-leader-election' }, 3],
  ['kyverno', 'kyverno-admission-controller', { name: 'kyverno' }, 19],
  ['kyverno', 'kyverno-background-controller', {}, 19],
  ['kyverno', 'kyverno-cleanup-controller', {}, 19],
  ['velero', 'velero-ui', {}, 2],
  ['external-dns', 'external-dns', {}, 44],
  ['external-secrets', 'external-secrets', { name: 'external-secrets-controller' }, 27],
  ['databases', 'postgres-operator', { name: '8f2c6a11.example.io' }, 33],
  ['databases', 'redis-operator', { name: '6cab913b.example.io' }, 33],
  ['databases', 'mongodb-operator', { lock: 'configmapsleases', clientGo: '0.20' }, 120],
  ['messaging', 'kafka-operator', { hasUuid: false }, 11],
  ['messaging', 'rabbitmq-operator', { name: 'rabbitmq-cluster-operator-leader-election' }, 11],
  ['shop', 'cart-operator', { releaseOnCancel: true }, 1],
  ['shop', 'order-operator', { clockSkewMs: -700 }, 1],
  ['shop', 'price-sync', { leaseSeconds: 20, renewSeconds: 12, retrySeconds: 3 }, 1],
  ['ops', 'backup-operator', {}, 15],
];

const AGENTS: readonly string[] = ['node-problem-agent'];

/** Some forty locks of all formats, as a cluster of middle age has them. */
function fill(world: World): void {
  nodes(world);
  controlPlane(world);
  for (const [namespace, name, election, heldDays] of OPERATORS) {
    const replicas = namespace === 'flux-system' ? 1 : 2;
    populate(world, {
      kind: 'Deployment',
      ...{ namespace, name, replicas, election, heldDays },
      ageDays: 210,
    });
  }
  for (const name of AGENTS) {
    populate(world, { kind: 'DaemonSet', namespace: 'monitoring', name, election: {}, heldDays: 40 });
  }
}

function steps(world: World): Step[] {
  const leader = (): string => world.leaders('shop', 'cart-operator')[0]?.pod ?? '';
  let before = '';
  return [
    {
      when: 2,
      say: 'A cluster in which all is well: some forty locks, each with a holder that exists and renews it.',
      command: 'kubectl leader ls -o wide',
      keys: 'enter for details, ? for all keys',
    },
    {
      when: 12,
      act: () => {
        before = leader();
        world.deletePod('shop', before);
      },
      say: 'The Pod that leads shop/cart-operator is deleted, as in every upgrade. It releases the lock before it goes.',
      command: 'kubectl leader describe shop/cart-operator',
      keys: '/cart to find it, enter for details',
    },
    {
      when: () => leader() !== '' && leader() !== before,
      say: 'Its standby took over, and is Healthy: nobody had to do anything. That is what leader election is for.',
    },
  ];
}

export const healthy: Scenario = {
  summary: 'some forty locks of all formats, one of which is taken over as it should be',
  begin(world) {
    fill(world);
    return steps(world);
  },
};
