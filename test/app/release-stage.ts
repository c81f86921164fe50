import { type ExaminedLock, examineLock } from '../../src/app/examine-lock.ts';
import { findLock } from '../../src/app/find-lock.ts';
import { carryOutRelease, planFor, type ReleaseEvent, type ReleaseOrder } from '../../src/app/release.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import type { Refusal, ReleaseOptions, ReleasePlan } from '../../src/core/release-plan.ts';
import type { ReleaseResult } from '../../src/core/release-result.ts';
import { describeAftermath, describeRest, describeWrite, endingOf } from '../../src/core/release-words.ts';
import { LEASES, PODS, type Resource } from '../../src/core/resources.ts';
import type { LockType } from '../support/fake-resource-lock.ts';
import { daemonSet, LEADER_ANNOTATION, pod } from '../support/objects.ts';
import { Stage, UUID } from './stage.ts';

export const NAME = 'worker';

/** A stage with one lock in it, which is examined, planned and released. */
export class ReleaseStage extends Stage {
  /** Everything that was kept, by file name. */
  readonly kept = new Map<string, ClusterObject>();
  readonly events: ReleaseEvent[] = [];

  async examine(options: { observeMs?: number; lock?: string } = {}): Promise<ExaminedLock> {
    const { signal } = this.signal;
    const { lock = NAME, observeMs = null } = options;
    const look = await this.run(findLock(this.cluster, this.clock, lock, { namespace: 'default' }, signal));
    return this.run(examineLock(this.cluster, this.clock, look, { observeMs }, signal), 600_000);
  }

  plan(examined: ExaminedLock, options: Partial<ReleaseOptions> = {}): ReleasePlan {
    const planned = this.decide(examined, options);
    if (planned.is === 'refusal') throw new Error(`refused: ${planned.why}`);
    return planned;
  }

  decide(examined: ExaminedLock, options: Partial<ReleaseOptions> = {}): ReleasePlan | Refusal {
    return planFor(this.clock, examined, { strategy: null, force: false, ...options });
  }

  /** Carries a plan out without moving time. */
  begin(
    examined: ExaminedLock,
    plan: ReleasePlan,
    order: Partial<ReleaseOrder> = {},
  ): Promise<ReleaseResult> {
    const save = (object: ClusterObject, name: string): Promise<string> => {
      this.kept.set(name, object);
      return Promise.resolve(`/kept/${name}`);
    };
    return carryOutRelease(
      this.cluster,
      this.clock,
      { examined, plan, save, dryRun: false, waitMs: 30_000, ...order },
      this.signal.signal,
      (event) => this.events.push(event),
    );
  }

  /** Examines, plans and releases. */
  async release(
    options: Partial<ReleaseOptions> = {},
    order: Partial<ReleaseOrder> = {},
  ): Promise<{ said: string; ending: string; result: ReleaseResult }> {
    const examined = await this.examine();
    const plan = this.plan(examined, options);
    const result = await this.run(this.begin(examined, plan, order));
    return { ...this.told(examined, plan, result), result };
  }

  /** What the user is told, and how it ended. */
  told(examined: ExaminedLock, plan: ReleasePlan, result: ReleaseResult) {
    const words = [
      ...result.writes.map((write) => describeWrite(write, false)),
      describeRest(plan, result.writes),
      result.aftermath === null
        ? null
        : describeAftermath(result.aftermath, examined.report, result.waitedMs),
    ];
    const said = words.flatMap((one) => (one === null ? [] : [one.text, one.hint ?? '']));
    return {
      said: said.filter((text) => text !== '').join('\n'),
      ending: endingOf(plan, result, examined.report),
    };
  }

  /** A ready Pod of the workload of that name, beside the leader's. */
  standbyPod(suffix: string, name = NAME): string {
    this.cluster.apply(daemonSet({ name, namespace: 'default' }));
    this.cluster.apply(pod({ name: `${name}-${suffix}`, owner: { kind: 'DaemonSet', name } }));
    return `${name}-${suffix}_${UUID}`;
  }
}

/** A lock whose holder was killed and whose Pod is gone. */
export async function orphan(lock: LockType = 'leases'): Promise<ReleaseStage> {
  const stage = new ReleaseStage();
  (await stage.leader(NAME, { lock })).kill();
  stage.cluster.remove(PODS, 'default', `${NAME}-zkb5w`);
  return stage;
}

export function stored(stage: ReleaseStage, resource: Resource = LEASES) {
  return stage.cluster.peek(resource, 'default', NAME);
}

export function recordIn(stage: ReleaseStage, resource: Resource): unknown {
  const object = stored(stage, resource);
  const annotation = object.metadata.annotations?.[LEADER_ANNOTATION];
  return annotation === undefined ? object.spec : JSON.parse(annotation);
}

export function writes(stage: ReleaseStage): string[] {
  return stage.cluster.requests
    .filter(({ verb }) => verb === 'patch' || verb === 'delete')
    .map(({ verb, resource }) => `${verb} ${resource}`);
}
