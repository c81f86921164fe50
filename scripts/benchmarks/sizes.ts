/** What is in a cluster. A larger size contains all of the smaller ones, so that one control plane grows through them. */
export interface Size {
  name: string;
  nodes: number;
  pods: number;
  leases: number;
  /** Locks in annotations, half of them on Endpoints, half on ConfigMaps. */
  legacyLocks: number;
  /** Without locks. */
  endpoints: number;
  /** Without locks, 2 KiB each. */
  configMaps: number;
  podsInNamespace: number;
}

export const SIZES = {
  S: { nodes: 3, pods: 100, leases: 40, legacyLocks: 10, endpoints: 10, configMaps: 10 },
  M: { nodes: 500, pods: 3_000, leases: 280, legacyLocks: 20, endpoints: 1_000, configMaps: 2_000 },
  L: { nodes: 2_000, pods: 10_000, leases: 2_000, legacyLocks: 100, endpoints: 5_000, configMaps: 10_000 },
} as const;

export type SizeName = keyof typeof SIZES;

export function sizeNamed(name: SizeName): Size {
  return { name, podsInNamespace: 200, ...SIZES[name] };
}

/** Too large for a control plane on one machine. `share` of it, to see how time and memory grow. */
export function extraLarge(share: number): Size {
  const of = (count: number): number => Math.round(count * share);
  return {
    name: share === 1 ? 'XL' : `XL x ${share}`,
    nodes: of(15_000),
    pods: of(100_000),
    leases: of(5_000),
    legacyLocks: of(100),
    endpoints: of(10_000),
    configMaps: of(20_000),
    podsInNamespace: 500,
  };
}

export function inWords({ name, ...size }: Size): string {
  const count = (value: number, what: string): string => `${value.toLocaleString('en')} ${what}`;
  return `${name}: ${[
    count(size.nodes, 'nodes'),
    count(size.pods, 'pods'),
    count(size.leases, 'Leases'),
    count(size.legacyLocks, 'locks in annotations'),
    count(size.endpoints, 'endpoints'),
    count(size.configMaps, 'configmaps'),
  ].join(', ')}`;
}
