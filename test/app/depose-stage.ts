import { carryOutDepose, type DeposeOrder, type DeposeProgress } from '../../src/app/depose.ts';
import { type DeposeCase, planDeposeFor } from '../../src/app/depose-planning.ts';
import { type ExaminedLock, examineLock } from '../../src/app/examine-lock.ts';
import { findLock } from '../../src/app/find-lock.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import type { DeposeOptions, DeposePlan } from '../../src/core/depose-plan.ts';
import type { DeposeEvent, DeposeResult } from '../../src/core/depose-result.ts';
import {
  deposeVerdictOf,
  describeEnding,
  describeHappening,
  describeInterruption,
} from '../../src/core/depose-words.ts';
import { LEASES, PODS, type Resource } from '../../src/core/resources.ts';
import type { FakeElector, FakeElectorOptions } from '../support/fake-elector.ts';
import { daemonSet, LEADER_ANNOTATION, pod } from '../support/objects.ts';
import { Stage, UUID } from './stage.ts';

export const NAME = 'worker';
export const HOLDER = `${NAME}-zkb5w_${UUID}`;
export const ME = `kubectl-leader-depose_ann@desk_${UUID}`;

/** A stage with one lock in it, whose holder is deposed. Whenever time moves, no two electors may lead. */
export class DeposeStage extends Stage {
  readonly kept = new Map<string, ClusterObject>();
  readonly events: DeposeEvent[] = [];
  readonly progress: DeposeProgress[] = [];
  readonly electors: FakeElector[] = [];
  /** The most electors that said at one instant that they lead. */
  mostLeaders = 0;

  override elector(identity: string, options: Partial<FakeElectorOptions> = {}): FakeElector {
    const elector = super.elector(identity, { name: NAME, ...options });
    this.electors.push(elector);
    return elector;
  }

  /** An elector in a ready Pod of the workload, beside the leader's. */
  standby(suffix: string, options: Partial<FakeElectorOptions> = {}): FakeElector {
    this.standbyPod(suffix);
    return this.elector(`${NAME}-${suffix}_${UUID}`, options);
  }

  standbyPod(suffix: string): void {
    this.cluster.apply(daemonSet({ name: NAME }));
    this.cluster.apply(pod({ name: `${NAME}-${suffix}`, owner: { kind: 'DaemonSet', name: NAME } }));
  }

  /** A leader that runs on although its Pod is gone, and a standby. */
  async ghost(options: Partial<FakeElectorOptions> = {}): Promise<FakeElector> {
    const ghost = await this.leader(NAME, options);
    this.cluster.remove(PODS, 'default', `${NAME}-zkb5w`);
    return ghost;
  }

  /** Moves time in small steps until the promise settles, and looks at each who leads. */
  override async run<T>(promise: Promise<T>, limitMs = 300_000): Promise<T> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    for (let passed = 0; passed <= limitMs && !settled; passed += 50) await this.step(50);
    if (!settled) throw new Error(`not settled after ${limitMs} ms`);
    return promise;
  }

  async step(ms: number): Promise<void> {
    await this.clock.advance(ms);
    const leading = this.electors.filter((elector) => elector.leading).length;
    this.mostLeaders = Math.max(this.mostLeaders, leading);
  }

  async examine(): Promise<ExaminedLock> {
    const { signal } = this.signal;
    const look = await this.run(findLock(this.cluster, this.clock, NAME, { namespace: 'default' }, signal));
    return this.run(examineLock(this.cluster, this.clock, look, { observeMs: null }, signal));
  }

  async decide(examined: ExaminedLock, options: Partial<DeposeOptions> = {}): Promise<DeposeCase> {
    const asked = { identity: ME, force: false, holdMs: null, ...options };
    return this.run(planDeposeFor(this.cluster, this.clock, examined, asked, this.signal.signal));
  }

  async plan(examined: ExaminedLock, options: Partial<DeposeOptions> = {}): Promise<DeposePlan> {
    const { planned } = await this.decide(examined, options);
    if (planned.is === 'refusal') throw new Error(`refused: ${planned.why}`);
    return planned;
  }

  /** Carries a plan out without moving time. */
  begin(examined: ExaminedLock, plan: DeposePlan, order: Partial<DeposeOrder> = {}): Promise<DeposeResult> {
    const save = (object: ClusterObject, name: string): Promise<string> => {
      this.kept.set(name, object);
      return Promise.resolve(`/kept/${name}`);
    };
    return carryOutDepose(
      this.cluster,
      this.clock,
      { examined, plan, save, dryRun: false, waitMs: 60_000, ...order },
      this.signal.signal,
      { happened: (event) => this.events.push(event), progress: (progress) => this.progress.push(progress) },
    );
  }

  /** Examines and plans, begins, and lets the story go on while the lock is taken or held. */
  async depose(
    meanwhile: (happens: (what: DeposeEvent['is']) => Promise<void>) => Promise<void> = () =>
      Promise.resolve(),
    options: Partial<DeposeOptions> = {},
    order: Partial<DeposeOrder> = {},
  ): Promise<Told> {
    return this.deposeExamined(await this.examine(), options, order, meanwhile);
  }

  async deposeExamined(
    examined: ExaminedLock,
    options: Partial<DeposeOptions> = {},
    order: Partial<DeposeOrder> = {},
    meanwhile: (happens: (what: DeposeEvent['is']) => Promise<void>) => Promise<void> = () =>
      Promise.resolve(),
  ): Promise<Told> {
    const plan = await this.plan(examined, options);
    const deposed = this.begin(examined, plan, order);
    deposed.catch(() => {});
    await meanwhile((what) => this.until(what));
    const result = await this.run(deposed);
    return { ...this.tell(result, plan, examined), result, plan };
  }

  /** Moves time until an event of that kind was told. */
  async until(what: DeposeEvent['is']): Promise<void> {
    for (let steps = 0; !this.events.some(({ is }) => is === what); steps += 1) {
      if (steps > 10_000) throw new Error(`never happened: ${what}; only ${this.happened()}`);
      await this.step(20);
    }
  }

  happened(): string {
    return [...new Set(this.events.map(({ is }) => is))].join(' ');
  }

  /** The ending in words. */
  tell(result: DeposeResult, plan: DeposePlan, { report }: ExaminedLock): Omit<Told, 'result' | 'plan'> {
    const { text, hint } = describeEnding(result, plan, report);
    return {
      text: hint === null ? text : `${text}\n${hint}`,
      verdict: deposeVerdictOf(result, plan, report),
      interruption: describeInterruption(result, plan, report),
    };
  }

  /** What the user is told on the way, one line each. */
  said(): string[] {
    return this.events.flatMap((event) => describeHappening(event, HOLDER) ?? []);
  }
}

export interface Told {
  /** The ending in words. */
  text: string;
  verdict: string;
  interruption: string | null;
  result: DeposeResult;
  plan: DeposePlan;
}

export function recordIn(stage: Stage, resource: Resource = LEASES): Record<string, unknown> {
  const object = stage.cluster.peek(resource, 'default', NAME);
  const annotation = object.metadata.annotations?.[LEADER_ANNOTATION];
  return annotation === undefined ? (object.spec as Record<string, unknown>) : JSON.parse(annotation);
}

export function writes(stage: Stage): string[] {
  return stage.cluster.requests
    .filter(({ verb }) => verb === 'patch' || verb === 'delete')
    .map(({ verb, resource, dryRun }) => `${verb} ${resource}${dryRun ? ' (dry run)' : ''}`);
}
