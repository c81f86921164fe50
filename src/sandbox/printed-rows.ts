import type { PrintedRow } from '../app/ports.ts';
import type { ClusterObject } from '../core/cluster-object.ts';
import { NODES, PODS, type Resource } from '../core/resources.ts';
import { humanDuration, type Instant, parseRfc3339 } from '../core/time.ts';
import { textAt } from './selectors.ts';

type Fields = Record<string, unknown>;

function recordsAt(object: unknown, ...path: string[]): Fields[] {
  let at: unknown = object;
  for (const field of path) at = typeof at === 'object' && at !== null ? (at as Fields)[field] : undefined;
  return Array.isArray(at) ? at.filter((item): item is Fields => typeof item === 'object') : [];
}

function age(timestamp: unknown, now: Instant): string {
  const at = parseRfc3339(timestamp);
  return at === null ? '<unknown>' : humanDuration(now - at);
}

function isReady(pod: ClusterObject): boolean {
  return recordsAt(pod, 'status', 'conditions').some(
    (condition) => condition['type'] === 'Ready' && condition['status'] === 'True',
  );
}

function terminatedReason(container: Fields): string {
  const reason = textAt(container, 'state', 'terminated', 'reason');
  if (reason !== '') return reason;
  const signal = textAt(container, 'state', 'terminated', 'signal');
  if (signal !== '' && signal !== '0') return `Signal:${signal}`;
  return `ExitCode:${textAt(container, 'state', 'terminated', 'exitCode')}`;
}

function stateOf(container: Fields): 'waiting' | 'running' | 'terminated' | null {
  const state = container['state'] as Fields | undefined;
  if (state?.['waiting']) return 'waiting';
  if (state?.['terminated']) return 'terminated';
  return state?.['running'] ? 'running' : null;
}

/** What stands in STATUS while init containers have not all succeeded; null when they have. */
function initReason(pod: ClusterObject): string | null {
  const containers = recordsAt(pod, 'status', 'initContainerStatuses');
  const total = recordsAt(pod, 'spec', 'initContainers').length;
  for (const [index, container] of containers.entries()) {
    const state = stateOf(container);
    if (state === 'terminated') {
      if (textAt(container, 'state', 'terminated', 'exitCode') === '0') continue;
      return `Init:${terminatedReason(container)}`;
    }
    const waiting = textAt(container, 'state', 'waiting', 'reason');
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${total}`;
  }
  return null;
}

function containersReason(pod: ClusterObject, before: string): string {
  let reason = before;
  let running = false;
  for (const container of recordsAt(pod, 'status', 'containerStatuses').reverse()) {
    const state = stateOf(container);
    const waiting = textAt(container, 'state', 'waiting', 'reason');
    if (state === 'waiting' && waiting !== '') reason = waiting;
    else if (state === 'terminated') reason = terminatedReason(container);
    else if (state === 'running' && container['ready'] === true) running = true;
  }
  if (reason !== 'Completed' || !running) return reason;
  return isReady(pod) ? 'Running' : 'NotReady';
}

function podStatus(pod: ClusterObject): string {
  const phase = textAt(pod, 'status', 'phase');
  const statusReason = textAt(pod, 'status', 'reason');
  if (pod.metadata.deletionTimestamp) {
    if (statusReason === 'NodeLost') return 'Unknown';
    if (phase !== 'Succeeded' && phase !== 'Failed') return 'Terminating';
  }
  return initReason(pod) ?? containersReason(pod, statusReason || phase);
}

function restarts(pod: ClusterObject, now: Instant): string {
  let count = 0;
  let last: Instant | null = null;
  for (const container of recordsAt(pod, 'status', 'containerStatuses')) {
    count += Number(container['restartCount'] ?? 0);
    const ended = parseRfc3339(textAt(container, 'lastState', 'terminated', 'finishedAt'));
    if (ended !== null && (last === null || ended > last)) last = ended;
  }
  return count === 0 || last === null ? String(count) : `${count} (${humanDuration(now - last)} ago)`;
}

function readinessGates(pod: ClusterObject): string {
  const gates = recordsAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const conditions = recordsAt(pod, 'status', 'conditions');
  const passed = gates.filter((gate) =>
    conditions.some((one) => one['type'] === gate['conditionType'] && one['status'] === 'True'),
  );
  return `${passed.length}/${gates.length}`;
}

function podRow(pod: ClusterObject, now: Instant): PrintedRow {
  const containers = recordsAt(pod, 'status', 'containerStatuses');
  const ready = containers.filter((one) => one['ready'] === true && stateOf(one) === 'running');
  const ip = textAt(recordsAt(pod, 'status', 'podIPs')[0], 'ip');
  return {
    Name: pod.metadata.name ?? '',
    Ready: `${ready.length}/${recordsAt(pod, 'spec', 'containers').length}`,
    Status: podStatus(pod),
    Restarts: restarts(pod, now),
    Age: age(pod.metadata.creationTimestamp, now),
    IP: ip || '<none>',
    Node: textAt(pod, 'spec', 'nodeName') || '<none>',
    'Nominated Node': textAt(pod, 'status', 'nominatedNodeName') || '<none>',
    'Readiness Gates': readinessGates(pod),
  };
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function roles(node: ClusterObject): string {
  const names = Object.entries(node.metadata.labels ?? {}).flatMap(([label, value]) => {
    if (label.startsWith(ROLE_PREFIX))
      return label.length > ROLE_PREFIX.length ? [label.slice(ROLE_PREFIX.length)] : [];
    return label === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return [...new Set(names)].sort().join(',') || '<none>';
}

function nodeStatus(node: ClusterObject): string {
  const ready = recordsAt(node, 'status', 'conditions').find((one) => one['type'] === 'Ready');
  const word = ready ? (ready['status'] === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return textAt(node, 'spec', 'unschedulable') === 'true' ? `${word},SchedulingDisabled` : word;
}

function address(node: ClusterObject, type: string): string {
  const found = recordsAt(node, 'status', 'addresses').find((one) => one['type'] === type);
  return textAt(found, 'address') || '<none>';
}

function nodeRow(node: ClusterObject, now: Instant): PrintedRow {
  const info = (field: string): string => textAt(node, 'status', 'nodeInfo', field) || '<unknown>';
  return {
    Name: node.metadata.name ?? '',
    Status: nodeStatus(node),
    Roles: roles(node),
    Age: age(node.metadata.creationTimestamp, now),
    Version: textAt(node, 'status', 'nodeInfo', 'kubeletVersion'),
    'Internal-IP': address(node, 'InternalIP'),
    'External-IP': address(node, 'ExternalIP'),
    'OS-Image': info('osImage'),
    'Kernel-Version': info('kernelVersion'),
    'Container-Runtime': info('containerRuntimeVersion'),
  };
}

/** The row that a current API server prints for an object (one of 1.21 or older gives restarts as a bare number). */
export function printedRow(resource: Resource, object: ClusterObject, now: Instant): PrintedRow {
  if (resource === PODS) return podRow(object, now);
  if (resource === NODES) return nodeRow(object, now);
  throw new Error(`rows of ${resource.plural} are printed elsewhere`);
}
