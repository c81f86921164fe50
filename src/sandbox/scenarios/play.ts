import { isLeaderError } from '../../core/errors.ts';
import type { World } from '../world/world.ts';
import type { Step } from './scenario.ts';

/** How often it is looked whether a step's time has come, milliseconds. */
const LOOK_MS = 200;

/** What is told at one moment of a story. */
export interface Narration {
  text: string;
  /** A command that is worth trying, or null. */
  command: string | null;
  /** What to press in the live list instead, or null. */
  keys: string | null;
  /** True for the last one. */
  last: boolean;
}

async function comes({ when }: Step, world: World, signal: AbortSignal): Promise<void> {
  const { clock, pace } = world;
  if (typeof when === 'number') await clock.sleep(pace.ms(when), signal);
  else while (!signal.aborted && !when()) await clock.sleep(LOOK_MS, signal);
}

/** Plays a story to its end, until the cluster lacks what it needs, or until the signal aborts. */
export async function play(
  world: World,
  steps: readonly Step[],
  tell: (narration: Narration) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const [at, step] of steps.entries()) {
    await comes(step, world, signal);
    if (signal.aborted) return;
    try {
      await step.act?.();
    } catch (error) {
      // Whoever may do everything may also take away what the story is about.
      if (!isLeaderError(error)) throw error;
      tell({ text: `The story cannot go on: ${error.message}.`, command: null, keys: null, last: true });
      return;
    }
    const { say: text, command = null, keys = null } = step;
    tell({ text, command, keys, last: at === steps.length - 1 });
  }
}
