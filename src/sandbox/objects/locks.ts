import type { ClusterObject } from '../../core/cluster-object.ts';
import { LEADER_ANNOTATION } from '../../core/formats/annotation.ts';
import { formatMicroTime, formatSecondTime, type Instant } from '../../core/time.ts';
import { metadata, NOON, type ObjectOptions } from './metadata.ts';

/** An election record as client-go writes it; times are wall-clock instants in milliseconds. */
export interface RecordOptions {
  /** Null leaves the field null. */
  holder?: string | null;
  durationSeconds?: number | null;
  acquireTime?: Instant | null;
  renewTime?: Instant | null;
  transitions?: number | null;
}

function record(options: RecordOptions): Required<RecordOptions> {
  return {
    holder: 'manager-0',
    durationSeconds: 15,
    acquireTime: NOON,
    renewTime: NOON,
    transitions: 0,
    ...options,
  };
}

function time(at: Instant | null, format: (at: Instant) => string): string | null {
  return at === null ? null : format(at);
}

/** A Lease as client-go's LeaseLock writes it. */
export function lease(options: ObjectOptions & RecordOptions = {}): ClusterObject {
  const { holder, durationSeconds, acquireTime, renewTime, transitions } = record(options);
  const spec = {
    holderIdentity: holder,
    leaseDurationSeconds: durationSeconds,
    acquireTime: time(acquireTime, formatMicroTime),
    renewTime: time(renewTime, formatMicroTime),
    leaseTransitions: transitions,
  };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: metadata(options, 'manager', true),
    spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null)),
  };
}

/** The record as client-go writes it into the annotation: whole seconds, `leaderTransitions`. */
export function leaderAnnotation(options: RecordOptions = {}): Record<string, string> {
  const { holder, durationSeconds, acquireTime, renewTime, transitions } = record(options);
  const value = {
    holderIdentity: holder,
    leaseDurationSeconds: durationSeconds,
    acquireTime: time(acquireTime, formatSecondTime),
    renewTime: time(renewTime, formatSecondTime),
    leaderTransitions: transitions,
  };
  return { [LEADER_ANNOTATION]: JSON.stringify(value) };
}

function annotated(kind: string, options: ObjectOptions & RecordOptions): ClusterObject {
  const annotations = { ...leaderAnnotation(options), ...options.annotations };
  return { apiVersion: 'v1', kind, metadata: metadata({ ...options, annotations }, 'manager', true) };
}

/** An Endpoints object that is nothing but a lock: no subsets. */
export function endpointsLock(options: ObjectOptions & RecordOptions = {}): ClusterObject {
  return annotated('Endpoints', options);
}

/** A ConfigMap that is nothing but a lock: no data. */
export function configMapLock(options: ObjectOptions & RecordOptions = {}): ClusterObject {
  return annotated('ConfigMap', options);
}
