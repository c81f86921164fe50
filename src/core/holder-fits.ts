/** Which objects an identity fits, and which of them most likely is the holder. */
import type { ObjectRef } from './cluster-object.ts';
import type { NodeFacts, PodFacts } from './holder.ts';
import { type Directory, isOnHostNetwork } from './holder-directory.ts';
import type { Look, Reading } from './identity.ts';
import type { LockRef } from './lock.ts';

/** An object that an identity fits: a Pod, with its Node as far as known, or a Node by itself. */
export type Fit = { pod: PodFacts; node: NodeFacts | null } | { pod: null; node: NodeFacts };

export function refOf(fit: Fit): ObjectRef {
  if (fit.pod === null) return { kind: 'node', namespace: null, name: fit.node.name };
  return { kind: 'pod', namespace: fit.pod.namespace, name: fit.pod.name };
}

export function refKey({ kind, namespace, name }: ObjectRef): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

/** Nodes that a host name may mean: by their own name first. */
function nodesOf(host: string, directory: Directory): readonly NodeFacts[] {
  const named = directory.nodeNamed(host);
  return named === null ? directory.nodesCalled(host.toLowerCase()) : [named];
}

function staticPods(
  look: Look & { for: 'static-pod' },
  lock: LockRef,
  directory: Directory,
): readonly PodFacts[] {
  return look.components
    .flatMap((component) => directory.podsNamed(`${component}-${look.host}`))
    .filter(({ namespace, node }) => namespace === lock.namespace && (node === null || node === look.host));
}

/** Only if there is one: two Pods of a component on one Node would be a guess. */
function hostNetworkPods(
  look: Look & { for: 'host-network-pod' },
  lock: LockRef,
  directory: Directory,
): readonly PodFacts[] {
  const pods = nodesOf(look.host, directory).flatMap((node) =>
    directory
      .podsOn(node.name)
      .filter(
        (pod) =>
          pod.namespace === lock.namespace &&
          look.components.some((component) => pod.name.startsWith(`${component}-`)) &&
          isOnHostNetwork(pod, node) === true,
      ),
  );
  return pods.length === 1 ? pods : [];
}

/** Pods with an address of their own; those on the host's network share it with their Node. */
function podsWithAddress(address: string, directory: Directory): readonly PodFacts[] {
  return directory.nodesAt(address).length > 0 ? [] : directory.podsAt(address);
}

function podsFor(look: Look, lock: LockRef, directory: Directory): readonly PodFacts[] {
  switch (look.for) {
    case 'pod-name':
      return directory
        .podsNamed(look.name)
        .filter(({ namespace }) => look.namespace === null || look.namespace === namespace);
    case 'pod-hostname':
      return directory.podsCalled(look.name);
    case 'static-pod':
      return staticPods(look, lock, directory);
    case 'host-network-pod':
      return hostNetworkPods(look, lock, directory);
    case 'sanitised-name':
      return directory.podsSanitised(look.name);
    case 'address':
      return podsWithAddress(look.address, directory);
    case 'node-name':
    case 'node-hostname':
    case 'nothing':
      return [];
  }
}

function nodesFor(look: Look, directory: Directory): readonly NodeFacts[] {
  switch (look.for) {
    case 'node-name': {
      const node = directory.nodeNamed(look.name);
      return node === null ? [] : [node];
    }
    case 'node-hostname':
      return directory.nodesCalled(look.name.toLowerCase());
    case 'sanitised-name':
      return directory.nodesSanitised(look.name);
    case 'address':
      return directory.nodesAt(look.address);
    case 'pod-name':
    case 'pod-hostname':
    case 'static-pod':
    case 'host-network-pod':
    case 'nothing':
      return [];
  }
}

/** The lock's own namespace first; elsewhere what runs before what does not, so that a guess never accuses. */
function byLikelihood(lock: LockRef) {
  const rank = (pod: PodFacts): number => {
    if (pod.namespace === lock.namespace) return 0;
    return pod.status === 'Running' && pod.ready !== false ? 1 : 2;
  };
  return (a: PodFacts, b: PodFacts): number => {
    const key = (pod: PodFacts) => `${pod.namespace}/${pod.name}`;
    return rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1);
  };
}

function byReadiness(a: NodeFacts, b: NodeFacts): number {
  return Number(b.ready === true) - Number(a.ready === true) || (a.name < b.name ? -1 : 1);
}

export interface Match {
  fit: Fit;
  reading: Reading;
}

/** Everything that the identity fits, most telling reading first, each object once. */
export function matchesOf(readings: readonly Reading[], lock: LockRef, directory: Directory): Match[] {
  const matches = new Map<string, Match>();
  for (const reading of readings) {
    const pods = podsFor(reading.look, lock, directory);
    const nodes = nodesFor(reading.look, directory);
    if (pods.length === 0 && nodes.length === 0) continue;
    const fits: Fit[] = [
      ...pods
        .toSorted(byLikelihood(lock))
        .map((pod) => ({ pod, node: pod.node === null ? null : directory.nodeNamed(pod.node) })),
      ...nodes.toSorted(byReadiness).map((node) => ({ pod: null, node })),
    ];
    for (const fit of fits) {
      const key = refKey(refOf(fit));
      if (!matches.has(key)) matches.set(key, { fit, reading });
    }
  }
  return [...matches.values()];
}
