import { LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import { compareGaps, type Gap } from '../core/gap.ts';
import { NODES, PODS, type Resource, resourceName } from '../core/resources.ts';
import { printable } from '../core/text.ts';
import { IN_FLIGHT } from './bounded.ts';

/** What a failed reading came to. */
export type Failure = 'forbidden' | 'unreadable' | 'absent';

export type Tried<Value> = { value: Value; failure: null } | { value: null; failure: Failure };

/** What is asked of the API server: `create` for questions that it takes as objects. */
type Verb = 'list' | 'get' | 'create';

interface Unread {
  resource: Resource;
  verb: Verb;
  error: LeaderError;
  /** Null for all namespaces, and for resources without any. */
  namespaces: Set<string | null>;
}

/** So many namespaces are named in a note; the rest is counted. */
const NAMED_NAMESPACES = 3;

export function namespacesInWords(namespaces: readonly string[]): string {
  const names = namespaces.map(printable).toSorted();
  const rest = names.length - NAMED_NAMESPACES;
  return `${names.slice(0, NAMED_NAMESPACES).join(', ')}${rest > 0 ? ` and ${rest} more namespaces` : ''}`;
}

function whereOf({ resource, namespaces }: Unread): string {
  if (!resource.namespaced) return '';
  if (namespaces.has(null)) return ' in all namespaces';
  return ` in ${namespacesInWords([...namespaces].map((name) => name ?? ''))}`;
}

function consequenceOf(resource: Resource): string {
  if (resource === PODS) return 'holders that are pods there cannot be told from missing ones';
  if (resource === NODES) return 'holders that are nodes cannot be told from missing ones';
  return 'what a missing holder was, and who could take over, may not be told';
}

function noteOf(unread: Unread, consequence: string): Note & { gap: Gap } {
  const { resource, verb, error, namespaces } = unread;
  const name = resourceName(resource);
  const where = whereOf(unread);
  const clusterWide = !resource.namespaced || namespaces.has(null);
  const { code, message: why } = error;
  const gap: Gap = { about: 'holders', verb, resource: name, where, clusterWide, code, why, consequence };
  if (code !== 'forbidden') {
    const text = `could not ${verb} ${name}${where}: ${why}; ${consequence}`;
    return { code: 'unreadable', text, hint: error.hint, gap };
  }
  const role = clusterWide ? 'ClusterRole' : 'Role';
  const rule = `apiGroups ["${resource.group}"], resources ["${resource.plural}"], verbs ["${verb}"]`;
  return {
    code: 'unreadable',
    text: `not allowed to ${verb} ${name}${where}: ${consequence}`,
    hint: `ask for a ${role} with ${rule}`,
    gap,
  };
}

/**
 * The requests of one search: a few at a time, and what could not be read is remembered, so that it is said once and
 * hides nothing else.
 */
export class Reads {
  readonly #gaps = new Map<string, Unread>();
  readonly #waiting: (() => void)[] = [];
  readonly #consequenceOf: (resource: Resource) => string | null;
  #inFlight = 0;

  /** `consequences`: what it means that a resource cannot be read, where that is more than a holder not found. */
  constructor(consequences: (resource: Resource) => string | null = () => null) {
    this.#consequenceOf = consequences;
  }

  /**
   * What the reading gave, or how it failed. `absent` (no such object, or no such kind on this server) is an answer
   * and no gap. Rejects only with `interrupted`, and with mistakes of this program.
   */
  async attempt<Value>(
    verb: Verb,
    resource: Resource,
    namespace: string | null,
    read: () => Promise<Value>,
  ): Promise<Tried<Value>> {
    const { value, error } = await this.quietly(read);
    return error === null
      ? { value, failure: null }
      : { value, failure: this.tell(verb, resource, namespace, error) };
  }

  /** The same for a reading that others can take the place of: its failure is no gap unless it is told. */
  async quietly<Value>(
    read: () => Promise<Value>,
  ): Promise<{ value: Value; error: null } | { value: null; error: LeaderError }> {
    try {
      return { value: await this.#inTurn(read), error: null };
    } catch (error) {
      if (!(error instanceof LeaderError) || error.code === 'interrupted') throw error;
      return { value: null, error };
    }
  }

  /** Remembers why something could not be read, unless it is just not there. */
  tell(verb: Verb, resource: Resource, namespace: string | null, error: LeaderError): Failure {
    if (error.code === 'not-found' || error.code === 'not-served') return 'absent';
    const key = `${verb} ${resourceName(resource)} ${error.code}`;
    const gap = this.#gaps.get(key) ?? { resource, verb, error, namespaces: new Set() };
    gap.namespaces.add(namespace);
    this.#gaps.set(key, gap);
    return error.code === 'forbidden' ? 'forbidden' : 'unreadable';
  }

  async #inTurn<Value>(read: () => Promise<Value>): Promise<Value> {
    while (this.#inFlight >= IN_FLIGHT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inFlight += 1;
    try {
      return await read();
    } finally {
      this.#inFlight -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** What could not be read, the most important first. */
  notes(): Note[] {
    return [...this.#gaps.values()]
      .map((gap) => noteOf(gap, this.#consequenceOf(gap.resource) ?? consequenceOf(gap.resource)))
      .toSorted((a, b) => compareGaps(a.gap, b.gap));
  }
}
