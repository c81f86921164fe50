import type { ClusterObject } from '../../core/cluster-object.ts';
import { formatSecondTime, type Instant } from '../../core/time.ts';
import { metadata, NOON, type ObjectOptions } from './metadata.ts';

export interface EventOptions extends ObjectOptions {
  reason?: string;
  message?: string;
  type?: 'Normal' | 'Warning';
  /** What it is about. */
  about?: { kind: string; namespace?: string; name: string; uid?: string; apiVersion?: string };
  component?: string;
  host?: string;
  at?: Instant;
  count?: number;
}

/** A core/v1 Event, by default the one that client-go records when a candidate starts to lead. */
export function event(options: EventOptions = {}): ClusterObject {
  const at = formatSecondTime(options.at ?? NOON);
  const about = options.about ?? { kind: 'Lease', name: 'manager', apiVersion: 'coordination.k8s.io/v1' };
  const namespace = options.namespace ?? about.namespace ?? 'default';
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: metadata({ ...options, namespace }, `${about.name}.17a5c0ffee`, true),
    involvedObject: { namespace, ...about },
    reason: options.reason ?? 'LeaderElection',
    message: options.message ?? 'manager-0 became leader',
    type: options.type ?? 'Normal',
    source: { component: options.component ?? 'manager', ...(options.host && { host: options.host }) },
    firstTimestamp: at,
    lastTimestamp: at,
    count: options.count ?? 1,
  };
}
