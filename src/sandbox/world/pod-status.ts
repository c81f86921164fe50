import type { ClusterObject } from '../../core/cluster-object.ts';
import { formatSecondTime, type Instant } from '../../core/time.ts';

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function containerOf(pod: ClusterObject): Fields {
  const statuses = fieldsOf(pod.status)['containerStatuses'];
  return Array.isArray(statuses) ? fieldsOf(statuses[0]) : {};
}

function conditionsOf(isReady: boolean, at: string): object[] {
  const condition = (type: string, isTrue: boolean): object => ({
    ...{ type, status: isTrue ? 'True' : 'False', lastTransitionTime: at },
    ...(!isTrue && { reason: 'ContainersNotReady' }),
  });
  return [
    condition('PodScheduled', true),
    condition('Initialized', true),
    condition('ContainersReady', isReady),
    condition('Ready', isReady),
  ];
}

function withContainer(pod: ClusterObject, at: Instant, isReady: boolean, container: Fields): ClusterObject {
  const status = fieldsOf(pod.status);
  const { containers } = fieldsOf(pod.spec);
  const { name = 'main', image = '' } = fieldsOf(Array.isArray(containers) ? containers[0] : null);
  const main = {
    ...{ name, image, imageID: '' },
    ...containerOf(pod),
    ...container,
  };
  return {
    ...pod,
    status: {
      ...status,
      phase: 'Running',
      conditions: conditionsOf(isReady, formatSecondTime(at)),
      startTime: status['startTime'] ?? formatSecondTime(at),
      containerStatuses: [{ restartCount: 0, lastState: {}, ...main, ready: isReady, started: isReady }],
    },
  };
}

/** The Pod while its container runs. */
export function running(pod: ClusterObject, at: Instant, address: string | null): ClusterObject {
  const state = { running: { startedAt: formatSecondTime(at) } };
  const known = withContainer(pod, at, true, { state });
  if (address === null || fieldsOf(known.status)['podIP'] !== undefined) return known;
  return { ...known, status: { ...(known.status as Fields), podIP: address, podIPs: [{ ip: address }] } };
}

/** The Pod after its container exited, until it is started again. */
export function crashed(pod: ClusterObject, at: Instant, code: number, waits: boolean): ClusterObject {
  const before = containerOf(pod);
  const started = fieldsOf(fieldsOf(before['state'])['running'])['startedAt'] ?? formatSecondTime(at);
  const reason = code === 137 ? 'OOMKilled' : code === 0 ? 'Completed' : 'Error';
  const ended = {
    terminated: { exitCode: code, reason, startedAt: started, finishedAt: formatSecondTime(at) },
  };
  return withContainer(pod, at, false, {
    restartCount: Number(before['restartCount'] ?? 0) + 1,
    lastState: ended,
    state: waits ? { waiting: { reason: 'CrashLoopBackOff' } } : ended,
  });
}

/** The Pod as the control plane sees it when its node does not report any more. */
export function lost(pod: ClusterObject, at: Instant): ClusterObject {
  const status = fieldsOf(pod.status);
  const time = formatSecondTime(at);
  return {
    ...pod,
    status: {
      ...status,
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: time },
        { type: 'Ready', status: 'False', reason: 'NodeNotReady', lastTransitionTime: time },
      ],
    },
  };
}
