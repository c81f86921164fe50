import type { ClusterObject } from './cluster-object.ts';
import { arrayAt, booleanAt, objectAt, stringAt } from './fields.ts';
import type { NodeFacts } from './holder.ts';
import { type Cells, cellText } from './pod-facts.ts';
import { parseRfc3339 } from './time.ts';

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

/** A Node from its printed row; null if the row names none. A row does not tell host names. */
export function nodeFromRow(cells: Cells): NodeFacts | null {
  const name = cellText(cells, 'Name');
  if (name === null) return null;
  const status = cellText(cells, 'Status') ?? 'Unknown';
  const words = status.split(',');
  return {
    name,
    ready: words.includes('Ready') ? true : words.includes('NotReady') ? false : null,
    status,
    hostnames: [],
    addresses: ['Internal-IP', 'External-IP'].flatMap((column) => cellText(cells, column) ?? []),
    createdAt: null,
  };
}

/** A Node from the object itself; null if it is none. */
export function nodeFromObject(object: ClusterObject): NodeFacts | null {
  const { name, labels, creationTimestamp } = object.metadata;
  if (name === undefined) return null;
  const status = objectAt(object, 'status');
  const condition = arrayAt(status, 'conditions').find((one) => stringAt(one, 'type') === 'Ready');
  const readiness = stringAt(condition, 'status');
  const ready = readiness === 'True' ? true : readiness === 'False' ? false : null;
  const word = condition === undefined ? 'Unknown' : ready === true ? 'Ready' : 'NotReady';
  const cordoned = booleanAt(objectAt(object, 'spec'), 'unschedulable') === true;
  const addresses = arrayAt(status, 'addresses').flatMap((entry) => {
    const type = stringAt(entry, 'type');
    const address = stringAt(entry, 'address');
    return type === null || address === null ? [] : [{ isIp: type.endsWith('IP'), address }];
  });
  const named = addresses.filter(({ isIp }) => !isIp).map(({ address }) => address);
  const label = labels?.[HOSTNAME_LABEL];
  return {
    name,
    ready,
    status: cordoned ? `${word},SchedulingDisabled` : word,
    hostnames: [...new Set(label === undefined ? named : [label, ...named])],
    addresses: addresses.filter(({ isIp }) => isIp).map(({ address }) => address),
    createdAt: parseRfc3339(creationTimestamp),
  };
}
