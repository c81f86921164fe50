import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { LEADER_ANNOTATION } from '../../src/core/formats/annotation.ts';
import { DEPLOYMENTS, PODS, type Resource } from '../../src/core/resources.ts';
import type { ScenarioName } from '../../src/sandbox/scenario-names.ts';
import { SCENARIOS } from '../../src/sandbox/scenarios/index.ts';
import { type Narration, play } from '../../src/sandbox/scenarios/play.ts';
import { World } from '../../src/sandbox/world/world.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Numbers that look random and are the same each time. */
function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A world on a clock that only tests move. */
export class WorldStage {
  readonly clock = new FakeClock();
  readonly world: World;
  readonly told: Narration[] = [];
  readonly #over = new AbortController();

  constructor(speed = 1) {
    this.world = new World({ clock: this.clock, speed, random: seeded() });
  }

  static play(name: ScenarioName): WorldStage {
    const stage = new WorldStage();
    const steps = SCENARIOS[name].begin(stage.world, stage.#over.signal);
    void play(stage.world, steps, (narration) => stage.told.push(narration), stage.#over.signal);
    return stage;
  }

  /** Lets time pass until this is so; throws after so many seconds. */
  async until(what: string, isSo: () => boolean, seconds = 240): Promise<void> {
    await this.clock.settle();
    for (let passed = 0; !isSo(); passed += 0.5) {
      if (passed > seconds)
        throw new Error(`never: ${what}; told so far: ${this.told.map(({ text }) => text).join(' / ')}`);
      await this.clock.advance(500);
    }
  }

  async hears(pattern: RegExp): Promise<void> {
    await this.until(String(pattern), () => this.told.some(({ text }) => pattern.test(text)));
  }

  /** The election record of an object. */
  record(resource: Resource, namespace: string, name: string): Record<string, unknown> {
    const object = this.world.api.store.read(resource, namespace, name);
    const annotation = object.metadata.annotations?.[LEADER_ANNOTATION];
    return annotation === undefined ? (object.spec as Record<string, unknown>) : JSON.parse(annotation);
  }

  scale(namespace: string, name: string, replicas: number): void {
    const { store } = this.world.api;
    const found = store.read(DEPLOYMENTS, namespace, name);
    store.update({ ...found, spec: { ...(found.spec as object), replicas } });
  }

  pods(namespace: string): ClusterObject[] {
    return this.world.api.store.list(PODS).filter(({ metadata }) => metadata.namespace === namespace);
  }

  async end(): Promise<void> {
    this.#over.abort();
    this.world.end();
    await this.clock.settle();
  }
}
