import type { WatchEvent, WatchRequest } from '../../src/app/ports.ts';
import type { Resource } from '../../src/core/resources.ts';
import type { ContractGround } from './ground.ts';

interface Waiting {
  from: number;
  fits: (event: WatchEvent) => boolean;
  resolve: (event: WatchEvent) => void;
  reject: (error: unknown) => void;
}

/** Follows one watch and keeps what it told. */
export class Follower {
  readonly events: WatchEvent[] = [];
  error: unknown = null;
  readonly #ground: Pick<ContractGround, 'cluster' | 'settle'>;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  /** Events up to here were waited for already. */
  #seen = 0;
  #waiting: Waiting | null = null;

  constructor(ground: Pick<ContractGround, 'cluster' | 'settle'>, resource: Resource, request: WatchRequest) {
    this.#ground = ground;
    this.#done = this.#collect(ground.cluster.watch(resource, request, this.#stop.signal));
  }

  /** The events in words, outages without their cause: `connected`, `added a`. */
  get told(): string[] {
    return this.events.map((event) =>
      'object' in event ? `${event.type} ${event.object.metadata.name}` : event.type,
    );
  }

  /** The next event that fits, counted from the one that was seen last. Rejects when the watch ended before it. */
  async sees(fits: (event: WatchEvent) => boolean): Promise<WatchEvent> {
    const found = new Promise<WatchEvent>((resolve, reject) => {
      this.#waiting = { from: this.#seen, fits, resolve, reject };
      this.#check();
    });
    return this.#ground.settle(found);
  }

  /** Aborts the watch, and resolves when it ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ground.settle(this.#done);
  }

  async #collect(events: AsyncIterable<WatchEvent>): Promise<void> {
    try {
      for await (const event of events) {
        this.events.push(event);
        this.#check();
      }
      this.#waiting?.reject(new Error(`the watch ended after: ${this.told.join(', ')}`));
    } catch (error) {
      this.error = error;
      this.#waiting?.reject(error);
    }
  }

  #check(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const index = this.events.findIndex((event, at) => at >= waiting.from && waiting.fits(event));
    const found = this.events[index];
    if (found === undefined) return;
    this.#seen = index + 1;
    this.#waiting = null;
    waiting.resolve(found);
  }
}

/** A story on a watch that is connected; the watch ends with it. */
export async function withFollower(
  ground: ContractGround,
  resource: Resource,
  request: WatchRequest,
  story: (follower: Follower) => Promise<void>,
): Promise<void> {
  const follower = new Follower(ground, resource, request);
  try {
    await follower.sees((event) => event.type === 'connected');
    await story(follower);
  } finally {
    await follower.stop();
  }
}
