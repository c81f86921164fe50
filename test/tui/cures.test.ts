import { afterEach, describe, expect, it } from 'vitest';
import { LEASES } from '../../src/core/resources.ts';
import type { ListOptions } from '../../src/tui/run.tsx';
import { DeposeStage } from '../app/depose-stage.ts';
import { NAME, orphan, writes } from '../app/release-stage.ts';
import type { Stage } from '../app/stage.ts';
import { Session } from './session.ts';

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.end()));
});

async function open(stage: Stage, options: Partial<ListOptions> = {}): Promise<Session> {
  const session = new Session(stage, options);
  sessions.push(session);
  await session.wait(1_000);
  await session.until(`lease/${NAME}`);
  return session;
}

/** Types the lock's name, letter by letter. */
async function confirm(session: Session): Promise<void> {
  for (const letter of NAME) await session.press(letter);
  await session.press('\r');
}

function holderIn(stage: Stage): unknown {
  const { spec } = stage.cluster.peek(LEASES, 'default', NAME);
  return (spec as Record<string, unknown>)['holderIdentity'];
}

describe('release in the live list', () => {
  it('frees an orphaned lock, keeps the object, and says who took it', async () => {
    const stage = await orphan();
    const session = await open(stage);
    await session.press('r');
    await session.wait(5_000);
    await session.until('watching default/lease/worker');
    const candidate = stage.standbyPod('aaaaa');
    await session.wait(20_000);
    await session.until('Type worker and enter to release it');
    expect(writes(stage)).toEqual([]);
    await confirm(session);
    stage.elector(candidate, { name: NAME });
    await session.wait(10_000);
    await session.until('Taken over by worker-aaaaa');
    expect(session.kept.size).toBe(1);
    await session.press('q');
    await session.press('q');
    const { told } = await session.outcome;
    expect(told.join('\n')).toMatch(
      /^default\/lease\/worker: lease\/worker saved to \/kept\/\S+\n.*vacated\n.*Taken over by worker-aaaaa/,
    );
  });

  it('opens with the dialog that was asked for, and tells how that came out', async () => {
    const stage = await orphan();
    const ref = { kind: 'lease', namespace: 'default', name: NAME } as const;
    const session = await open(stage, { opening: { verb: 'release', ref } });
    await session.wait(25_000);
    await session.until('Type worker and enter to release it');
    await confirm(session);
    stage.elector(stage.standbyPod('aaaaa'), { name: NAME });
    await session.wait(10_000);
    await session.until('Taken over by worker-aaaaa');
    await session.press('q');
    await session.press('q');
    const { endings } = await session.outcome;
    expect([...endings]).toEqual([[`default/lease/${NAME}`, { is: 'as-hoped', said: null }]]);
  });

  it('a pasted name confirms nothing, whatever is pasted behind it; one that was typed ahead does', async () => {
    const stage = await orphan();
    const session = await open(stage);
    await session.press('r');
    await session.wait(25_000);
    await session.until('Type worker and enter to release it');
    await session.press(`\u001b[200~${NAME}\r\u001b[201~`);
    await session.wait(1_000);
    expect(writes(stage)).toEqual([]);
    await session.press('\u0015');
    await session.press(`${NAME}\r`);
    await session.until('lease/worker vacated');
  });

  it('left by ctrl-C right after the write, tells what was done', async () => {
    const stage = await orphan();
    const session = await open(stage);
    await session.press('r');
    await session.wait(25_000);
    await confirm(session);
    await session.wait(500);
    await session.until('lease/worker vacated');
    await session.press('\u0003');
    await session.wait(1_000);
    const { told, interrupted } = await session.outcome;
    expect(interrupted).toBe(true);
    expect(told.join('\n')).toMatch(/lease\/worker vacated\n.*not waited for/);
  });

  it('left before it was confirmed, writes nothing', async () => {
    const stage = await orphan();
    const session = await open(stage);
    await session.press('r');
    await session.wait(25_000);
    await session.until('Type worker');
    session.terminal.written = '';
    await session.press('\u001b');
    await session.until('VERDICT');
    await session.press('q');
    await session.outcome;
    expect(writes(stage)).toEqual([]);
  });
});

describe('depose in the live list', () => {
  async function deposing(): Promise<{ stage: DeposeStage; session: Session }> {
    const stage = new DeposeStage();
    await stage.ghost();
    stage.standby('bbbbb');
    const session = await open(stage);
    await session.press('x');
    for (let step = 0; step < 200; step++) await stage.step(50);
    await session.until('Type worker and enter to depose its holder');
    await confirm(session);
    await stage.step(500);
    await session.until('lease/worker taken');
    return { stage, session };
  }

  it('makes a ghost step down, with never two leaders', async () => {
    const { stage, session } = await deposing();
    expect(holderIn(stage)).toBe('kubectl-leader-depose_ann@desk_1');
    await session.until('must have stopped by');
    for (let step = 0; step < 1_000; step++) await stage.step(50);
    await session.until('lease/worker freed');
    await session.until('Taken over by worker-bbbbb');
    expect(stage.mostLeaders).toBe(1);
  });

  it('left while it is held, frees the lock before the program ends', async () => {
    const { stage, session } = await deposing();
    await session.press('\u0003');
    for (let step = 0; step < 200 && session.settled === null; step++) await stage.step(50);
    const { told } = await session.outcome;
    expect(holderIn(stage)).not.toBe('kubectl-leader-depose_ann@desk_1');
    expect(told.join('\n')).toMatch(/Interrupted after .*two may lead/);
  });

  it('left while it is held, tells what nobody foresaw on the way to its end', async () => {
    const { stage, session } = await deposing();
    stage.cluster.patch = () => Promise.reject(new TypeError('nobody foresaw this'));
    await session.press('\u0003');
    for (let step = 0; step < 200 && session.settled === null; step++) await stage.step(50);
    expect(session.settled).toEqual(new TypeError('nobody foresaw this'));
    expect(session.terminal.modes['alternateScreen']).toBe(false);
  });
});
