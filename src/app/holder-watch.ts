import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Holder } from '../core/holder.ts';
import { NODES, PODS, type Resource } from '../core/resources.ts';
import { listNothing } from './list-nothing.ts';
import type { Cluster } from './ports.ts';

/** With more changes than this at once, it is cheaper to look again than to compare names. */
const MANY = 200;

function keyOf(kind: string, namespace: string | null | undefined, name: string): string {
  return `${kind} ${namespace ?? ''}/${name}`;
}

/**
 * Says when holders have to be looked for again: something happened to their Pod or Node. Watches metadata only, so
 * that a large cluster costs little; without the right to watch, `uncertain` tells that nothing is being said. What
 * metadata cannot tell is whether a Node that was written is what it was, as it is nearly always: each kubelet reports
 * every few minutes. So that alone touches no holder, and is told by `takeWritten`.
 */
export class HolderWatch {
  /** True when Pods or Nodes cannot be watched: then holders have to be looked for again now and then. */
  uncertain = false;
  readonly #touched = new Set<string>();
  /** Namespaces of Pods that came, changed or went. */
  readonly #stirred = new Set<string>();
  #written = new Set<string>();
  /** True when all were read anew: what went meanwhile was told by nobody. */
  #relisted = false;
  readonly #keys = new WeakMap<Holder, readonly string[]>();
  readonly #running: Promise<unknown>;

  constructor(cluster: Cluster, signal: AbortSignal) {
    this.#running = Promise.all([PODS, NODES].map((resource) => this.#follow(cluster, resource, signal)));
  }

  /** True while nothing changed since the last `clear`. */
  get quiet(): boolean {
    return !this.#relisted && this.#touched.size === 0;
  }

  /** Whether this holder's Pod or Node, or one that bears its name, changed since the last `clear`. */
  touched(holder: Holder): boolean {
    if (this.quiet) return false;
    if (this.#relisted) return true;
    if (this.#keysOf(holder).some((key) => this.#touched.has(key))) return true;
    // Not found so far: a new Pod or Node may be what the identity meant.
    const { ref, identity } = holder;
    if (ref !== null || identity === null) return false;
    if (this.#touched.size > MANY) return true;
    return [...this.#touched].some((key) => identity.includes(key.split('/')[1] ?? ' '));
  }

  /** Whether any Pod of this namespace came, changed or went since the last `clear`. */
  stirred(namespace: string): boolean {
    return this.#relisted || this.#stirred.has(namespace);
  }

  /** The names of the Nodes that were written since this was asked last. */
  takeWritten(): ReadonlySet<string> {
    const written = this.#written;
    this.#written = new Set();
    return written;
  }

  #keysOf(holder: Holder): readonly string[] {
    const known = this.#keys.get(holder);
    if (known !== undefined) return known;
    const { ref, pod, node } = holder;
    const keys = [
      ...(ref === null ? [] : [keyOf(ref.kind, ref.namespace, ref.name)]),
      ...(pod === null ? [] : [keyOf('pod', pod.namespace, pod.name), keyOf('node', null, pod.node ?? '')]),
      ...(node === null ? [] : [keyOf('node', null, node.name)]),
    ];
    this.#keys.set(holder, keys);
    return keys;
  }

  clear(): void {
    this.#touched.clear();
    this.#stirred.clear();
    this.#relisted = false;
  }

  async ended(): Promise<void> {
    await this.#running;
  }

  async #follow(cluster: Cluster, resource: Resource, signal: AbortSignal): Promise<void> {
    const kind = resource.kind.toLowerCase();
    try {
      const { resourceVersion } = await listNothing(cluster, resource, {}, signal);
      for await (const event of cluster.watch(
        resource,
        { projection: 'metadata', resourceVersion },
        signal,
      )) {
        if ('object' in event) {
          const { namespace, name = '' } = event.object.metadata;
          if (resource === NODES && event.type === 'modified') this.#written.add(name);
          else this.#touched.add(keyOf(kind, namespace, name));
          if (namespace !== undefined) this.#stirred.add(namespace);
        } else if (event.type === 'relisted') this.#relisted = true;
      }
    } catch (error) {
      if (!(error instanceof LeaderError)) throw error;
      if (!isLeaderError(error, 'interrupted')) this.uncertain = true;
    }
  }
}
