import type { Consistency } from '../../src/app/ports.ts';
import { LeaderError } from '../../src/core/errors.ts';
import {
  LEASE_CANDIDATES,
  type Resource,
  resourceName,
  SELF_SUBJECT_ACCESS_REVIEWS,
} from '../../src/core/resources.ts';

/** One request that reached the fake API server, in the words of RBAC. */
export interface FakeRequest {
  verb: 'list' | 'get' | 'watch' | 'patch' | 'delete' | 'create';
  /** `pods`, `leases.coordination.k8s.io`. */
  resource: string;
  /** Null for all namespaces and for cluster-scoped resources. */
  namespace: string | null;
  name: string | null;
  projection: 'full' | 'metadata' | 'rows';
  /** Null for watches, and for rows, which the port leaves to the adapter. */
  consistency: Consistency | null;
  labelSelector: string | null;
  fieldSelector: string | null;
  /** Of writes only. */
  dryRun?: boolean;
}

type Addressed = Pick<FakeRequest, 'verb' | 'resource' | 'namespace'>;

/** Which requests a fault is for; what is absent fits everything. */
export interface FaultMatch {
  verb?: FakeRequest['verb'];
  resource?: Resource;
  /** A namespace's name, or null for requests across all namespaces. */
  namespace?: string | null;
}

function fits(match: FaultMatch, request: Addressed): boolean {
  return (
    (match.verb === undefined || match.verb === request.verb) &&
    (match.resource === undefined || resourceName(match.resource) === request.resource) &&
    (match.namespace === undefined || match.namespace === request.namespace)
  );
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

function interrupted(): LeaderError {
  return new LeaderError('interrupted', 'interrupted');
}

/** Everything that can be made to go wrong between a client and the fake API server. */
export class Faults {
  /** What every request meets while the API server cannot be reached, or null. */
  unreachable: LeaderError | null = null;
  #denied: FaultMatch[] = [];
  #hanging: { match: FaultMatch; over: Promise<void> }[] = [];
  #failing: { match: FaultMatch; error: LeaderError; left: number }[] = [];
  #losing: { match: FaultMatch; error: LeaderError; left: number }[] = [];
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

  fail(error: LeaderError, times: number, match: FaultMatch): void {
    this.#failing.push({ match, error, left: times });
  }

  /** Whether RBAC would let a request through. */
  allows(request: Addressed, resource: Resource): boolean {
    return !this.#denied.some((rule) => denies(rule, request, resource));
  }

  loseAnswer(error: LeaderError, times: number, match: FaultMatch): void {
    this.#losing.push({ match, error, left: times });
  }

  /** Throws where the request was carried out, but its answer is lost. */
  answer(request: Addressed): void {
    const losing = this.#losing.find((fault) => fault.left > 0 && fits(fault.match, request));
    if (!losing) return;
    losing.left -= 1;
    throw losing.error;
  }

  hang(match: FaultMatch): () => void {
    let release = (): void => {};
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    const fault = { match, over };
    this.#hanging.push(fault);
    return () => {
      this.#hanging = this.#hanging.filter((other) => other !== fault);
      release();
    };
  }

  /** Resolves when the request may be answered; rejects with what it meets instead. */
  async meet(
    request: FakeRequest,
    resource: Resource,
    user: string | null,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const { match, over } of [...this.#hanging]) {
      if (fits(match, request)) await unlessAborted(over, signal);
    }
    if (signal?.aborted) throw interrupted();
    if (this.unreachable) throw this.unreachable;
    const failing = this.#failing.find((fault) => fault.left > 0 && fits(fault.match, request));
    if (failing) {
      failing.left -= 1;
      throw failing.error;
    }
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

/** Waits for the promise, or rejects with `interrupted` as soon as the signal aborts. */
async function unlessAborted(promise: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) throw interrupted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(interrupted());
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
