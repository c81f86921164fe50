import { randomUUID } from 'node:crypto';
import type { ClusterObject } from '../../core/cluster-object.ts';
import { isLeaderError } from '../../core/errors.ts';
import { LEASE_CANDIDATES, LEASES } from '../../core/resources.ts';
import { formatMicroTime, parseRfc3339 } from '../../core/time.ts';
import { localClient } from '../api/local-client.ts';
import type { ObjectClient } from '../object-client.ts';
import { electionSecondMs } from './electing.ts';
import type { Process, Program, Surroundings } from './program.ts';
import type { World } from './world.ts';

/** What the candidates of a coordinated election agree on. */
export interface Coordination {
  namespace: string;
  name: string;
  leaseSeconds: number;
  renewSeconds: number;
  retrySeconds: number;
}

const STRATEGY = 'OldestEmulationVersion';

type Spec = Record<string, unknown>;

function specOf({ spec }: ClusterObject): Spec {
  return (spec ?? {}) as Spec;
}

function candidateObject(
  { namespace, name }: Coordination,
  identity: string,
  version: string,
  at: number,
): ClusterObject {
  return {
    apiVersion: 'coordination.k8s.io/v1beta1',
    kind: 'LeaseCandidate',
    metadata: { namespace, name: identity },
    spec: {
      ...{ leaseName: name, strategy: STRATEGY, binaryVersion: version, emulationVersion: version },
      renewTime: formatMicroTime(at),
    },
  };
}

/** A candidate that says which version it is, and leads when the control plane chooses it. */
class CoordinatedProcess implements Process {
  readonly identity: string;
  readonly exited: Promise<number>;
  readonly #world: World;
  readonly #coordination: Coordination;
  readonly #client: ObjectClient;
  readonly #over = new AbortController();
  #leads = false;

  constructor(
    world: World,
    coordination: Coordination,
    version: string,
    { hostname, user }: Surroundings,
    known?: string,
  ) {
    this.#world = world;
    this.#coordination = coordination;
    this.identity = known ?? `${hostname}_${randomUUID()}`;
    this.#client = localClient(world.api, { user, agent: coordination.name });
    this.exited = this.#run(
      candidateObject(coordination, this.identity, version, world.api.store.serverNow()),
    );
  }

  get leads(): readonly string[] {
    return this.#leads ? [this.identity] : [];
  }

  async stop(): Promise<void> {
    this.kill();
    await this.exited;
  }

  kill(): void {
    this.#over.abort();
    this.#leads = false;
  }

  freeze(): void {}

  thaw(): void {}

  async #run(candidate: ClusterObject): Promise<number> {
    const { clock, pace } = this.#world;
    const { signal } = this.#over;
    const second = electionSecondMs(this.#coordination.leaseSeconds, pace);
    await this.#quietly(() => this.#client.create(candidate));
    let renewed = clock.mono();
    while (!signal.aborted) {
      const holds = await this.#quietly(() => this.#renew());
      if (holds === true) renewed = clock.mono();
      this.#leads ||= holds === true && !signal.aborted;
      if (this.#leads && clock.mono() - renewed >= this.#coordination.renewSeconds * second) {
        this.#leads = false;
        return 1;
      }
      await clock.sleep(this.#coordination.retrySeconds * second, signal);
    }
    return 0;
  }

  /** Renews the lock if it is its own. False when it is not, or when its term is to end. */
  async #renew(): Promise<boolean> {
    const { namespace, name, leaseSeconds } = this.#coordination;
    const lease = await this.#client.get(LEASES, namespace, name);
    const spec = specOf(lease);
    if (spec['holderIdentity'] !== this.identity) return false;
    if ((spec['preferredHolder'] ?? '') !== '') return false;
    const { api, pace } = this.#world;
    const renewTime = formatMicroTime(api.store.serverNow());
    const leaseDurationSeconds = pace.wholeSeconds(leaseSeconds);
    await this.#client.update({ ...lease, spec: { ...spec, renewTime, leaseDurationSeconds } });
    return true;
  }

  /** What the API server refuses is tried again at the next turn. */
  async #quietly<T>(act: () => Promise<T>): Promise<T | null> {
    try {
      return await act();
    } catch (error) {
      if (!isLeaderError(error)) throw error;
      return null;
    }
  }
}

/** A program of this version; `holders` has the identities of those that were there before, by their Pods. */
export function coordinated(
  world: World,
  coordination: Coordination,
  versionOf: (node: string) => string,
  holders: ReadonlyMap<string, string>,
): Program {
  return (surroundings) => {
    const { node, pod, resumed } = surroundings;
    const known = resumed ? holders.get(pod) : undefined;
    return new CoordinatedProcess(world, coordination, versionOf(node), surroundings, known);
  };
}

/** How long candidates have to answer that they are there, seconds. */
const ANSWER_SECONDS = 5;

/** Until it is renewed by whom it was given to, a lock lasts this long, seconds. */
const FIRST_SECONDS = 5;

/** The controller of the API server that gives a lock to the best of its candidates: the oldest version. */
export async function coordinate(
  world: World,
  coordination: Coordination,
  signal: AbortSignal,
): Promise<void> {
  const { clock, pace, api } = world;
  const { namespace, name } = coordination;
  const { store } = api;
  const candidates = (): ClusterObject[] =>
    store.list(LEASE_CANDIDATES).filter((one) => specOf(one)['leaseName'] === name && isThere(world, one));
  while (!signal.aborted) {
    const [best] = candidates().sort((a, b) => orderOf(a).localeCompare(orderOf(b), 'en', { numeric: true }));
    // Where there is none it makes one.
    const lease: ClusterObject = store.find(LEASES, namespace, name) ?? {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name },
    };
    const { resourceVersion } = lease.metadata;
    const spec = specOf(lease);
    const ends = (parseRfc3339(spec['renewTime']) ?? 0) + Number(spec['leaseDurationSeconds'] ?? 0) * 1_000;
    const chosen = best?.metadata.name ?? '';
    const manager = { manager: 'kube-apiserver' };
    if (chosen !== '' && store.serverNow() > ends) {
      await clock.sleep(pace.ms(ANSWER_SECONDS), signal);
      // Whoever wrote to it meanwhile may hold it now.
      if (store.find(LEASES, namespace, name)?.metadata.resourceVersion !== resourceVersion) continue;
      const renewTime = formatMicroTime(store.serverNow());
      const leaseDurationSeconds = pace.wholeSeconds(FIRST_SECONDS);
      const given = { holderIdentity: chosen, strategy: STRATEGY, leaseDurationSeconds, renewTime };
      store.apply({ ...lease, spec: given }, manager);
    } else if (chosen !== '' && spec['holderIdentity'] !== chosen && !spec['preferredHolder']) {
      store.apply({ ...lease, spec: { ...spec, preferredHolder: chosen } }, manager);
    }
    await clock.sleep(pace.ms(1), signal);
  }
}

function orderOf(candidate: ClusterObject): string {
  return `${specOf(candidate)['emulationVersion']} ${candidate.metadata.creationTimestamp}`;
}

/** Candidates whose process is no more are forgotten in time; here at once. */
function isThere(world: World, { metadata }: ClusterObject): boolean {
  return world.running.some(
    ({ process }) => process instanceof CoordinatedProcess && process.identity === metadata.name,
  );
}
