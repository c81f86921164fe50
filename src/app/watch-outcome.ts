import type { ClusterObject } from '../core/cluster-object.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import { decodeObject } from '../core/formats/index.ts';
import type { LockHalf } from '../core/lock.ts';
import {
  outcomeOf,
  type ReleaseOutcome,
  type ReleaseWrite,
  type SightAfter,
} from '../core/release-outcome.ts';
import type { LockSource } from './lock-book.ts';
import type { Clock, Cluster, WatchEvent } from './ports.ts';
import { within } from './within.ts';

/** How often what was seen is judged, milliseconds. */
const TICK_MS = 100;

/** Without a watch the object is read this often, milliseconds. */
const READ_EVERY_MS = 1_000;

/** How long an answer to the last look may take, milliseconds. */
const LAST_LOOK_MS = 10_000;

/** The object's half; one that carries no record any more is free, which every client takes it for. */
export function halfAfter(object: ClusterObject, before: LockHalf): LockHalf {
  const decoded = decodeObject(object, before.ref.kind);
  if (decoded.is !== 'other') return decoded.half;
  const record = {
    holderIdentity: null,
    durationMs: null,
    acquireTime: null,
    renewTime: null,
    transitions: null,
    strategy: null,
    preferredHolder: null,
  };
  const { uid = '', resourceVersion = '' } = object.metadata;
  return {
    ...before,
    uid,
    resourceVersion,
    content: { state: 'record', record, warnings: [] },
    heartbeat: '',
  };
}

/**
 * The eyes on one half of a lock from just before it is written until somebody has taken it. `open` it before the
 * write, so that nothing is missed, and `close` it whatever happens.
 */
export class OutcomeWatch {
  /** Every version of the object that came by, in order; null where it did not exist. */
  readonly sights: SightAfter[] = [];
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #source: LockSource;
  #before: LockHalf;
  readonly #stop = new AbortController();
  /** Why nothing can be watched; null while something can. */
  #failure: LeaderError | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, clock: Clock, source: LockSource, before: LockHalf) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#source = source;
    this.#before = before;
  }

  /** Begins to watch from what is stored now. Never rejects: without a watch the object is read again and again. */
  async open(): Promise<void> {
    const { namespace, name } = this.#before.ref;
    const scope = {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      projection: this.#source.projection,
    } as const;
    const list = (signal: AbortSignal) =>
      this.#cluster.list(this.#source.resource, { ...scope, consistency: 'quorum' }, signal);
    try {
      const { resourceVersion } = await within(this.#clock, LAST_LOOK_MS, list);
      this.#running = this.#follow({ ...scope, resourceVersion });
    } catch (error) {
      if (!(error instanceof LeaderError)) throw error;
      this.#failure = error;
    }
  }

  /** From now on the write is one on this newer version of the object, and what was before it does not count. */
  startFrom(before: LockHalf): void {
    this.#before = before;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Reads what is stored now, by quorum. Rejects if that cannot be told. */
  async look(ms: number = LAST_LOOK_MS): Promise<LockHalf | null> {
    const { namespace, name } = this.#before.ref;
    const { resource, projection } = this.#source;
    const options = { projection, consistency: 'quorum' } as const;
    const get = async (signal: AbortSignal): Promise<ClusterObject | null> => {
      try {
        return (await this.#cluster.get(resource, namespace, name, options, signal)).object;
      } catch (error) {
        if (isLeaderError(error, 'not-found')) return null;
        throw error;
      }
    };
    const object = await within(this.#clock, ms, get);
    const half = object === null ? null : halfAfter(object, this.#before);
    this.sights.push({ half, at: this.#clock.mono() });
    return half;
  }

  /**
   * Waits up to `forMs` milliseconds for somebody to take the lock after our write. An abort ends the waiting. Rejects
   * only if nothing could be seen at the end, so that what became of the lock is not known.
   */
  async outcome(
    write: ReleaseWrite,
    forMs: number,
    signal: AbortSignal,
    onProgress: (elapsedMs: number) => void,
  ): Promise<ReleaseOutcome> {
    const judged = (): ReleaseOutcome => outcomeOf(this.#before, write, this.sights);
    await this.until(() => 'by' in judged(), forMs, signal, onProgress);
    return judged();
  }

  /**
   * Watches until enough was seen, up to `forMs` milliseconds. An abort ends it. Rejects only if that is not enough, and
   * nothing can be seen at the end.
   */
  async until(
    enough: () => boolean,
    forMs: number,
    signal: AbortSignal,
    onProgress: (elapsedMs: number) => void,
  ): Promise<void> {
    const begun = this.#clock.mono();
    let readAt = begun;
    for (;;) {
      if (enough()) return;
      const now = this.#clock.mono();
      if (signal.aborted || now - begun >= forMs) break;
      onProgress(now - begun);
      if (this.#failure !== null && now - readAt >= READ_EVERY_MS) {
        readAt = now;
        // A read that fails is followed by another one, and the last one decides.
        await this.look().catch(rethrowUnforeseen);
      }
      await this.#clock.sleep(TICK_MS, signal);
    }
    await this.look();
  }

  async #follow(request: Parameters<Cluster['watch']>[1]): Promise<void> {
    try {
      for await (const event of this.#cluster.watch(this.#source.resource, request, this.#stop.signal)) {
        this.#note(event);
      }
    } catch (error) {
      if (!(error instanceof LeaderError)) throw error;
      this.#failure = error;
    }
  }

  #note(event: WatchEvent): void {
    if (event.type === 'connected' || event.type === 'disconnected') return;
    if (event.type === 'relisted') {
      const object = event.items.find(({ metadata }) => metadata.name === this.#before.ref.name);
      this.#see(object ?? null, event.at);
    } else {
      this.#see(event.type === 'deleted' ? null : event.object, event.at);
    }
  }

  #see(object: ClusterObject | null, at: number): void {
    this.sights.push({ half: object === null ? null : halfAfter(object, this.#before), at });
  }
}

function rethrowUnforeseen(error: unknown): void {
  if (!isLeaderError(error)) throw error;
}
