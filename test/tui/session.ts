import { expect } from 'vitest';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { type ListOptions, type ListOutcome, showList } from '../../src/tui/run.tsx';
import type { Setting } from '../../src/tui/state.ts';
import { EVERYWHERE, type Stage } from '../app/stage.ts';
import { FakeTerminal } from './fake-terminal.ts';

export const SETTING: Setting = {
  color: false,
  screenReader: false,
  place: { context: 'fake', server: 'https://fake' },
  sameCluster: [],
  namespace: null,
  verdicts: null,
  kinds: null,
  readOnly: false,
  choosing: false,
};

/** Turns of the event loop after which a key has been read, and what it set going has been done. */
const TURNS = 10;

/** The list on a fake cluster and a fake terminal; time is the fake clock's, but for the frames. */
export class Session {
  readonly terminal: FakeTerminal;
  readonly stage: Stage;
  readonly outcome: Promise<ListOutcome>;
  readonly kept = new Map<string, ClusterObject>();
  settled: ListOutcome | Error | null = null;

  constructor(stage: Stage, options: Partial<ListOptions> = {}, terminal = new FakeTerminal()) {
    this.stage = stage;
    this.terminal = terminal;
    this.outcome = showList(
      {
        ...{ cluster: stage.cluster, clock: stage.clock, scope: EVERYWHERE },
        ...{ terminal, spareRows: 0, setting: SETTING },
        writing: {
          save: (object, name) => {
            this.kept.set(name, object);
            return Promise.resolve(`/kept/${name}`);
          },
          identity: () => 'kubectl-leader-depose_ann@desk_1',
        },
        ...options,
      },
      stage.signal.signal,
    );
    this.outcome.then(
      (outcome) => {
        this.settled = outcome;
      },
      (error: Error) => {
        this.settled = error;
      },
    );
  }

  /** Frames are drawn in real time: waits until the terminal has been sent this. */
  async until(text: string): Promise<void> {
    for (let turn = 0; turn < 400 && !this.terminal.written.includes(text); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(this.terminal.written).toContain(text);
  }

  async wait(ms: number): Promise<void> {
    await this.stage.clock.advance(ms);
  }

  async press(bytes: string): Promise<void> {
    this.terminal.press(bytes);
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  async end(): Promise<void> {
    this.stage.signal.abort();
    await this.outcome.catch(() => {});
  }
}
