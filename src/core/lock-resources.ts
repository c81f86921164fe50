import type { LockKind } from './lock.ts';
import { CONFIGMAPS, ENDPOINTS, LEASES, type Resource } from './resources.ts';

/** The resource that each kind of lock object is. */
export const LOCK_RESOURCES: Readonly<Record<LockKind, Resource>> = {
  lease: LEASES,
  endpoints: ENDPOINTS,
  configmap: CONFIGMAPS,
};
