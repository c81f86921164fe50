import type { NodeFacts, PodFacts } from './holder.ts';
import { canonicalAddress, cutHostname, firstLabel, sanitised } from './host-name.ts';

/** Values by each of their keys. */
function indexBy<Value>(
  values: readonly Value[],
  keysOf: (value: Value) => readonly string[],
): Map<string, Value[]> {
  const index = new Map<string, Value[]>();
  for (const value of values) {
    for (const key of new Set(keysOf(value))) {
      const there = index.get(key);
      if (there === undefined) index.set(key, [value]);
      else there.push(value);
    }
  }
  return index;
}

/** Builds an index when it is first asked, and answers from it. */
function lazyIndex<Value>(values: readonly Value[], keysOf: (value: Value) => readonly string[]) {
  let index: Map<string, Value[]> | null = null;
  return (key: string): readonly Value[] => {
    index ??= indexBy(values, keysOf);
    return index.get(key) ?? [];
  };
}

function addressesOf(addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => canonicalAddress(address) ?? []);
}

/** Every Pod and Node that is known, found by whatever an identity may call it. */
export interface Directory {
  podsNamed(name: string): readonly PodFacts[];
  /** By `spec.hostname`, or by a name cut to 63 characters, where either differs from the Pod's name. */
  podsCalled(hostname: string): readonly PodFacts[];
  podsSanitised(name: string): readonly PodFacts[];
  podsAt(address: string): readonly PodFacts[];
  podsOn(node: string): readonly PodFacts[];
  nodeNamed(name: string): NodeFacts | null;
  /** By host name, whatever its case, and by the first label of a qualified name. */
  nodesCalled(hostname: string): readonly NodeFacts[];
  nodesSanitised(name: string): readonly NodeFacts[];
  nodesAt(address: string): readonly NodeFacts[];
}

export function directoryOf(pods: readonly PodFacts[], nodes: readonly NodeFacts[]): Directory {
  const nodesByName = lazyIndex(nodes, ({ name }) => [name]);
  return {
    podsNamed: lazyIndex(pods, ({ name }) => [name]),
    podsCalled: lazyIndex(pods, ({ name, hostname }) => {
      const called = cutHostname(hostname ?? name);
      return called === name ? [] : [called];
    }),
    podsSanitised: lazyIndex(pods, ({ name, hostname }) => [sanitised(cutHostname(hostname ?? name))]),
    podsAt: lazyIndex(pods, ({ podIPs }) => addressesOf(podIPs)),
    podsOn: lazyIndex(pods, ({ node }) => (node === null ? [] : [node])),
    nodeNamed: (name) => nodesByName(name)[0] ?? null,
    nodesCalled: lazyIndex(nodes, ({ name, hostnames }) =>
      [name, firstLabel(name), ...hostnames, ...hostnames.map(firstLabel)].map((one) => one.toLowerCase()),
    ),
    nodesSanitised: lazyIndex(nodes, ({ name, hostnames }) => [name, ...hostnames].map(sanitised)),
    nodesAt: lazyIndex(nodes, ({ addresses }) => addressesOf(addresses)),
  };
}

/** Whether a Pod uses its Node's network, from its own spec or because it has the Node's address; null if not known. */
export function isOnHostNetwork(pod: PodFacts, node: NodeFacts | null): boolean | null {
  if (pod.hostNetwork !== null) return pod.hostNetwork;
  if (node === null || pod.podIPs.length === 0) return null;
  return pod.podIPs.some((ip) => node.addresses.includes(ip));
}
