import type { ConnectionFlags } from '../app/ports.ts';
import { type HostFacts, hostOf } from './connection-host.ts';
import { loadKubeconfig } from './kubeconfig-load.ts';

/** The names that `--context`, `--cluster` and `--user` can have. Rejects with a LeaderError of code `config`. */
export async function kubeconfigNames({ kubeconfig = '' }: ConnectionFlags, facts: HostFacts) {
  const { config } = await loadKubeconfig(kubeconfig, hostOf(facts));
  return {
    contexts: [...config.contexts.keys()],
    clusters: [...config.clusters.keys()],
    users: [...config.users.keys()],
  };
}
