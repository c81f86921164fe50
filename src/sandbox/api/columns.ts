import type { ClusterObject } from '../../core/cluster-object.ts';
import {
  CONFIGMAPS,
  CSI_NODES,
  DAEMONSETS,
  DEPLOYMENTS,
  ENDPOINTS,
  EVENTS,
  JOBS,
  LEASE_CANDIDATES,
  LEASES,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PERSISTENT_VOLUMES,
  REPLICASETS,
  type Resource,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  STATEFULSETS,
  VALIDATING_WEBHOOKS,
  VOLUME_ATTACHMENTS,
} from '../../core/resources.ts';
import { humanDuration, type Instant, parseRfc3339 } from '../../core/time.ts';
import { textAt } from '../selectors.ts';

/** One column that `kubectl get` prints of a resource, as the API server fills it. */
export interface Column {
  name: string;
  /** Shown with `-o wide` only. */
  wide?: boolean;
  cell: (object: ClusterObject, now: Instant) => string | number;
}

type Fields = Record<string, unknown>;

function column(name: string, cell: Column['cell']): Column {
  return { name, cell };
}

function wide(name: string, cell: Column['cell']): Column {
  return { name, cell, wide: true };
}

function ago(time: unknown, now: Instant): string {
  const at = parseRfc3339(time);
  return at === null ? '<unknown>' : humanDuration(now - at);
}

function at(...path: string[]): Column['cell'] {
  return (object) => textAt(object, ...path);
}

function count(...path: string[]): Column['cell'] {
  return (object) => Number(textAt(object, ...path));
}

function listAt(object: ClusterObject, field: string): Fields[] {
  const value = object[field];
  return Array.isArray(value) ? (value as Fields[]) : [];
}

function size(value: unknown): number {
  return Object.keys((value ?? {}) as object).length;
}

const NAME = column('Name', ({ metadata }) => metadata.name ?? '');
const AGE = column('Age', ({ metadata }, now) => ago(metadata.creationTimestamp, now));

/** `ip:port` of the first few addresses, `<none>` where nobody is routed to. */
function endpointsCell(object: ClusterObject): string {
  const all = listAt(object, 'subsets').flatMap((subset) => {
    const ports = (subset['ports'] ?? []) as Fields[];
    return ((subset['addresses'] ?? []) as Fields[]).flatMap(({ ip }) =>
      ports.map(({ port }) => `${ip}:${port}`),
    );
  });
  const more = all.length > 3 ? ` + ${all.length - 3} more...` : '';
  return all.length === 0 ? '<none>' : `${all.slice(0, 3).join(',')}${more}`;
}

function portsCell(object: ClusterObject): string {
  const { ports = [] } = (object.spec ?? {}) as { ports?: Fields[] };
  return ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(',') || '<none>';
}

/** `2/3` from the two fields of a workload. */
function outOf(done: readonly string[], wanted: readonly string[]): Column['cell'] {
  return (object) => `${Number(textAt(object, ...done))}/${Number(textAt(object, ...wanted))}`;
}

const WEBHOOK_COLUMNS = [NAME, column('Webhooks', (object) => listAt(object, 'webhooks').length), AGE];

const COLUMNS = new Map<Resource, readonly Column[]>([
  [LEASES, [NAME, column('Holder', at('spec', 'holderIdentity')), AGE]],
  [LEASE_CANDIDATES, [NAME, column('LeaseName', at('spec', 'leaseName')), AGE]],
  [ENDPOINTS, [NAME, column('Endpoints', endpointsCell), AGE]],
  [CONFIGMAPS, [NAME, column('Data', (object) => size(object['data'])), AGE]],
  [NAMESPACES, [NAME, column('Status', at('status', 'phase')), AGE]],
  [SECRETS, [NAME, column('Type', at('type')), column('Data', (object) => size(object['data'])), AGE]],
  [SERVICE_ACCOUNTS, [NAME, column('Secrets', (object) => listAt(object, 'secrets').length), AGE]],
  [
    SERVICES,
    [
      NAME,
      column('Type', (object) => textAt(object, 'spec', 'type') || 'ClusterIP'),
      column('Cluster-IP', (object) => textAt(object, 'spec', 'clusterIP') || 'None'),
      column('External-IP', () => '<none>'),
      column('Port(s)', portsCell),
      AGE,
    ],
  ],
  [
    EVENTS,
    [
      column('Last Seen', (object, now) => ago(object['lastTimestamp'], now)),
      column('Type', at('type')),
      column('Reason', at('reason')),
      column('Object', (object) => {
        const kind = textAt(object, 'involvedObject', 'kind').toLowerCase();
        return `${kind}/${textAt(object, 'involvedObject', 'name')}`;
      }),
      wide('Source', at('source', 'component')),
      column('Message', (object) => textAt(object, 'message').trim()),
      wide('Count', count('count')),
      wide('Name', NAME.cell),
    ],
  ],
  [
    DEPLOYMENTS,
    [
      NAME,
      column('Ready', outOf(['status', 'readyReplicas'], ['spec', 'replicas'])),
      column('Up-to-date', count('status', 'updatedReplicas')),
      column('Available', count('status', 'availableReplicas')),
      AGE,
    ],
  ],
  [
    REPLICASETS,
    [
      NAME,
      column('Desired', count('spec', 'replicas')),
      column('Current', count('status', 'replicas')),
      column('Ready', count('status', 'readyReplicas')),
      AGE,
    ],
  ],
  [
    DAEMONSETS,
    [
      NAME,
      column('Desired', count('status', 'desiredNumberScheduled')),
      column('Current', count('status', 'currentNumberScheduled')),
      column('Ready', count('status', 'numberReady')),
      column('Up-to-date', count('status', 'updatedNumberScheduled')),
      column('Available', count('status', 'numberAvailable')),
      column('Node Selector', () => '<none>'),
      AGE,
    ],
  ],
  [STATEFULSETS, [NAME, column('Ready', outOf(['status', 'readyReplicas'], ['spec', 'replicas'])), AGE]],
  [JOBS, [NAME, column('Completions', outOf(['status', 'succeeded'], ['spec', 'completions'])), AGE]],
  [
    VOLUME_ATTACHMENTS,
    [
      NAME,
      column('Attacher', at('spec', 'attacher')),
      column('PV', at('spec', 'source', 'persistentVolumeName')),
      column('Node', at('spec', 'nodeName')),
      column('Attached', (object) => textAt(object, 'status', 'attached') || 'false'),
      AGE,
    ],
  ],
  [
    CSI_NODES,
    [
      NAME,
      column('Drivers', (object) => listAt({ ...(object.spec as ClusterObject) }, 'drivers').length),
      AGE,
    ],
  ],
  [
    PERSISTENT_VOLUMES,
    [
      NAME,
      column('Capacity', at('spec', 'capacity', 'storage')),
      column('Status', at('status', 'phase')),
      column('StorageClass', at('spec', 'storageClassName')),
      AGE,
    ],
  ],
  [VALIDATING_WEBHOOKS, WEBHOOK_COLUMNS],
  [MUTATING_WEBHOOKS, WEBHOOK_COLUMNS],
]);

/** What is printed of a resource, Pods and Nodes aside. */
export function columnsOf(resource: Resource): readonly Column[] {
  return COLUMNS.get(resource) ?? [NAME, AGE];
}
