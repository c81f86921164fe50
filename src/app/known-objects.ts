import type { NodeFacts, PodFacts } from '../core/holder.ts';
import { type Directory, directoryOf } from '../core/holder-directory.ts';
import { greatestAgeMs, podFromRow } from '../core/pod-facts.ts';
import type { PrintedRow } from './ports.ts';

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
  /** By namespace and name. */
  readonly #pods = new Map<string, Map<string, PodFacts>>();
  /** The rows of each namespace, by their Pods' names. */
  readonly #printed = new Map<string, Map<string, PrintedRow>>();
  readonly #lists = new Map<string, readonly PodFacts[]>();
  readonly #nodes = new Map<string, NodeFacts>();
  #directory: Directory | null = null;

  get directory(): Directory {
    this.#directory ??= directoryOf(
      [...this.#pods.values()].flatMap((pods) => [...pods.values()]),
      [...this.#nodes.values()],
    );
    return this.#directory;
  }

  podsIn(namespace: string): readonly PodFacts[] {
    const list = this.#lists.get(namespace) ?? [...(this.#pods.get(namespace)?.values() ?? [])];
    this.#lists.set(namespace, list);
    return list;
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  hasNode(name: string): boolean {
    return this.#nodes.has(name);
  }

  keepPod(pod: PodFacts): void {
    const { namespace, name } = pod;
    const there = this.#pods.get(namespace) ?? new Map<string, PodFacts>();
    if (there.get(name)?.detailed === true && !pod.detailed) return;
    this.#pods.set(namespace, there.set(name, pod));
    this.#podsChanged(namespace);
  }

  /** The Pods of a namespace, as they are printed. */
  keepPodRows(namespace: string, rows: readonly PrintedRow[]): void {
    const printed = new Map<string, PrintedRow>();
    this.#printed.set(namespace, printed);
    for (const row of rows) {
      const pod = podFromRow(row, namespace);
      if (pod === null) continue;
      this.keepPod(pod);
      printed.set(pod.name, row);
    }
  }

  /** The most that a Pod's age can be by its printed row, milliseconds; null when no row told. */
  greatestAgeMs({ namespace, name }: PodName): number | null {
    const row = this.#printed.get(namespace)?.get(name);
    return row === undefined ? null : greatestAgeMs(row);
  }

  forgetPod({ namespace, name }: PodName): void {
    if (this.#pods.get(namespace)?.delete(name) === true) this.#podsChanged(namespace);
  }

  #podsChanged(namespace: string): void {
    this.#directory = null;
    this.#lists.delete(namespace);
  }

  keepNode(node: NodeFacts): void {
    this.#nodes.set(node.name, node);
    this.#directory = null;
  }

  forgetNode(name: string): void {
    if (this.#nodes.delete(name)) this.#directory = null;
  }
}
