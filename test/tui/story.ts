import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createElement } from 'react';
import type { Glimpse } from '../../src/app/live.ts';
import type { LiveLock } from '../../src/app/live-judge.ts';
import { type LockKind, lockId } from '../../src/core/lock.ts';
import type { LockReport } from '../../src/core/report.ts';
import { reduce } from '../../src/tui/reducer.ts';
import { currentLock } from '../../src/tui/screens.ts';
import {
  type Effect,
  type Event,
  initialState,
  type Reading,
  type Setting,
  type State,
  type TextName,
} from '../../src/tui/state.ts';
import { ScreenView } from '../../src/tui/view/screen.tsx';
import { NOW } from '../output/sample-reports.ts';

const START = 1_000;

export function idOf(report: LockReport): string {
  return lockId(report.lock.primary.ref);
}

/** What happens to the screen, event by event, on a clock that only the story moves. */
export class Story {
  state: State;
  readonly effects: Effect[] = [];

  constructor(options: Partial<State['size']> & { setting?: Partial<Setting> } = {}) {
    const { columns = 80, rows = 24, setting = {} } = options;
    this.state = initialState({
      setting: {
        ...{ color: false, screenReader: false, namespace: null, verdicts: null, kinds: null },
        ...{ place: { context: 'prod', server: 'https://10.0.0.1:6443' }, sameCluster: [] },
        ...{ readOnly: false, choosing: false },
        ...setting,
      },
      size: { columns, rows },
      now: START,
      wallClock: NOW,
    });
  }

  send(event: Event): this {
    const { state, effects } = reduce(this.state, event);
    this.state = state;
    this.effects.push(...effects);
    return this;
  }

  /** The cluster shows these, all looked at. */
  show(...reports: LockReport[]): this {
    return this.glimpse({ changed: reports.map((report) => this.lock(report)) });
  }

  /** The same before their holders have been looked for. */
  showPending(...reports: LockReport[]): this {
    const changed = reports.map((report) => ({ ...this.lock(report), pending: true }));
    return this.glimpse({ changed, complete: false, sightline: { state: 'opening' } });
  }

  remove(...reports: LockReport[]): this {
    return this.glimpse({ gone: reports.map(idOf) });
  }

  glimpse(glimpse: Partial<Glimpse>): this {
    const at = this.state.now;
    const defaults: Glimpse = {
      ...{ changed: [], gone: [], complete: true, notes: this.state.notes, at },
      ...{ sightline: { state: 'live' }, takenAt: NOW + at - START },
    };
    return this.send({ type: 'glimpse', glimpse: { ...defaults, ...glimpse } });
  }

  /** The watches of these kinds of lock are down from now on. */
  blind(
    why: string | null = 'no route',
    kinds: readonly LockKind[] = ['lease', 'endpoints', 'configmap'],
    since = this.state.now,
  ): this {
    const down = Object.fromEntries(kinds.map((kind) => [kind, since]));
    return this.glimpse({ sightline: { state: 'blind', since, why, kinds: down } });
  }

  /** A page about this lock has been read, or could not be. */
  read(what: TextName, report: LockReport, read: Reading): this {
    return this.send({ type: 'text-read', what, id: idOf(report), read, now: this.state.now });
  }

  press(...keys: string[]): this {
    for (const key of keys) this.send({ type: 'key', key, now: this.state.now });
    return this;
  }

  type(text: string, entered = false): this {
    return this.send({ type: 'text', text, entered, now: this.state.now });
  }

  wait(ms: number): this {
    return this.send({ type: 'tick', now: this.state.now + ms });
  }

  resize(columns: number, rows: number): this {
    return this.send({ type: 'resize', size: { columns, rows } });
  }

  lock(report: LockReport): LiveLock {
    return { id: idOf(report), report, pending: false, at: this.state.now };
  }

  /** Names of the locks in the order in which they are listed. */
  get listed(): string[] {
    return this.state.order.map((id) => id.split('/').at(-1) ?? '');
  }

  get selected(): string | undefined {
    return currentLock(this.state)?.id.split('/').at(-1);
  }

  /** The screen as it is drawn, attributes and colours as escape sequences. */
  get drawn(): string {
    const { columns } = this.state.size;
    return renderToString(createElement(ScreenView, { state: this.state }), { columns });
  }

  get frame(): string {
    return stripVTControlCharacters(this.drawn);
  }

  /** The line of the frame that has this text, without spaces at its end. */
  line(text: string): string {
    return (
      this.frame
        .split('\n')
        .find((line) => line.includes(text))
        ?.trimEnd() ?? ''
    );
  }
}
