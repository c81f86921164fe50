import { render, useApp, useInput, usePaste } from 'ink';
import { type ReactNode, useEffect } from 'react';
import type { LsScope } from '../app/first-look.ts';
import { live } from '../app/live.ts';
import type { LiveLock } from '../app/live-judge.ts';
import type { Clock, Cluster } from '../app/ports.ts';
import type { LockRef } from '../core/lock.ts';
import type { Snapshot } from '../core/report.ts';
import type { CureEnding, CureVerb } from './cure.ts';
import type { Writing } from './cure-work.ts';
import { Cures } from './cures.ts';
import { read } from './keyboard.ts';
import { lookAround, readText } from './readings.ts';
import { reduce } from './reducer.ts';
import { snapshotOf, spokenGist } from './selectors.ts';
import { type Beginning, type Effect, type Event, initialState, type State } from './state.ts';
import type { Terminal } from './terminal.ts';
import { ScreenView } from './view/screen.tsx';

/** How often times on screen go on where nothing else happens, milliseconds. */
const TICK_MS = 1_000;

/** A key is on screen at once; more frames than this a second nobody sees. */
const MAX_FPS = 250;

export interface ListOptions extends Omit<Beginning, 'size' | 'now' | 'wallClock'> {
  cluster: Cluster;
  clock: Clock;
  scope: LsScope;
  terminal: Terminal;
  writing: Writing;
  /** The dialog that is open from the start. */
  opening?: { verb: CureVerb; ref: LockRef };
  /** Rows at the bottom that are left free, for consoles that scroll when their last cell is written. */
  spareRows: number;
  /** Gets how to tell something in lines of its own above the last one; each telling replaces the one before. */
  narrate?: (show: (text: string) => void) => void;
  /** For measurements: called after each frame. */
  onFrame?: () => void;
}

export interface ListOutcome {
  /** What was on screen last, in its order. */
  snapshot: Snapshot;
  /** How many locks there are, shown or not. */
  found: number;
  /** What was done and came of it, line by line. */
  told: readonly string[];
  /** How what was done about a lock had come out by then, by the lock's id. */
  endings: ReadonlyMap<string, CureEnding>;
  /** True when it was left by ctrl-C or a signal. */
  interrupted: boolean;
}

type Suspend = (meanwhile: () => Promise<void>) => Promise<void>;

/** Listens to the keyboard; draws nothing. */
function Keyboard({
  onEvent,
  onReady,
  now,
}: {
  onEvent: (event: Event) => void;
  onReady: (suspend: Suspend) => void;
  now: () => number;
}): ReactNode {
  const { suspendTerminal } = useApp();
  useEffect(() => onReady(suspendTerminal), [onReady, suspendTerminal]);
  useInput((input, { ctrl, meta, ...names }) => {
    const pressed = read({ input, names, ctrl, meta });
    if ('text' in pressed) onEvent({ type: 'text', ...pressed, now: now() });
    else for (const key of pressed.keys) onEvent({ type: 'key', key, now: now() });
  });
  usePaste((text) => onEvent({ type: 'text', text, entered: false, now: now() }));
  return null;
}

function sizeOf({ stdout }: Terminal, spareRows: number): State['size'] {
  // A terminal that does not know its size says 0.
  return { columns: stdout.columns || 80, rows: Math.max(1, (stdout.rows || 24) - spareRows) };
}

/**
 * Shows the live list until the user leaves it, or the signal aborts. The terminal is then as it was before. Rejects if
 * nothing at all can be read.
 */
