import type { NodeFacts, PodFacts } from '../core/holder.ts';
import { type Directory, directoryOf } from '../core/holder-directory.ts';

/** Names a Pod. */
export interface PodName {
  namespace: string;
  name: string;
}

export function podKey({ namespace, name }: PodName): string {
  return `${namespace}/${name}`;
}

/** The Pods and Nodes that were seen so far, the fuller facts over the fewer. */
export class KnownObjects {
  readonly #pods = new Map<string, PodFacts>();
  readonly #nodes = new Map<string, NodeFacts>();
  #directory: Directory | null = null;
  #byNamespace: Map<string, PodFacts[]> | null = null;

  get directory(): Directory {
    this.#directory ??= directoryOf([...this.#pods.values()], [...this.#nodes.values()]);
    return this.#directory;
  }

  podsIn(namespace: string): readonly PodFacts[] {
    this.#byNamespace ??= Map.groupBy(this.#pods.values(), (pod) => pod.namespace);
    return this.#byNamespace.get(namespace) ?? [];
  }

  hasNode(name: string): boolean {
    return this.#nodes.has(name);
  }

  keepPod(pod: PodFacts): void {
    const known = this.#pods.get(podKey(pod));
    if (known?.detailed === true && !pod.detailed) return;
    this.#pods.set(podKey(pod), pod);
    this.#directory = null;
    this.#byNamespace = null;
  }

  forgetPod(pod: PodName): void {
    if (!this.#pods.delete(podKey(pod))) return;
    this.#directory = null;
    this.#byNamespace = null;
  }

  keepNode(node: NodeFacts): void {
    this.#nodes.set(node.name, node);
    this.#directory = null;
  }

  forgetNode(name: string): void {
    if (this.#nodes.delete(name)) this.#directory = null;
  }
}
