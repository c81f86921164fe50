import { afterAll, inject } from 'vitest';
import type { LockType } from '../../support/fake-resource-lock.ts';
import { daemonSet, type NodeOptions, node, type PodOptions, pod } from '../../support/objects.ts';
import type { ApiAccess, RunResult } from './api-access.ts';
import type { Child } from './child-process.ts';
import { type ElectorOptions, type RunningElector, startElector } from './elector.ts';
import { installPlugin, type Plugin, type PluginRun } from './plugin.ts';

export const UUID = '6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

/** Quick electors: a lock of theirs is proven silent within 4 s, and a standby follows within 6 s. */
const QUICK = { leaseDuration: '4s', renewDeadline: '3s', retryPeriod: '500ms' };

/** One item of the JSON output, as far as these tests read it. */
export interface Item {
  kind: string;
  name: string;
  namespace: string;
  verdict: string;
  grade: string;
  unproven: boolean;
  pairing: string;
  record: { holderIdentity: string | null };
  holder: { presence: string; found: string; kind: string | null; name: string | null };
  renewal: { state: string; seen: number };
  evidence: { text: string }[];
  advice: string[];
}

export interface Listing {
  items: Item[];
  notes: { code: string; text: string; hint: string | null }[];
}

/** A namespace of the shared control plane with the plugin installed, and electors that end with the test. */
export class Stage {
  readonly api: ApiAccess;
  readonly namespace: string;
  readonly plugin: Plugin;
  readonly #electors: RunningElector[] = [];
  readonly #nodes: string[] = [];
  readonly #children: Child[] = [];

  private constructor(api: ApiAccess, namespace: string) {
    this.api = api;
    this.namespace = namespace;
    this.plugin = installPlugin(inject('bundle') ?? '', api.coordinates.folder);
  }

  static async begin(api: ApiAccess, prefix: string): Promise<Stage> {
    return new Stage(api, await api.namespace(prefix));
  }

  /** The random end of its Pods' names, as no other test's Pods have it: a Pod is found in any namespace. */
  get podSuffix(): string {
    return this.namespace.slice(-5);
  }

  async end(): Promise<void> {
    await this.stopElectors();
    await Promise.all(this.#children.splice(0).map((child) => child.stop()));
    await Promise.all(this.#nodes.splice(0).map((name) => this.api.remove(node({ name }))));
    this.plugin.dispose();
  }

  async stopElectors(): Promise<void> {
    await Promise.all(this.#electors.splice(0).map((elector) => elector.stop()));
  }

  /** A Ready node that no other test has. */
  async node(name: string, options: NodeOptions = {}): Promise<string> {
    const own = `${name}.${this.namespace}`;
    this.#nodes.push(own);
    await this.api.apply(node({ name: own, ...options }));
    return own;
  }

  /** A running, ready Pod of a DaemonSet on a Ready node. Gives the Pod's name. */
  async daemonPod(daemon: string, suffix = this.podSuffix, options: PodOptions = {}): Promise<string> {
    const { namespace } = this;
    const name = `${daemon}-${suffix}`;
    await this.api.apply(daemonSet({ namespace, name: daemon }));
    const home = options.node ?? (await this.node(`node-of-${name}`));
    await this.api.apply(
      pod({ namespace, name, owner: { kind: 'DaemonSet', name: daemon }, ...options, node: home }),
    );
    return name;
  }

  /** An elector under `<pod>_<uuid>`, started but not yet leading. */
  elect(
    lock: LockType,
    name: string,
    identity: string,
    options: Partial<ElectorOptions> = {},
  ): RunningElector {
    const { assets } = this.api.coordinates;
    const place = {
      assets,
      kubeconfig: this.api.kubeconfig(),
      namespace: this.namespace,
      name,
      lock,
      identity,
    };
    const elector = startElector({ ...QUICK, ...place, ...options });
    this.#electors.push(elector);
    return elector;
  }

  /** A Pod with an elector in it that leads. */
  async leader(lock: LockType, name: string, options: Partial<ElectorOptions> = {}): Promise<RunningElector> {
    const elector = this.elect(lock, name, `${await this.daemonPod(name)}_${UUID}`, options);
    await elector.until('leading');
    return elector;
  }

  /** The Pod of a leader is gone, and its process runs on. */
  async haunt(name: string): Promise<void> {
    await this.api.remove(pod({ namespace: this.namespace, name: `${name}-${this.podSuffix}` }));
  }

  /** The process of a leader is killed, and its Pod with it. */
  async kill(name: string, leader: RunningElector): Promise<void> {
    leader.signal('SIGKILL');
    await leader.exited;
    await this.haunt(name);
  }

  /** `kubectl leader ...` as a user, in this namespace unless the arguments say otherwise. */
  run(
    args: readonly string[],
    { user = 'admin', ...options }: PluginRun & { user?: string } = {},
  ): Promise<RunResult> {
    const kubeconfig = this.api.kubeconfig(user, { namespace: this.namespace });
    return this.plugin.run(args, { kubeconfig, ...options });
  }

  /** The same, started and left running. */
  start(args: readonly string[]): Child {
    const kubeconfig = this.api.kubeconfig('admin', { namespace: this.namespace });
    const child = this.plugin.start([...args, '--kubeconfig', kubeconfig]);
    this.#children.push(child);
    return child;
  }

  /** `kubectl leader ls -o json` in this namespace. Rejects unless it exits with 0. */
  async list(args: readonly string[] = [], options: PluginRun & { user?: string } = {}): Promise<Listing> {
    const { code, stdout, stderr } = await this.run(
      ['ls', '-n', this.namespace, '-o', 'json', ...args],
      options,
    );
    if (code !== 0) throw new Error(`ls exited with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Listing;
  }

  /** Verdicts by `kind/name`. */
  async verdicts(args: readonly string[] = []): Promise<Record<string, string>> {
    const { items } = await this.list(args);
    return Object.fromEntries(
      items.map((item) => [`${item.kind}/${item.name}`, `${item.verdict} ${item.grade}`]),
    );
  }
}

/** Begins stages for the tests of a file or a suite, and ends them after the last of these. */
export function stagesOn(api: ApiAccess): (prefix: string) => Promise<Stage> {
  const stages: Stage[] = [];
  afterAll(async () => {
    await Promise.all(stages.map((stage) => stage.end()));
  });
  return async (prefix) => {
    const stage = await Stage.begin(api, prefix);
    stages.push(stage);
    return stage;
  };
}

export function itemOf(listing: Listing, label: string): Item {
  const found = listing.items.find(({ kind, name }) => `${kind}/${name}` === label);
  if (found === undefined) throw new Error(`${label} is not listed, only ${JSON.stringify(listing.items)}`);
  return found;
}
