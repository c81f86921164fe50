import type { Clock } from '../app/ports.ts';
import type { Mono } from '../core/time.ts';
import type { ElectionRecord, ReadRecord } from './resource-lock.ts';

/** The record as one candidate knows it, and since when by its own monotonic clock. */
export class ObservedRecord {
  record: ElectionRecord | null = null;
  #raw = '';
  #at: Mono = 0;
  readonly #identity: string;
  readonly #clock: Clock;
  readonly #habits: { leaseDurationMs: number; clientGo: '0.20' | '0.36' };

  constructor(
    identity: string,
    clock: Clock,
    habits: { leaseDurationMs: number; clientGo: '0.20' | '0.36' },
  ) {
    this.#identity = identity;
    this.#clock = clock;
    this.#habits = habits;
  }

  get isOwn(): boolean {
    return this.record?.holder === this.#identity;
  }

  /** Whether the observed term still lasts. Before 0.27 with the candidate's own duration, not the recorded one. */
  get isValid(): boolean {
    if (this.record === null) return false;
    const { leaseDurationMs, clientGo } = this.#habits;
    const durationMs = clientGo === '0.20' ? leaseDurationMs : this.record.durationSeconds * 1_000;
    return this.#at + durationMs > this.#clock.mono();
  }

  /** What was read: news only if its text changed. */
  note({ record, raw }: ReadRecord): void {
    if (this.record !== null && raw === this.#raw) return;
    this.#raw = raw;
    this.#set(record);
  }

  /** Its own write is noted without its text, so that the next read counts as news, as in client-go. */
  noteOwn(record: ElectionRecord): void {
    this.#set(record);
  }

  #set(record: ElectionRecord): void {
    this.record = record;
    this.#at = this.#clock.mono();
  }
}
