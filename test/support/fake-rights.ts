import type { Consistency, ListRequest } from '../../src/app/ports.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASE_CANDIDATES, type Resource, SELF_SUBJECT_ACCESS_REVIEWS } from '../../src/core/resources.ts';
import { type Addressed, type FaultMatch, fits } from '../../src/sandbox/faults.ts';

/** One request that reached the fake API server, in the words of RBAC. */
export interface FakeRequest extends Addressed {
  projection: ListRequest['projection'] | 'rows';
  /** Null for watches, and for rows, which the port leaves to the adapter. */
  consistency: Consistency | null;
  labelSelector: string | null;
  fieldSelector: string | null;
  /** Of writes only. */
  dryRun?: boolean;
}

/**
 * RBAC only ever adds rights: whoever may not look into one namespace may not look into all of them either. What
 * oneself may do everybody may ask, so that is denied only by name.
 */
function denies(rule: FaultMatch, request: Addressed, resource: Resource): boolean {
  if (resource === SELF_SUBJECT_ACCESS_REVIEWS && rule.resource === undefined) return false;
  if (fits(rule, request)) return true;
  return resource.namespaced && request.namespace === null && fits({ ...rule, namespace: null }, request);
}

/** What the one user of the fake cluster may do, and what its API server serves at all. */
export class FakeRights {
  #denied: FaultMatch[] = [];
  readonly #unserved = new Set<Resource>([LEASE_CANDIDATES]);

  forbid(rule: FaultMatch): void {
    this.#denied.push(rule);
  }

  allowAll(): void {
    this.#denied = [];
  }

  serve(resource: Resource, served: boolean): void {
    if (served) this.#unserved.delete(resource);
    else this.#unserved.add(resource);
  }

  isServed(resource: Resource): boolean {
    return !this.#unserved.has(resource);
  }

  /** Whether RBAC would let a request through. */
  allows(request: Addressed, resource: Resource): boolean {
    return !this.#denied.some((rule) => denies(rule, request, resource));
  }

  /** Throws what the request is refused with. */
  meet(request: Addressed, resource: Resource, user: string | null): void {
    if (!this.allows(request, resource)) {
      const who = `User "${user ?? 'system:anonymous'}" cannot ${request.verb}`;
      const what = `resource "${resource.plural}" in API group "${resource.group}"`;
      const where =
        request.namespace === null ? 'at the cluster scope' : `in the namespace "${request.namespace}"`;
      throw new LeaderError('forbidden', `${request.resource} is forbidden: ${who} ${what} ${where}`, {
        hint: `ask for the right to ${request.verb} ${request.resource}`,
      });
    }
    if (!this.isServed(resource)) {
      throw new LeaderError('not-served', `the server does not serve ${request.resource}`);
    }
  }
}
