import type { Clock } from '../app/ports.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import type { Instant, Mono } from '../core/time.ts';
import { recordElection, uniqueEventName } from './election-events.ts';
import type { ObjectClient } from './object-client.ts';
import { ObservedRecord } from './observed-record.ts';
import {
  type ElectionRecord,
  type LockType,
  type ReadRecord,
  type ResourceLock,
  resourceLock,
} from './resource-lock.ts';
import { withinLimit } from './within-limit.ts';

export interface ElectorOptions {
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
  /** From 0 to 1: how long standbys wait between two tries, within client-go's jitter. */
  jitter?: () => number;
  /** Whether it tells the cluster of what happens by Events, as most programs do. */
  recordsEvents?: boolean;
  /** False for a process that has been leading all along, and says so no more. */
  announces?: boolean;
  /** Names the Events of a lock, by its name and the candidate's wall clock. */
  eventName?: (lock: string, at: Instant) => string;
}

/** What a candidate tells its program, in the words of the real elector's output. */
export interface ElectorEvent {
  at: Mono;
  what: 'leader' | 'leading' | 'stopped';
  identity: string;
}

const JITTER_FACTOR = 1.2;

/** A candidate that campaigns as client-go's elector does, on the clock that it is given. */
export class Elector {
  readonly identity: string;
  readonly events: ElectorEvent[] = [];
  readonly #client: ObjectClient;
  readonly #clock: Clock;
  readonly #options: Required<ElectorOptions>;
  readonly #lock: ResourceLock;
  readonly #cancel = new AbortController();
  readonly #listeners = new Set<(event: ElectorEvent) => void>();
  #killed = false;
  #frozen: { until: Promise<void>; thaw: () => void } | null = null;
  readonly #seen: ObservedRecord;
  #reported = '';
  #leading = false;
  #done: Promise<void> | null = null;
  /** Ends the requests of the round of renewals that is under way. */
  #deadline: AbortSignal | null = null;

