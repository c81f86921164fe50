import type { ClusterObject, ObjectMeta } from '../core/cluster-object.ts';
import type { Resource } from '../core/resources.ts';
import { groupVersion } from './resource-path.ts';

export type Projection = 'full' | 'metadata';
export type ListProjection = Projection | 'names';
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a field, or '' for anything that is no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `metadata.resourceVersion` or `metadata.continue` of an object or a list; '' when it has none. */
export function metadataText(of: unknown, field: 'resourceVersion' | 'continue'): string {
  return isJsonObject(of) && isJsonObject(of['metadata']) ? textOf(of['metadata'][field]) : '';
}

function nameIn({ name, namespace }: ObjectMeta): ObjectMeta {
  return { ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) };
}

/**
 * An object off the wire that says what it is: items of a list carry neither apiVersion nor kind, and metadata
 * alone calls itself PartialObjectMetadata. A server that ignored the wish for metadata is cut down to it here.
 * Null for what is no object at all.
 */
export function clusterObject(
  raw: unknown,
  resource: Resource,
  projection: ListProjection,
): ClusterObject | null {
  if (!isJsonObject(raw) || !isJsonObject(raw['metadata'])) return null;
  const metadata = raw['metadata'] as ObjectMeta;
  const type = { apiVersion: groupVersion(resource), kind: resource.kind };
  if (projection === 'names') return { ...type, metadata: nameIn(metadata) };
  return projection === 'metadata' ? { ...type, metadata } : { ...type, ...raw, ...type, metadata };
}

/** Whether an object bears one of these annotations. */
export function hasAnnotation({ metadata }: ClusterObject, annotations: readonly string[]): boolean {
  const own: unknown = metadata.annotations;
  return isJsonObject(own) && annotations.some((annotation) => Object.hasOwn(own, annotation));
}

/** The `Accept` header that asks for a projection. Plain JSON stays a fallback for servers that cannot cut. */
export function acceptFor(projection: ListProjection, shape: 'one' | 'list'): string {
  if (projection === 'full') return 'application/json';
  const kind = shape === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
}
