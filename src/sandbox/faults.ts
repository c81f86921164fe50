import type { Clock } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { type Resource, resourceName } from '../core/resources.ts';

/** What RBAC calls what is asked of an API server. */
export type Verb = 'list' | 'get' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** Who asks for what, as far as faults tell requests apart. */
export interface Addressed {
  verb: Verb;
  /** `pods`, `leases.coordination.k8s.io`. */
  resource: string;
  /** Null for all namespaces and for cluster-scoped resources. */
  namespace: string | null;
  /** Null for a collection. */
  name: string | null;
  user?: string;
}

/** Which requests a fault is for; what is absent fits everything. */
export interface FaultMatch {
  verb?: Verb;
  resource?: Resource;
  /** A namespace's name, or null for requests across all namespaces. */
  namespace?: string | null;
  name?: string;
  user?: string;
}

export function fits(match: FaultMatch, request: Addressed): boolean {
  return (
    (match.verb === undefined || match.verb === request.verb) &&
    (match.resource === undefined || resourceName(match.resource) === request.resource) &&
    (match.namespace === undefined || match.namespace === request.namespace) &&
    (match.name === undefined || match.name === request.name) &&
    (match.user === undefined || match.user === request.user)
  );
}

function interrupted(): LeaderError {
  return new LeaderError('interrupted', 'interrupted');
}

interface Failing {
  match: FaultMatch;
  error: LeaderError;
  left: number;
}

/** Ends a fault. */
type Mend = () => void;

function takenFrom<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at !== -1) list.splice(at, 1);
}

/** Everything that can be made to go wrong between a client and an API server. */
export class Faults {
  /** What every request meets while the API server cannot be reached, or null. */
  unreachable: LeaderError | null = null;
  readonly #clock: Clock;
  readonly #hanging: { match: FaultMatch; over: Promise<void> }[] = [];
  readonly #slow: { match: FaultMatch; ms: number }[] = [];
  readonly #failing: Failing[] = [];
  readonly #losing: Failing[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next `times` requests that fit are answered with this error. */
  fail(error: LeaderError, match: FaultMatch = {}, times = Number.POSITIVE_INFINITY): Mend {
    const fault = { match, error, left: times };
    this.#failing.push(fault);
    return () => takenFrom(this.#failing, fault);
  }

  /** The next `times` requests that fit are carried out, and then their answer is lost. */
  loseAnswer(error: LeaderError, match: FaultMatch, times: number): void {
    this.#losing.push({ match, error, left: times });
  }

  /** Requests that fit are accepted and never answered. */
  hang(match: FaultMatch = {}): Mend {
    let release = (): void => {};
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    const fault = { match, over };
    this.#hanging.push(fault);
    return () => {
      takenFrom(this.#hanging, fault);
      release();
    };
  }

  /** Requests that fit are answered `ms` milliseconds late. */
  slow(ms: number, match: FaultMatch = {}): Mend {
    const fault = { match, ms };
    this.#slow.push(fault);
    return () => takenFrom(this.#slow, fault);
  }

  /** Throws where the request was carried out, but its answer is lost. */
  answer(request: Addressed): void {
    const losing = this.#losing.find((fault) => fault.left > 0 && fits(fault.match, request));
    if (!losing) return;
    losing.left -= 1;
    throw losing.error;
  }

  /** Resolves when the request may be answered; rejects with what it meets instead. */
  async meet(request: Addressed, signal?: AbortSignal): Promise<void> {
    for (const { match, ms } of [...this.#slow]) {
      if (fits(match, request)) await this.#clock.sleep(ms, signal);
    }
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