  constructor(client: ObjectClient, clock: Clock, options: ElectorOptions) {
    this.#client = client;
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
      recordsEvents: true,
      announces: true,
      eventName: uniqueEventName,
      ...options,
    };
    const { lock, namespace, name } = this.#options;
    const timed: ObjectClient = {
      get: (resource, inNamespace, called) =>
        this.#ask((signal) => client.get(resource, inNamespace, called, signal)),
      create: (object) => this.#ask((signal) => client.create(object, signal)),
      update: (object) => this.#ask((signal) => client.update(object, signal)),
    };
    this.#seen = new ObservedRecord(this.identity, clock, this.#options);
    this.#lock = resourceLock(lock, { client: timed, namespace, name }, this.identity);
  }

  /** Whether its program believes that it leads. */
  get leading(): boolean {
    return this.#leading;
  }

  /** Resolves when it has stopped. */
  get done(): Promise<void> {
    return this.#done ?? Promise.resolve();
  }

  onEvent(listener: (event: ElectorEvent) => void): void {
    this.#listeners.add(listener);
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

  async #run(): Promise<void> {
    const { retryPeriodMs, jitter, releaseOnCancel, announces } = this.#options;
    while (await this.#awake()) {
      if (await this.#attempt()) break;
      await this.#clock.sleep(retryPeriodMs * (1 + JITTER_FACTOR * jitter()), this.#cancel.signal);
    }
    if (this.#cancel.signal.aborted) return;
    this.#tell('leading', this.identity);
    this.#leading = true;
    if (announces) await this.#record('became leader');
    while (await this.#renewed()) await this.#clock.sleep(retryPeriodMs, this.#cancel.signal);
    if (this.#killed) return;
    await this.#record('stopped leading');
    if (releaseOnCancel) await this.#release();
    this.#leading = false;
    this.#tell('stopped', this.identity);
  }

  /** One round of trying to renew, up to the renew deadline. False when it failed, or is to stop. */
  async #renewed(): Promise<boolean> {
    const { retryPeriodMs, renewDeadlineMs } = this.#options;
    if (!(await this.#awake())) return false;
    const deadline = this.#clock.mono() + renewDeadlineMs;
    return withinLimit(this.#clock, renewDeadlineMs, async (limit) => {
      this.#deadline = limit;
      while (await this.#awake()) {
        if (await this.#attempt()) return true;
        const left = deadline - this.#clock.mono();
        await this.#clock.sleep(Math.max(0, Math.min(retryPeriodMs, left)), this.#cancel.signal);
        if (this.#clock.mono() >= deadline) return false;
      }
      return false;
    }).finally(() => {
      this.#deadline = null;
    });
  }

  /** Waits while it is frozen. False when it is to stop. */
  async #awake(): Promise<boolean> {
    while (this.#frozen && !this.#killed) await this.#frozen.until;
    return !this.#cancel.signal.aborted;
  }

  /** One request, within the time that client-go gives it. A process that does not run neither asks nor hears. */
  async #ask<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limitMs = Math.max(1_000, this.#options.renewDeadlineMs / 2);
    const answer = withinLimit(this.#clock, limitMs, (limit) =>
      act(this.#deadline === null ? limit : AbortSignal.any([limit, this.#deadline])),
    );
    await answer.catch(() => {});
    await this.#awake();
    if (this.#killed) throw new LeaderError('interrupted', `${this.identity} was killed`);
    return answer;
  }

  /** One try to acquire or renew; true when it holds the lock afterwards. */
  async #attempt(): Promise<boolean> {
    try {
      return await this.#acquireOrRenew();
    } catch (error) {
      // Whatever the API server answers is one miss; anything else is a mistake in our own code.
      if (!isLeaderError(error)) throw error;
      return false;
    } finally {
      const holder = this.#seen.record?.holder ?? '';
      if (holder !== this.#reported) this.#tell('leader', holder);
      this.#reported = holder;
    }
  }

  async #acquireOrRenew(): Promise<boolean> {
    const now = this.#wall();
    const record: ElectionRecord = {
      holder: this.identity,
      durationSeconds: Math.trunc(this.#options.leaseDurationMs / 1_000),
      acquireTime: now,
      renewTime: now,
      transitions: 0,
    };
    if (this.#options.clientGo === '0.36' && this.#seen.isOwn && this.#seen.isValid) {
      record.acquireTime = this.#seen.record?.acquireTime ?? now;
      record.transitions = this.#seen.record?.transitions ?? 0;
      if (await this.#written(record)) return true;
    }
    let old: ReadRecord;
    try {
      old = await this.#lock.get();
    } catch (error) {
      if (!isLeaderError(error, 'not-found')) throw error;
      await this.#lock.create(record);
      this.#seen.noteOwn(record);
      return true;
    }
    this.#seen.note(old);
    if (old.record.holder !== '' && !this.#seen.isOwn && this.#seen.isValid) return false;
    if (this.#seen.isOwn) {
      record.acquireTime = old.record.acquireTime;
      record.transitions = old.record.transitions;
    } else {
      record.transitions = old.record.transitions + 1;
    }
    await this.#lock.update(record);
    this.#seen.noteOwn(record);
    return true;
  }

  /** The hopeful write of a leader that takes the record it saw last for the current one. */
  async #written(record: ElectionRecord): Promise<boolean> {
    try {
      await this.#lock.update(record);
    } catch (error) {
      if (!isLeaderError(error)) throw error;
      return false;
    }
    this.#seen.noteOwn(record);
    return true;
  }

  async #release(): Promise<void> {
    if (!this.#seen.isOwn) return;
    try {
      const last = this.#options.clientGo === '0.36' ? (await this.#lock.get()).record : this.#seen.record;
      const now = this.#wall();
      const transitions = last?.transitions ?? 0;
      const record = { holder: '', durationSeconds: 1, acquireTime: now, renewTime: now, transitions };
      await this.#lock.update(record);
    } catch (error) {
      if (!isLeaderError(error)) throw error;
    }
  }

  #wall(): Instant {
    return this.#clock.now() + this.#options.clockSkewMs;
  }

  #tell(what: ElectorEvent['what'], identity: string): void {
    const told = { at: this.#clock.mono(), what, identity };
    this.events.push(told);
    for (const listener of this.#listeners) listener(told);
  }

  async #record(what: string): Promise<void> {
    if (this.#options.recordsEvents) {
      const { name: component, eventName } = this.#options;
      const said = { message: `${this.identity} ${what}`, at: this.#wall(), component };
      await recordElection(this.#client, this.#lock.objects, said, eventName);
    }
  }
}
