import { isLeaderError, type LeaderError } from '../../src/core/errors.ts';
import type { Instant, Mono } from '../../src/core/time.ts';
import type { FakeClock } from './fake-clock.ts';
import type { FakeCluster } from './fake-cluster.ts';
import { type ElectionRecord, type LockType, type ResourceLock, resourceLock } from './fake-resource-lock.ts';
import { event } from './objects.ts';

export interface FakeElectorOptions {
  identity: string;
  /** `leases` by default. */
  lock?: LockType;
  namespace?: string;
  name?: string;
  /** Milliseconds, as the next two: 15 s, 10 s and 2 s by default. */
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** Gives the lock up when it is stopped. */
  releaseOnCancel?: boolean;
  /** The release of client-go whose habits it has: 0.20 (always reads before it writes) or 0.36. */
  clientGo?: '0.20' | '0.36';
  /** The candidate's wall clock against this machine's, milliseconds. */
  clockSkewMs?: number;
  /** Recorded in managedFields when given. */
  manager?: string;
  /** From 0 to 1: how long standbys wait between two tries, within client-go's jitter. */
  jitter?: () => number;
}

/** What a candidate tells its program, in the words of the real elector's output. */
export interface ElectorEvent {
  at: Mono;
  what: 'leader' | 'leading' | 'stopped';
  identity: string;
}

const JITTER_FACTOR = 1.2;

/**
 * A candidate that campaigns on the fake cluster as client-go's elector does, on the fake clock. Its requests do not
 * pass through the faults of `FakeCluster`, which stand between the tool and the API server; `refuse` is its own.
 */
export class FakeElector {
  readonly identity: string;
  readonly events: ElectorEvent[] = [];
  readonly #cluster: FakeCluster;
  readonly #clock: FakeClock;
  readonly #options: Required<Omit<FakeElectorOptions, 'manager'>>;
  readonly #lock: ResourceLock;
  readonly #cancel = new AbortController();
  #killed = false;
  #frozen: { until: Promise<void>; thaw: () => void } | null = null;
  #refusal: { error: LeaderError; verbs: 'writes' | 'everything' } | null = null;
  #observed: { record: ElectionRecord; raw: string; at: Mono } | null = null;
  #reported = '';
  #leading = false;
  #done: Promise<void> | null = null;

