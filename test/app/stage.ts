import type { LsScope } from '../../src/app/first-look.ts';
import { lockLabel } from '../../src/core/lock.ts';
import type { LockReport, Snapshot } from '../../src/core/report.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeCluster, type FakeClusterOptions } from '../support/fake-cluster.ts';
import { FakeElector, type FakeElectorOptions } from '../support/fake-elector.ts';
import { daemonSet, node, pod } from '../support/objects.ts';

export const UUID = '6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

export const EVERYWHERE: LsScope = { namespace: null, labelSelector: null, heartbeats: false };

/** A cluster of one node, and a clock: what every story starts from. */
export class Stage {
  readonly clock = new FakeClock();
  readonly cluster: FakeCluster;
  readonly signal = new AbortController();

  constructor(options: FakeClusterOptions = {}) {
    this.cluster = new FakeCluster(this.clock, options);
    this.cluster.create(node({ name: 'node-1' }));
  }

  /** A ready Pod of a DaemonSet, with an elector in it that has come to lead. */
  async leader(name: string, options: Partial<FakeElectorOptions> = {}): Promise<FakeElector> {
    const namespace = options.namespace ?? 'default';
    this.cluster.apply(daemonSet({ name, namespace }));
    this.cluster.apply(pod({ name: `${name}-zkb5w`, namespace, owner: { kind: 'DaemonSet', name } }));
    const elector = this.elector(`${name}-zkb5w_${UUID}`, { name, ...options });
    await this.clock.advance(5_000);
    return elector;
  }

  elector(identity: string, options: Partial<FakeElectorOptions> = {}): FakeElector {
    return new FakeElector(this.cluster, this.clock, { identity, ...options }).start();
  }

  /** Runs a use case to its end, moving time as it needs. */
  run<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    return this.clock.runUntil(promise, { limitMs });
  }
}

export function reportOf(snapshot: Snapshot | undefined, label: string): LockReport {
  const found = snapshot?.reports.find(({ lock }) => lockLabel(lock.primary.ref) === label);
  if (found === undefined) {
    const labels = snapshot?.reports.map(({ lock }) => lockLabel(lock.primary.ref)).join(', ');
    throw new Error(`no report on ${label}, only on: ${labels}`);
  }
  return found;
}

export function verdicts(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries(
    snapshot.reports.map(({ lock, verdict, grade }) => [
      lockLabel(lock.primary.ref),
      `${verdict} (${grade})`,
    ]),
  );
}
