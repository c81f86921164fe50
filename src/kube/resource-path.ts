import type { Resource } from '../core/resources.ts';

/**
 * Whether the text can be one segment of a resource's path. The API server refuses objects named otherwise, so
 * nothing of such a name exists; sent all the same, `pods/x/log` would be read as a subresource of `x`.
 */
export function isPathSegment(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && !/[/%]/.test(text);
}

/** Absolute escaped path of a collection (`name` null) or an object. `namespace` null: all of them, or cluster-scoped. */
export function resourcePath(of: Resource, namespace: string | null, name: string | null): string {
  const segments = of.group === '' ? ['api', of.version] : ['apis', of.group, of.version];
  if (namespace !== null) segments.push('namespaces', namespace);
  segments.push(of.plural);
  if (name !== null) segments.push(name);
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

/** `coordination.k8s.io/v1`, `v1`. */
export function groupVersion(of: Resource): string {
  return of.group === '' ? of.version : `${of.group}/${of.version}`;
}