  constructor(cluster: FakeCluster, clock: FakeClock, options: FakeElectorOptions) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.identity = options.identity;
    this.#options = {
      lock: 'leases',
      namespace: 'default',
      name: 'manager',
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2_000,
      releaseOnCancel: false,
      clientGo: '0.36',
      clockSkewMs: 0,
      jitter: () => 0.5,
      ...options,
    };
    const { lock, namespace, name } = this.#options;
    const place = {
      cluster,
      namespace,
      name,
      ...(options.manager !== undefined && { manager: options.manager }),
      beforeRead: () => this.#meet('everything'),
      beforeWrite: () => this.#meet('writes'),
    };
    this.#lock = resourceLock(lock, place, this.identity);
  }

  /** Whether its program believes that it leads. */
  get leading(): boolean {
    return this.#leading;
  }

  /** Starts campaigning. An elector starts once; one that lost its lock has exited, as nearly every process does. */
  start(): this {
    if (this.#done !== null) throw new Error(`${this.identity} was started already`);
    this.#done = this.#run();
    return this;
  }

  /** SIGTERM: stops, releasing the lock first if it is one that does. */
  async stop(): Promise<void> {
    this.#cancel.abort();
    await this.#done;
  }

  /** SIGKILL: nothing of it runs any more, and the lock stays as it is. */
  kill(): void {
    this.#killed = true;
    this.#leading = false;
    this.#cancel.abort();
    this.#frozen?.thaw();
  }

  /** SIGSTOP: it believes what it believed, and does nothing. */
  freeze(): void {
    let thaw = (): void => {};
    const until = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    this.#frozen ??= { until, thaw };
  }

  /** SIGCONT. */
  thaw(): void {
    this.#frozen?.thaw();
    this.#frozen = null;
  }

  /** From now on its writes (or all its requests) are answered with this error; null ends that. */
  refuse(error: LeaderError | null, verbs: 'writes' | 'everything' = 'writes'): void {
    this.#refusal = error && { error, verbs };
  }

  #meet(kind: 'writes' | 'everything'): void {
    if (this.#refusal && (this.#refusal.verbs === 'everything' || kind === 'writes')) {
      throw this.#refusal.error;
    }
  }

  async #run(): Promise<void> {
    const { retryPeriodMs, jitter, releaseOnCancel } = this.#options;
    while (await this.#awake()) {
      if (this.#attempt()) break;
      await this.#clock.sleep(retryPeriodMs * (1 + JITTER_FACTOR * jitter()), this.#cancel.signal);
    }
    if (this.#cancel.signal.aborted) return;
    this.#tell('leading', this.identity);
    this.#leading = true;
    this.#record('became leader');
    while (await this.#renewed()) await this.#clock.sleep(retryPeriodMs, this.#cancel.signal);
    if (this.#killed) return;
    this.#record('stopped leading');
    if (releaseOnCancel) this.#release();
    this.#leading = false;
    this.#tell('stopped', this.identity);
  }

  /** One round of trying to renew, up to the renew deadline. False when it failed, or is to stop. */
  async #renewed(): Promise<boolean> {
    const { retryPeriodMs, renewDeadlineMs } = this.#options;
    if (!(await this.#awake())) return false;
    const deadline = this.#clock.mono() + renewDeadlineMs;
    while (await this.#awake()) {
      if (this.#attempt()) return true;
      const left = deadline - this.#clock.mono();
      await this.#clock.sleep(Math.min(retryPeriodMs, left), this.#cancel.signal);
      if (this.#clock.mono() >= deadline) return false;
    }
    return false;
  }

  /** Waits while it is frozen. False when it is to stop. */
  async #awake(): Promise<boolean> {
    while (this.#frozen && !this.#killed) await this.#frozen.until;
    return !this.#cancel.signal.aborted;
  }

  /** One try to acquire or renew; true when it holds the lock afterwards. */
  #attempt(): boolean {
    try {
      return this.#acquireOrRenew();
    } catch (error) {
      // Whatever the API server answers is one miss; anything else is a mistake in the test's own code.
      if (!isLeaderError(error)) throw error;
      return false;
    } finally {
      const holder = this.#observed?.record.holder ?? '';
      if (holder !== this.#reported) this.#tell('leader', holder);
      this.#reported = holder;
    }
  }

  #acquireOrRenew(): boolean {
    const now = this.#wall();
    const record: ElectionRecord = {
      holder: this.identity,
      durationSeconds: Math.trunc(this.#options.leaseDurationMs / 1_000),
      acquireTime: now,
      renewTime: now,
      transitions: 0,
    };
    if (this.#options.clientGo === '0.36' && this.#isLeader() && this.#isValid()) {
      record.acquireTime = this.#observed?.record.acquireTime ?? now;
      record.transitions = this.#observed?.record.transitions ?? 0;
      if (this.#written(record)) return true;
    }
    let old: ReturnType<ResourceLock['get']>;
    try {
      old = this.#lock.get();
    } catch (error) {
      if (!isLeaderError(error, 'not-found')) throw error;
      this.#lock.create(record);
      this.#observe(record);
      return true;
    }
    if (old.raw !== this.#observed?.raw) this.#observed = { ...old, at: this.#clock.mono() };
    if (old.record.holder !== '' && !this.#isLeader() && this.#isValid()) return false;
    if (this.#isLeader()) {
      record.acquireTime = old.record.acquireTime;
      record.transitions = old.record.transitions;
    } else {
      record.transitions = old.record.transitions + 1;
    }
    this.#lock.update(record);
    this.#observe(record);
    return true;
  }

  /** The hopeful write of a leader that takes the record it saw last for the current one. */
  #written(record: ElectionRecord): boolean {
    try {
      this.#lock.update(record);
    } catch (error) {
      if (!isLeaderError(error)) throw error;
      return false;
    }
    this.#observe(record);
    return true;
  }

  #release(): void {
    if (!this.#isLeader()) return;
    const now = this.#wall();
    const transitions = this.#observed?.record.transitions ?? 0;
    const record = { holder: '', durationSeconds: 1, acquireTime: now, renewTime: now, transitions };
    try {
      if (this.#options.clientGo === '0.36') this.#lock.get();
      this.#lock.update(record);
    } catch (error) {
      if (!isLeaderError(error)) throw error;
    }
  }

  /** Its own write is noted without its text, so that the next read counts as news, as in client-go. */
  #observe(record: ElectionRecord): void {
    this.#observed = { record, raw: this.#observed?.raw ?? '', at: this.#clock.mono() };
  }

  #isLeader(): boolean {
    return this.#observed?.record.holder === this.identity;
  }

  /** Whether the observed term still lasts, by its own clock. Before 0.27 with its own duration, not the recorded one. */
  #isValid(): boolean {
    if (!this.#observed) return false;
    const { leaseDurationMs, clientGo } = this.#options;
    const duration = clientGo === '0.20' ? leaseDurationMs : this.#observed.record.durationSeconds * 1_000;
    return this.#observed.at + duration > this.#clock.mono();
  }

  #wall(): Instant {
    return this.#clock.now() + this.#options.clockSkewMs;
  }

  #tell(what: ElectorEvent['what'], identity: string): void {
    this.events.push({ at: this.#clock.mono(), what, identity });
  }

  /** The Event that client-go records on each object of the lock. */
  #record(what: string): void {
    for (const { resource, namespace, name } of this.#lock.objects) {
      const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
      const about = { kind: resource.kind, namespace, name, apiVersion };
      const eventName = `${name}.${this.#cluster.store.revision.toString(16)}`;
      const message = `${this.identity} ${what}`;
      const at = this.#wall();
      this.#cluster.create(event({ name: eventName, about, message, at, component: this.#options.name }));
    }
  }
}
