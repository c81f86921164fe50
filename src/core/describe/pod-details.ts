import type { ClusterObject } from '../cluster-object.ts';
import { arrayAt, type Json, numberAt, objectAt, stringAt } from '../fields.ts';
import { podFromObject } from '../pod-facts.ts';
import { parseRfc3339 } from '../time.ts';
import type { NodeDetails, PodDetails } from './case-file.ts';

type Exit = NonNullable<PodDetails['lastExit']>;

function exitsOf(container: Json): Exit[] {
  return [objectAt(container, 'state'), objectAt(container, 'lastState')].flatMap((state) => {
    const ended = objectAt(state, 'terminated');
    if (ended === null) return [];
    const at = parseRfc3339(stringAt(ended, 'finishedAt'));
    return [{ reason: stringAt(ended, 'reason') ?? 'unknown', exitCode: numberAt(ended, 'exitCode'), at }];
  });
}

/** A Pod as a case shows it; null if the object is none. */
export function podDetails(object: ClusterObject): PodDetails | null {
  const facts = podFromObject(object);
  if (facts === null) return null;
  const { namespace, name, status, ready, restarts, node, createdAt, containersStartedAt } = facts;
  const exits = arrayAt(objectAt(object, 'status'), 'containerStatuses').flatMap(exitsOf);
  return {
    ...{ namespace, name, status, ready, restarts, node, createdAt },
    phase: stringAt(objectAt(object, 'status'), 'phase') ?? 'Unknown',
    serviceAccount: stringAt(objectAt(object, 'spec'), 'serviceAccountName'),
    startedAt: containersStartedAt.length === 0 ? null : Math.max(...containersStartedAt),
    firstStartedAt: containersStartedAt.length === 0 ? null : Math.min(...containersStartedAt),
    lastExit: exits.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).at(-1) ?? null,
  };
}

/** A Node as a case shows it. `heartbeat`: its Lease in kube-node-lease, null when there is none or it may not be read. */
export function nodeDetails(
  name: string,
  status: string,
  object: ClusterObject,
  heartbeat: ClusterObject | null,
): NodeDetails {
  const condition = arrayAt(objectAt(object, 'status'), 'conditions').find(
    (one) => stringAt(one, 'type') === 'Ready',
  );
  const signs = [
    parseRfc3339(stringAt(heartbeat === null ? null : objectAt(heartbeat, 'spec'), 'renewTime')),
    parseRfc3339(stringAt(condition, 'lastHeartbeatTime')),
  ].filter((at) => at !== null);
  return {
    name,
    status,
    readySince: parseRfc3339(stringAt(condition, 'lastTransitionTime')),
    lastHeartbeat: signs.length === 0 ? null : Math.max(...signs),
  };
}
