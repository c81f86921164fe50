import { type Resource, resourceName } from '../core/resources.ts';
import { printable } from '../core/text.ts';

/** One question to the API server, as far as an error has to name it. */
export interface Asked {
  /** The RBAC verb that it needs. */
  verb: 'get' | 'list' | 'watch' | 'patch' | 'delete' | 'create';
  resource: Resource;
  /** Null: all namespaces, or a cluster-scoped resource. */
  namespace: string | null;
  /** Null: the collection. */
  name: string | null;
  /** `https://host:port`. */
  server: string;
  /** Why it carries no credentials, and what to do about it; null when it does. */
  withoutCredentials: string | null;
}

export function isWrite({ verb }: Asked): boolean {
  return verb === 'patch' || verb === 'delete' || verb === 'create';
}

/** Where a right applies, as words: ` in namespace "x"`, ` in all namespaces`, or nothing for cluster-scoped ones. */
export function placeOf(asked: Asked): string {
  if (!asked.resource.namespaced) return '';
  return asked.namespace === null ? ' in all namespaces' : ` in namespace "${printable(asked.namespace)}"`;
}

/** `list leases.coordination.k8s.io in all namespaces`, `get nodes "master-2"`. */
export function inWords(asked: Asked): string {
  const name = asked.name === null ? '' : ` "${printable(asked.name)}"`;
  return `${asked.verb} ${resourceName(asked.resource)}${name}${placeOf(asked)}`;
}
