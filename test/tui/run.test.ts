import { afterEach, describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { PODS } from '../../src/core/resources.ts';
import { type ListOptions, type ListOutcome, showList } from '../../src/tui/run.tsx';
import { EVERYWHERE, Stage } from '../app/stage.ts';
import { FakeTerminal } from './fake-terminal.ts';

const CLEAN = { alternateScreen: false, bracketedPaste: false, hiddenCursor: false, rawMode: false };

/** Turns of the event loop after which a key has been read, and what it set going has been done. */
const TURNS = 10;

/** The list on a fake cluster and a fake terminal; time is the fake clock's, but for the frames. */
class Session {
  readonly terminal: FakeTerminal;
  readonly stage: Stage;
  readonly outcome: Promise<ListOutcome>;
  settled: ListOutcome | Error | null = null;

  constructor(stage: Stage, options: Partial<ListOptions> = {}, terminal = new FakeTerminal()) {
    this.stage = stage;
    this.terminal = terminal;
    const setting = {
      color: false,
      screenReader: false,
      place: 'fake',
      namespace: null,
      verdicts: null,
      kinds: null,
    };
    this.outcome = showList(
      {
        ...{ cluster: stage.cluster, clock: stage.clock, scope: EVERYWHERE, terminal, spareRows: 0, setting },
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

describe('the live list on a terminal', () => {
  const sessions: Session[] = [];
  async function open(options: Partial<ListOptions> = {}): Promise<Session> {
    const stage = new Stage();
    await stage.leader('worker');
    const session = new Session(stage, options);
    sessions.push(session);
    await session.wait(1_000);
    return session;
  }
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.end()));
  });

  it('shows the locks, and leaves the terminal as it was', async () => {
    const session = await open();
    await session.until('lease/worker');
    expect(session.terminal.modes).toEqual({
      alternateScreen: true,
      bracketedPaste: true,
      hiddenCursor: true,
      rawMode: true,
    });
    await session.press('q');
    const { snapshot, found, interrupted } = await session.outcome;
    expect([snapshot.reports.map(({ verdict }) => verdict), found, interrupted]).toEqual([
      ['Healthy'],
      1,
      false,
    ]);
    expect(session.terminal.modes).toEqual(CLEAN);
    expect(session.stage.cluster.openWatches).toBe(0);
    expect(session.terminal.stdout.listenerCount('resize')).toBe(0);
    expect(session.terminal.restores.size).toBe(0);
  });

  it('sees a ghost come into being', async () => {
    const session = await open();
    await session.wait(5_000);
    session.stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    await session.wait(5_000);
    await session.until('Ghost');
  });

  it('is left by ctrl-C, and by a signal', async () => {
    const byKey = await open();
    await byKey.press('\u0003');
    expect((await byKey.outcome).interrupted).toBe(true);
    const bySignal = await open();
    bySignal.stage.signal.abort();
    expect((await bySignal.outcome).interrupted).toBe(true);
    for (const { terminal } of [byKey, bySignal]) expect(terminal.modes).toEqual(CLEAN);
  });

  it('hands the terminal over while it is stopped, and draws anew after', async () => {
    const session = await open();
    await session.until('lease/worker');
    const { terminal } = session;
    let modes = {};
    terminal.stop = () => {
      modes = terminal.modes;
      terminal.written = '';
      return Promise.resolve();
    };
    await session.press('\u001a');
    expect(modes).toEqual(CLEAN);
    await session.until('lease/worker');
    expect(terminal.modes.alternateScreen).toBe(true);
  });

  it('a bracketed paste is no storm of keys', async () => {
    const session = await open();
    await session.until('lease/worker');
    await session.press('\u001b[200~q\u0003quit\r\u001b[201~');
    expect(session.settled).toBeNull();
    await session.until('pasted text is ignored');
  });

  it('is drawn to the new size', async () => {
    const session = await open();
    await session.until('lease/worker');
    session.terminal.written = '';
    session.terminal.resize(60, 10);
    await session.until('lease/worker');
  });

  it('sends the name to the clipboard of the terminal', async () => {
    const session = await open();
    await session.until('lease/worker');
    await session.press('c');
    const name = Buffer.from('default/lease/worker').toString('base64');
    expect(session.terminal.written).toContain(`\u001b]52;c;${name}\u0007`);
  });

  it('reads the object for YAML', async () => {
    const session = await open();
    await session.until('lease/worker');
    await session.press('y');
    await session.wait(100);
    await session.until('holderIdentity: worker-zkb5w');
  });

  it('restores the terminal before a crash is told', async () => {
    const session = await open();
    for (const restore of session.terminal.restores) restore();
    expect(session.terminal.modes).toEqual(CLEAN);
  });

  it('ends with an error when nothing can be read, and the terminal is clean', async () => {
    const stage = new Stage();
    stage.cluster.disconnect({ error: new LeaderError('unreachable', 'no answer from x') });
    const session = new Session(stage);
    sessions.push(session);
    await session.wait(1_000);
    await expect(session.outcome).rejects.toThrow('no answer from x');
    expect(session.terminal.modes).toEqual(CLEAN);
  });

  it('for a screen reader stays on the main screen', async () => {
    const setting = {
      color: false,
      screenReader: true,
      place: 'fake',
      namespace: null,
      verdicts: null,
      kinds: null,
    };
    const session = await open({ setting });
    await session.until('selected: Healthy, worker, lease in default');
    expect(session.terminal.written).not.toContain('\u001b[?1049h');
    session.terminal.written = '';
    await session.wait(10_000);
    expect(session.terminal.written).toBe('');
  });
});
