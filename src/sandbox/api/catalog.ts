import type { Resource } from '../../core/resources.ts';
import * as RESOURCES from '../../core/resources.ts';
import { isReview } from '../access-reviews.ts';
import { KNOWN_RESOURCES } from '../kinds.ts';

/** A resource as the API server offers it. */
export interface Served {
  resource: Resource;
  shortNames: readonly string[];
  categories: readonly string[];
  verbs: readonly string[];
  /** Its status is written by itself, at `/status`. */
  hasStatus: boolean;
  /** Its number of Pods is written by itself, at `/scale`. */
  hasScale: boolean;
}

const SHORT_NAMES = new Map<Resource, readonly string[]>([
  [RESOURCES.ENDPOINTS, ['ep']],
  [RESOURCES.CONFIGMAPS, ['cm']],
  [RESOURCES.PODS, ['po']],
  [RESOURCES.NODES, ['no']],
  [RESOURCES.NAMESPACES, ['ns']],
  [RESOURCES.EVENTS, ['ev']],
  [RESOURCES.SERVICES, ['svc']],
  [RESOURCES.SERVICE_ACCOUNTS, ['sa']],
  [RESOURCES.PERSISTENT_VOLUMES, ['pv']],
  [RESOURCES.DEPLOYMENTS, ['deploy']],
  [RESOURCES.REPLICASETS, ['rs']],
  [RESOURCES.DAEMONSETS, ['ds']],
  [RESOURCES.STATEFULSETS, ['sts']],
]);

/** What `kubectl get all` shows. */
const IN_ALL: readonly Resource[] = [
  RESOURCES.PODS,
  RESOURCES.SERVICES,
  RESOURCES.DEPLOYMENTS,
  RESOURCES.REPLICASETS,
  RESOURCES.DAEMONSETS,
  RESOURCES.STATEFULSETS,
  RESOURCES.JOBS,
];

const WITH_STATUS: readonly Resource[] = [
  ...IN_ALL,
  RESOURCES.NODES,
  RESOURCES.NAMESPACES,
  RESOURCES.PERSISTENT_VOLUMES,
  RESOURCES.VOLUME_ATTACHMENTS,
];

const WITH_SCALE: readonly Resource[] = [
  RESOURCES.DEPLOYMENTS,
  RESOURCES.REPLICASETS,
  RESOURCES.STATEFULSETS,
];

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export const CATALOG: readonly Served[] = KNOWN_RESOURCES.map((resource) => ({
  resource,
  shortNames: SHORT_NAMES.get(resource) ?? [],
  categories: IN_ALL.includes(resource) ? ['all'] : [],
  verbs: isReview(resource) ? ['create'] : VERBS,
  hasStatus: WITH_STATUS.includes(resource),
  hasScale: WITH_SCALE.includes(resource),
}));

export function servedAt(group: string, version: string, plural: string): Served | null {
  const fits = ({ resource }: Served): boolean =>
    resource.group === group && resource.version === version && resource.plural === plural;
  return CATALOG.find(fits) ?? null;
}

export function servedResource(resource: Resource): Served {
  const found = CATALOG.find((served) => served.resource === resource);
  if (found === undefined) throw new Error(`${resource.plural} are not served`);
  return found;
}
