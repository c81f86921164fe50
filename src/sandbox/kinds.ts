import type { ClusterObject } from '../core/cluster-object.ts';
import * as RESOURCES from '../core/resources.ts';
import { type Resource, resourceName } from '../core/resources.ts';

/** Every resource that this tool knows. */
export const KNOWN_RESOURCES: readonly Resource[] = Object.values(RESOURCES).filter(
  (value) => typeof value === 'object',
);

export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The resource an object belongs to; throws for an object of no known kind. */
export function resourceOf(object: ClusterObject): Resource {
  const found = KNOWN_RESOURCES.find(
    (one) => apiVersionOf(one) === object.apiVersion && one.kind === object.kind,
  );
  if (!found) throw new Error(`no such kind is served: ${object.apiVersion} ${object.kind}`);
  return found;
}

/** What an object is stored under. Throws where a namespace is missing or too much. */
export function keyOf(resource: Resource, namespace: string | null, name: string): string {
  if (resource.namespaced !== (namespace !== null)) {
    throw new Error(
      `a ${resource.kind} ${resource.namespaced ? 'needs a namespace' : 'has no namespace'}: ${name}`,
    );
  }
  return `${resourceName(resource)}/${namespace ?? ''}/${name}`;
}
