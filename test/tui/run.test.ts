import { afterEach, describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { PODS } from '../../src/core/resources.ts';
import type { ListOptions } from '../../src/tui/run.tsx';
import { Stage } from '../app/stage.ts';
import { SETTING, Session } from './session.ts';

const CLEAN = { alternateScreen: false, bracketedPaste: false, hiddenCursor: false, rawMode: false };

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
    await session.until('read 0s ago');
  });

  it('looks around a lock whose details are open', async () => {
    const session = await open();
    await session.until('lease/worker');
    await session.press('\r');
    await session.wait(1_000);
    await session.press('G');
    await session.until('daemonset default/worker, ');
  });

  it('shows the events about it', async () => {
    const session = await open();
    await session.until('lease/worker');
    await session.press('e');
    await session.wait(100);
    await session.until('worker-zkb5w_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11 became leader');
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
    const session = await open({ setting: { ...SETTING, screenReader: true } });
    await session.until('selected: Healthy, worker, lease in default');
    expect(session.terminal.written).not.toContain('\u001b[?1049h');
    session.terminal.written = '';
    await session.wait(10_000);
    expect(session.terminal.written).toBe('');
  });
});
