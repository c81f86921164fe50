import type { GlobalValues } from './flags.ts';

/** What says which cluster is meant, and as whom it is asked. Nothing secret is among them. */
const CLUSTER_FLAGS = ['kubeconfig', 'context', 'cluster', 'user', 'server', 'as', 'as-uid'] as const;

/** The words that make another command go to the same cluster as this one. */
export function sameCluster(values: GlobalValues): string[] {
  return [
    ...CLUSTER_FLAGS.flatMap((name) => (values[name] ? [`--${name}`, values[name]] : [])),
    ...(values['as-group'] ?? []).flatMap((group) => ['--as-group', group]),
  ];
}
