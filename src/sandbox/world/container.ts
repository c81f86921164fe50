import type { Clock } from '../../app/ports.ts';
import type { Pace } from './pace.ts';
import type { Process, Program, Surroundings } from './program.ts';

/** A crashed container is started again at once, then after 10 s, 20 s, 40 s, and never more than five minutes. */
const FIRST_BACKOFF_SECONDS = 10;
const LONGEST_BACKOFF_SECONDS = 300;

/** What a kubelet sees of a container. */
export type ContainerState =
  | { is: 'running' }
  | { is: 'exited'; code: number /** How long until it is started again, milliseconds. */; waitMs: number };

/** The container of a Pod: a process that is started again whenever it exits, as long as somebody does so. */
export class Container {
  readonly #program: Program;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #onState: (state: ContainerState) => void;
  readonly #over = new AbortController();
  #process: Process | null = null;
  #restarts = 0;
  #supervised = true;

  constructor(program: Program, clock: Clock, pace: Pace, onState: (state: ContainerState) => void) {
    this.#program = program;
    this.#clock = clock;
    this.#pace = pace;
    this.#onState = onState;
  }

  get process(): Process | null {
    return this.#process;
  }

  start(surroundings: Surroundings): void {
    const process = this.#program(surroundings);
    this.#process = process;
    this.#onState({ is: 'running' });
    void process.exited.then((code) => this.#afterExit(code, { ...surroundings, resumed: false }));
  }

  /** Nobody starts it again any more: it runs as long as it runs. */
  abandon(): void {
    this.#supervised = false;
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#process?.stop();
    this.#process = null;
  }

  kill(): void {
    this.#over.abort();
    this.#process?.kill();
    this.#process = null;
  }

  async #afterExit(code: number, surroundings: Surroundings): Promise<void> {
    this.#process = null;
    if (this.#over.signal.aborted || !this.#supervised) return;
    const backoff = Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** (this.#restarts - 1));
    const waitMs = this.#restarts === 0 ? 0 : this.#pace.ms(backoff);
    this.#restarts += 1;
    this.#onState({ is: 'exited', code, waitMs });
    await this.#clock.sleep(Math.max(waitMs, this.#pace.ms(1)), this.#over.signal);
    if (!this.#over.signal.aborted && this.#supervised) this.start(surroundings);
  }
}
