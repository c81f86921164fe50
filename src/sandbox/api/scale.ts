import type { ClusterObject } from '../../core/cluster-object.ts';
import { LeaderError } from '../../core/errors.ts';
import { textAt } from '../selectors.ts';

/** A workload's `/scale`. */
export function scaleOf(object: ClusterObject): ClusterObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.fromEntries(
      Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp }).filter(
        ([, value]) => value,
      ),
    ),
    spec: { replicas: Number(textAt(object, 'spec', 'replicas')) },
    status: { replicas: Number(textAt(object, 'status', 'replicas')) },
  };
}

/** The workload as a written `/scale` makes it. Throws `invalid` for a number that cannot be. */
export function scaled(object: ClusterObject, scale: ClusterObject): ClusterObject {
  const replicas = (scale.spec as { replicas?: unknown } | undefined)?.replicas ?? 0;
  if (!Number.isInteger(replicas) || Number(replicas) < 0) {
    const why = `spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
    throw new LeaderError('invalid', `"${object.metadata.name}" is invalid: ${why}`);
  }
  const { resourceVersion = object.metadata.resourceVersion ?? '' } = scale.metadata;
  const metadata = { ...object.metadata, resourceVersion };
  return { ...object, metadata, spec: { ...(object.spec as object), replicas } };
}