export async function showList(options: ListOptions, signal: AbortSignal): Promise<ListOutcome> {
  const { cluster, clock, scope, terminal, writing, opening, spareRows, narrate, onFrame, ...beginning } =
    options;
  const { stdout, stdin } = terminal;
  const { screenReader } = beginning.setting;
  const leaving = new AbortController();
  const list = live(cluster, clock, scope, leaving.signal);
  let leave: (interrupted: boolean) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const left = new Promise<boolean>((resolve, reject) => {
    leave = resolve;
    fail = reject;
  });
  const mishaps: unknown[] = [];
  const cures = new Cures({ cluster, clock, writing }, (error) => {
    mishaps.push(error);
    fail(error);
  });
  let suspend: Suspend | null = null;
  let drawing: NodeJS.Immediate | null = null;
  let state = initialState({
    ...beginning,
    size: sizeOf(terminal, spareRows),
    now: clock.mono(),
    wallClock: clock.now(),
  });

  const now = (): number => clock.mono();
  const onReady = (how: Suspend): void => {
    suspend = how;
  };
  const view = (): ReactNode => (
    <>
      <Keyboard onEvent={dispatch} onReady={onReady} now={now} />
      <ScreenView state={state} />
    </>
  );
  const draw = (): void => {
    drawing = null;
    if (!leaving.signal.aborted) ink.rerender(view());
  };
  const drawNow = (): void => {
    if (drawing === null) return;
    clearImmediate(drawing);
    draw();
  };
  function dispatch(event: Event): void {
    const before = state;
    const outcome = reduce(state, event);
    state = outcome.state;
    for (const effect of outcome.effects) perform(effect);
    // What is read aloud is not to be read again because a second has passed.
    const isQuiet = screenReader && (event.type === 'glimpse' || event.type === 'tick');
    if (isQuiet && spokenGist(before) === spokenGist(state)) return;
    drawing ??= setImmediate(draw);
  }
  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'quit':
        leave(effect.interrupted);
        break;
      case 'copy':
        stdout.write(`\u001b]52;c;${Buffer.from(effect.text).toString('base64')}\u0007`);
        break;
      case 'read':
        readPage(effect).catch(fail);
        break;
      case 'look-around':
        describe(effect.lock).catch(fail);
        break;
      case 'examine': {
        const { id, session } = effect;
        cures.examine(effect, (news) => dispatch({ type: 'cure', id, session, news, now: now() }));
        break;
      }
      case 'carry-out':
        cures.carryOut(effect.session, effect.proposal);
        break;
      case 'abandon':
        cures.abandon(effect.session);
        break;
      case 'suspend':
        standStill().catch(fail);
        break;
    }
  }
  async function readPage({ what, lock }: Extract<Effect, { do: 'read' }>): Promise<void> {
    const text = await readText(what, cluster, lock, leaving.signal);
    dispatch({ type: 'text-read', what, id: lock.id, read: text, now: now() });
  }
  async function describe(lock: LiveLock): Promise<void> {
    const around = await lookAround(cluster, clock, lock, leaving.signal);
    dispatch({ type: 'surroundings', id: lock.id, around });
  }
  async function standStill(): Promise<void> {
    list.pause();
    await suspend?.(() => terminal.stop());
    list.resume();
    onResize();
  }
  const onResize = (): void => {
    dispatch({ type: 'resize', size: sizeOf(terminal, spareRows) });
    // At once: the library draws what it has into the new size, and lines that are too long for it leave pieces behind.
    drawNow();
  };
  const onAbort = (): void => leave(true);

  const ink = render(view(), {
    stdout,
    stdin,
    interactive: true,
    alternateScreen: !screenReader,
    incrementalRendering: !screenReader,
    isScreenReaderEnabled: screenReader,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: MAX_FPS,
    ...(onFrame === undefined ? {} : { onRender: onFrame }),
  });
  const noCrash = terminal.onCrash(() => ink.unmount());
  // Ahead of the library's own listener, which would draw the old lines into the new size first.
  stdout.prependListener('resize', onResize);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  if (opening !== undefined) dispatch({ type: 'cure-wanted', ...opening });
  narrate?.((text) => dispatch({ type: 'narration', text }));
  const follow = async (): Promise<void> => {
    for await (const glimpse of list) dispatch({ type: 'glimpse', glimpse });
  };
  const tick = async (): Promise<void> => {
    while (!leaving.signal.aborted) {
      await clock.sleep(TICK_MS, leaving.signal);
      // A glimpse brings its time along.
      if (now() - state.now >= TICK_MS / 2) dispatch({ type: 'tick', now: now() });
    }
  };
  const running = Promise.all([follow(), tick()]);
  let interrupted = true;
  let last = state;
  try {
    interrupted = await Promise.race([left, ink.waitUntilExit().then(() => true), running.then(() => true)]);
  } finally {
    last = state;
    leaving.abort();
    if (drawing !== null) clearImmediate(drawing);
    signal.removeEventListener('abort', onAbort);
    stdout.removeListener('resize', onResize);
    ink.unmount();
    noCrash();
    await Promise.allSettled([ink.waitUntilExit(), running, cures.end()]);
    // Without an alternate screen the last frame stays, and whatever comes next belongs below it.
    if (screenReader) stdout.write('\n');
  }
  // One that came while what was written was brought to its end: by then nobody waited for the list to be left.
  if (mishaps.length > 0) throw mishaps[0];
  const { locks, endings } = last;
  return { snapshot: snapshotOf(last), found: locks.size, told: state.told, endings, interrupted };
}
