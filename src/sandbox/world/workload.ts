import type { ClusterObject, OwnerReference } from '../../core/cluster-object.ts';
import type { Instant } from '../../core/time.ts';
import { pod } from '../objects/pods.ts';
import { daemonSet, deployment, replicaSet } from '../objects/workloads.ts';
import type { Store } from '../store.ts';

/** Random names as Kubernetes makes them, without vowels, so that they form no words. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export function suffix(random: () => number, length = 5): string {
  return Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}

export function ownerOf(object: ClusterObject): OwnerReference {
  const { apiVersion = '', kind = '', metadata } = object;
  return { apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '', controller: true };
}

export interface WorkloadObjectOptions {
  namespace: string;
  name: string;
  replicas: number;
  createdAt: Instant;
}

function withAccount(object: ClusterObject, more: object): ClusterObject {
  const spec = object.spec as { template: { spec: object } };
  const template = {
    ...spec.template,
    spec: { ...spec.template.spec, serviceAccountName: object.metadata.name },
  };
  return { ...object, spec: { ...spec, ...more, template } };
}

/** A workload of the kind, with the objects between it and its Pods. Gives what owns the Pods. */
export function createWorkload(
  store: Store,
  kind: 'Deployment' | 'DaemonSet' | 'StatefulSet',
  options: WorkloadObjectOptions,
  random: () => number,
): ClusterObject {
  const { name } = options;
  switch (kind) {
    case 'DaemonSet':
      return store.create(withAccount(daemonSet(options), { updateStrategy: { type: 'RollingUpdate' } }));
    case 'StatefulSet': {
      const set = withAccount(replicaSet(options), { serviceName: name });
      return store.create({ ...set, kind: 'StatefulSet' });
    }
    case 'Deployment': {
      const made = withAccount(deployment(options), { strategy: { type: 'RollingUpdate' } });
      const { replicas } = options;
      const counts = { updatedReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 };
      const owner = store.create({ ...made, status: { ...(made.status as object), ...counts } });
      const hash = suffix(random, 10);
      const set = withAccount(replicaSet({ ...options, name: `${name}-${hash}`, app: name }), {});
      const template = { ...(set.spec as { template: { spec: object } }).template };
      template.spec = { ...template.spec, serviceAccountName: name };
      return store.create({
        ...set,
        spec: { ...(set.spec as object), template },
        metadata: { ...set.metadata, ownerReferences: [ownerOf(owner)] },
      });
    }
  }
}

/** The set through which a Deployment that somebody just made has its Pods. */
export function replicaSetOf(deployment: ClusterObject, random: () => number): ClusterObject {
  const { name = '', namespace = '', labels = {} } = deployment.metadata;
  const { replicas, selector, template } = deployment.spec as Record<string, unknown>;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      ...{ namespace, name: `${name}-${suffix(random, 10)}`, labels },
      ownerReferences: [ownerOf(deployment)],
    },
    spec: { replicas, selector, template },
  };
}

/** A Pod as its owner makes it: bound to no node, not running yet. */
export function podOf(owner: ClusterObject, name: string, createdAt: Instant): ClusterObject {
  const { namespace = '' } = owner.metadata;
  const { template } = owner.spec as {
    template: { metadata: { labels: Record<string, string> }; spec: object };
  };
  const { labels } = template.metadata;
  const made = pod({ namespace, name, createdAt, labels, phase: 'Pending', node: null, ip: null });
  return {
    ...made,
    metadata: { ...made.metadata, ownerReferences: [ownerOf(owner)] },
    spec: { ...(made.spec as object), ...template.spec },
    status: { phase: 'Pending' },
  };
}
