import type { ListAnswer, WatchEvent, WatchRequest } from '../app/ports.ts';
import { asLeaderError, isLeaderError, type LeaderError } from '../core/errors.ts';
import type { Mono } from '../core/time.ts';
import type { Asked } from './asked.ts';
import { EventQueue } from './event-queue.ts';
import type { Link } from './link.ts';
import { WatchBackoff } from './watch-backoff.ts';
import { runWatchConnection } from './watch-connection.ts';

/** What a watch needs beside its request. */
export interface WatchMeans {
  link: Link;
  asked: Asked;
  /** The whole state, by quorum: after a 410 the watch cache might be older than what was already seen. */
  relist(signal: AbortSignal): Promise<ListAnswer>;
  /** In [0, 1). */
  random(): number;
}

/** A watch that lived this long ended because its time was over, not because something is wrong. */
const HEALTHY_MS = 5_000;
const LONGEST_RETRY_AFTER_MS = 120_000;
const MIN_TIMEOUT_S = 300;
const MAX_TIMEOUT_S = 600;

/** What trying again will not cure. */
function isFinal(error: LeaderError): boolean {
  return isLeaderError(error, 'unauthorized', 'forbidden', 'not-served', 'invalid');
}

/** One watch over all its connections. */
class Watch {
  readonly #means: WatchMeans;
  readonly #request: WatchRequest;
  readonly #tell: (event: WatchEvent) => void;
  readonly #backoff: WatchBackoff;
  /** Where to resume; null when the server forgot that far back and everything has to be listed again. */
  #version: string | null;
  #connectedAt: Mono | null = null;
  /** When bytes last arrived on the present connection. */
  #heardAt: Mono | null = null;
  /** Since when nothing can be seen, and the cause that was told last. */
  #outage: { since: Mono; code: string | null } | null = null;

  constructor(means: WatchMeans, request: WatchRequest, tell: (event: WatchEvent) => void) {
    this.#means = means;
    this.#request = request;
    this.#tell = tell;
    this.#backoff = new WatchBackoff(means.random);
    this.#version = request.resourceVersion;
  }

  /** Resolves when the signal aborts; rejects with what will not heal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#means.link;
    while (!signal.aborted) {
      const relisting = this.#version === null;
      const error = await this.#attempt(signal);
      if (signal.aborted) return;
      if (error !== null && isFinal(error)) throw error;
      this.#tellOutage(error);
      if (isLeaderError(error, 'gone')) this.#version = null;
      const wait = this.#delay(error, relisting);
      if (wait > 0) await clock.sleep(wait, signal);
    }
  }

  /** Lists if need be, then watches until the connection ends: null in good order. */
  async #attempt(signal: AbortSignal): Promise<LeaderError | null> {
    this.#connectedAt = null;
    this.#heardAt = null;
    try {
      await this.#connect(this.#version ?? (await this.#relist(signal)), signal);
      return null;
    } catch (error) {
      return asLeaderError(error);
    }
  }

  async #relist(signal: AbortSignal): Promise<string> {
    const { items, resourceVersion } = await this.#means.relist(signal);
    this.#version = resourceVersion;
    this.#tell({ type: 'relisted', items, at: this.#means.link.clock.mono() });
    return resourceVersion;
  }

  async #connect(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { link, asked, random } = this.#means;
    await runWatchConnection(
      {
        link,
        asked,
        request: { ...this.#request, resourceVersion },
        // Spread, so that the watches of one process do not all end in the same moment.
        timeoutSeconds: MIN_TIMEOUT_S + Math.floor(random() * (MAX_TIMEOUT_S - MIN_TIMEOUT_S + 1)),
        listener: {
          connected: (at) => {
            this.#connectedAt = at;
            this.#heardAt = at;
            this.#outage = null;
            this.#tell({ type: 'connected', at });
          },
          heard: (at) => {
            this.#heardAt = at;
          },
          changed: (type, object, at) => this.#tell({ type, object, at }),
          moved: (version) => {
            this.#version = version;
          },
        },
      },
      signal,
    );
  }

  /**
   * Told when an outage begins, and again (with the same time) when its cause turns out to be another. A connection
   * that broke proves nothing after the last byte that it brought: blindness begins there, not when it was noticed.
   */
  #tellOutage(error: LeaderError | null): void {
    const now = this.#means.link.clock.mono();
    const code = error?.code ?? null;
    if (this.#outage !== null && (code === null || code === this.#outage.code)) return;
    const since = this.#outage?.since ?? (error === null ? now : (this.#heardAt ?? now));
    this.#outage = { since, code };
    this.#tell({ type: 'disconnected', at: since, error });
  }

  /** Milliseconds until the next attempt. Only ends that cannot follow each other closely are resumed at once. */
  #delay(error: LeaderError | null, relisted: boolean): number {
    const now = this.#means.link.clock.mono();
    const healthy = this.#connectedAt !== null && now - this.#connectedAt >= HEALTHY_MS;
    if (error === null && healthy) return 0;
    if (isLeaderError(error, 'gone') && (healthy || !relisted)) return 0;
    const asked = Math.min(error?.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
    return Math.max(asked, this.#backoff.after(now));
  }
}

/** Follows a resource as `Cluster.watch` promises. Leaves no request open, however the iteration ends. */
export async function* watchResource(
  means: WatchMeans,
  request: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  const left = new AbortController();
  const ending = AbortSignal.any([signal, left.signal]);
  const queue = new EventQueue<WatchEvent>();
  const running = new Watch(means, request, (event) => queue.put(event)).run(ending).then(
    () => queue.close(),
    (error: unknown) => queue.close(error),
  );
  try {
    yield* queue.drain(signal);
  } finally {
    left.abort();
    await running;
  }
}
