import type { World } from '../world/world.ts';

/** One turn of a story. */
export interface Step {
  /** When it comes: so many seconds (of a real cluster) after the one before, or as soon as this is so. */
  when: number | (() => boolean);
  /** What happens. */
  act?: () => void | Promise<void>;
  /** What is told: one short sentence or two. */
  say: string;
  /** A command that is worth trying now, as somebody with kubectl types it. */
  command?: string;
  /** The same by the keys of the live list, where there are any. */
  keys?: string;
}

/** A story about a cluster. */
export interface Scenario {
  /** One line for the list of scenarios. */
  readonly summary: string;
  /** Fills the world, and gives what happens in it. */
  begin(world: World, signal: AbortSignal): readonly Step[];
}
