import { describe, expect, it } from 'vitest';
import { isLeaderError, LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASES } from '../../src/core/resources.ts';
import { lease } from '../support/objects.ts';
import { DeposeStage, HOLDER, ME, NAME, recordIn, writes } from './depose-stage.ts';
import { UUID } from './stage.ts';

const OTHER = `${NAME}-fffff_${UUID}`;

function conflict(): LeaderError {
  return new LeaderError('conflict', 'the object has been modified');
}

function broken(): LeaderError {
  return new LeaderError('unreachable', 'the connection broke off');
}

/** A stage with a ghost, and somebody who could take over but does not campaign. */
async function haunted(lock: 'leases' | 'endpointsleases' = 'leases') {
  const stage = new DeposeStage();
  await stage.ghost({ lock });
  stage.standbyPod('ccccc');
  return stage;
}

function foreign(stage: DeposeStage, holder: string): void {
  const object = stage.cluster.peek(LEASES, 'default', NAME);
  stage.cluster.update({ ...object, spec: { ...(object.spec as object), holderIdentity: holder } });
}

function edited(stage: DeposeStage): void {
  const object = stage.cluster.peek(LEASES, 'default', NAME);
  stage.cluster.update({ ...object, metadata: { ...object.metadata, labels: { team: 'x' } } });
}

const INTERFERENCE: { what: string; does: (stage: DeposeStage) => void; says: RegExp }[] = [
  {
    what: 'another holder takes it',
    does: (stage) => foreign(stage, OTHER),
    says: /was taken by worker-fffff/,
  },
  { what: 'somebody frees it', does: (stage) => foreign(stage, ''), says: /was freed by somebody else/ },
  {
    what: 'somebody deletes it',
    does: (stage) => stage.cluster.remove(LEASES, 'default', NAME),
    says: /was deleted by somebody else/,
  },
  {
    what: 'somebody deletes it and its holder makes it anew',
    does: (stage) => {
      stage.cluster.remove(LEASES, 'default', NAME);
      stage.cluster.create(lease({ name: NAME, holder: HOLDER }));
    },
    says: /was deleted and made anew, and is held by worker-zkb5w/,
  },
];

describe('before it is taken', () => {
  it.each(INTERFERENCE)('$what: nothing is written', async ({ does, says }) => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    for (const elector of stage.electors) elector.kill();
    does(stage);
    const before = stage.cluster.store.revision;
    const result = await stage.run(stage.begin(examined, plan));
    expect(result.ending.is).toBe('changed');
    const told = stage.tell(result, plan, examined);
    expect(told.text).toMatch(says);
    expect(told.text).toMatch(/^Not taken, it has changed meanwhile/);
    expect(told.verdict).toBe('unchanged');
    expect([writes(stage), stage.cluster.store.revision]).toEqual([[], before]);
  });

  it('its holder renews while the user decides: it is taken all the same', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    await stage.clock.advance(120_000);
    const deposed = stage.begin(examined, plan);
    await stage.until('holding');
    expect(recordIn(stage)['holderIdentity']).toBe(ME);
    stage.signal.abort();
    await stage.run(deposed);
  });

  it('its holder renews underneath: it is tried again, and told', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    stage.cluster.fail(conflict(), 3, { verb: 'patch' });
    const deposed = stage.begin(examined, plan);
    await stage.until('holding');
    expect(stage.said()).toContain('lease/worker taken after 4 tries: its holder renewed underneath');
    stage.signal.abort();
    await stage.run(deposed);
  });

  it('another holder takes it between two tries: it is left alone', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    for (const elector of stage.electors) elector.kill();
    stage.cluster.fail(conflict(), 1, { verb: 'patch' });
    const deposed = stage.begin(examined, plan);
    await stage.clock.settle();
    foreign(stage, OTHER);
    const result = await stage.run(deposed);
    expect(result.ending).toMatchObject({ is: 'changed', standing: { is: 'taken', by: OTHER } });
    expect(recordIn(stage)['holderIdentity']).toBe(OTHER);
  });

  it('every write is answered 409: it is given up after some tries, and release is named', async () => {
    const stage = await haunted();
    stage.cluster.conflictOn(LEASES, 'default', NAME);
    const examined = await stage.examine();
    // Its holder cannot renew either by now, so the plan is one that was forced.
    const { text, verdict } = await stage.deposeExamined(examined, { force: true });
    expect(text).toMatch(
      /^lease\/worker was not taken: .*\nEvery write was answered 409.*only release helps/,
    );
    expect(verdict).toBe('failed');
    expect(writes(stage).length).toBeLessThan(10);
  });

  it('it may not be written to: the missing right is named', async () => {
    const stage = await haunted();
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const { text, verdict } = await stage.depose();
    expect(text).toMatch(/was not taken: .*cannot patch resource "leases".*\nask for the right to patch/);
    expect(verdict).toBe('failed');
  });

  it('one half of a multilock may not be written to: the other one is not touched either', async () => {
    const stage = await haunted('endpointsleases');
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const { verdict } = await stage.depose();
    expect(verdict).toBe('failed');
    expect(recordIn(stage, ENDPOINTS)['holderIdentity']).toBe(HOLDER);
    expect(writes(stage).every((write) => write.endsWith('(dry run)'))).toBe(true);
  });

  it('no backup can be kept: nothing is written', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const save = () => Promise.reject(new Error('disk full'));
    const deposed = stage.begin(examined, await stage.plan(examined), { save });
    await expect(stage.run(deposed)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/nothing was written.*disk full/),
    });
    expect(writes(stage)).toEqual([]);
  });
});

describe('while it is held', () => {
  it.each(INTERFERENCE)('$what: it stops at once and touches nothing more', async ({ does, says }) => {
    const stage = await haunted();
    let written = 0;
    const { text, verdict, result } = await stage.depose(async (happens) => {
      await happens('renewed');
      for (const elector of stage.electors) elector.kill();
      does(stage);
      written = writes(stage).length;
    });
    expect(text).toMatch(/^Stopped, nothing more is written: while it was held, lease\/worker was /);
    expect(text).toMatch(says);
    expect([verdict, result.ending.is]).toEqual(['not-as-hoped', 'lost']);
    // The one write that met the 409, and no other.
    expect(writes(stage)).toHaveLength(written + 1);
    expect(result.heldMs).toBeLessThan(5_000);
  });

  it('the other half of a multilock is taken: it stops, and leaves the first one alone', async () => {
    const stage = await haunted('endpointsleases');
    const { result } = await stage.depose(async (happens) => {
      await happens('renewed');
      foreign(stage, OTHER);
    });
    expect(result.ending).toMatchObject({ is: 'lost', ref: { kind: 'lease' } });
    expect(recordIn(stage, ENDPOINTS)['holderIdentity']).toBe(ME);
    expect(recordIn(stage, LEASES)['holderIdentity']).toBe(OTHER);
  });

  it('somebody edits a label: the lock still is ours, so it goes on', async () => {
    const stage = await haunted();
    stage.standby('ddddd');
    const { verdict } = await stage.depose(async (happens) => {
      await happens('renewed');
      edited(stage);
    });
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
    expect(stage.cluster.peek(LEASES, 'default', NAME).metadata.labels).toEqual({ team: 'x' });
  });

  it('the answer to a renewal is lost: the next one shows that it is ours', async () => {
    const stage = await haunted();
    stage.standby('ddddd');
    const { verdict } = await stage.depose(async (happens) => {
      await happens('renewed');
      stage.cluster.loseAnswer({ verb: 'patch' });
    });
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
    expect(stage.happened()).toContain('not-renewed');
  });

  it('the connection is down for a while: it renews again as soon as it can', async () => {
    const stage = await haunted();
    stage.standby('ddddd');
    const { verdict } = await stage.depose(async (happens) => {
      await happens('renewed');
      stage.cluster.disconnect();
      await stage.step(6_000);
      stage.cluster.reconnect();
    });
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
  });

  it('the connection is lost for good: it gives up like a leader, and a candidate leads as after any death', async () => {
    const stage = await haunted();
    const standby = stage.standby('ddddd');
    const { text, verdict, result } = await stage.depose(async (happens) => {
      await happens('renewed');
      stage.cluster.disconnect();
    });
    expect(result.ending.is).toBe('cut-off');
    expect(text).toMatch(
      /could not be renewed any more: .*It runs out by itself within 1\d(\.\d)? s, and a candidate takes it/,
    );
    expect(verdict).toBe('not-as-hoped');
    for (let passed = 0; passed < 15_000 + 2 * 4_400 && !standby.leading; passed += 100)
      await stage.step(100);
    expect([standby.leading, stage.mostLeaders]).toEqual([true, 1]);
  });

  it('its right is taken away: it gives up in time', async () => {
    const stage = await haunted();
    const { result } = await stage.depose(async (happens) => {
      await happens('renewed');
      stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    });
    expect(result.ending).toMatchObject({ is: 'cut-off', error: { code: 'forbidden' } });
    expect(result.heldMs).toBeLessThan(16_000);
  });
});

describe('when no answer comes to the taking', () => {
  it('that did happen: it is found out, and goes on', async () => {
    const stage = await haunted();
    stage.standby('ddddd');
    stage.cluster.loseAnswer({ verb: 'patch' });
    expect((await stage.depose()).verdict).toBe('as-hoped');
    expect(stage.mostLeaders).toBe(1);
  });

  it('and a proxy sent it twice: the 409 to the second one is no obstacle', async () => {
    const stage = await haunted();
    stage.standby('ddddd');
    stage.cluster.loseAnswer({ verb: 'patch' }, 1, conflict());
    expect((await stage.depose()).verdict).toBe('as-hoped');
    expect(stage.mostLeaders).toBe(1);
  });

  it.each([broken(), new LeaderError('throttled', 'too many requests', { retryAfterMs: 1_500 })])(
    'that never arrived ($code): it is tried again',
    async (error) => {
      const stage = await haunted();
      stage.standby('ddddd');
      stage.cluster.fail(error, 2, { verb: 'patch' });
      expect([(await stage.depose()).verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
    },
  );

  it('and it does not seem to have arrived, but may still: it says that it does not know', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    for (const elector of stage.electors) elector.kill();
    stage.cluster.fail(broken(), 100, { verb: 'patch' });
    const result = await stage.run(stage.begin(examined, plan));
    const { text, verdict } = stage.tell(result, plan, examined);
    expect([result.ending.is, verdict]).toEqual(['unknown', 'failed']);
    expect(text).toMatch(/^Whether lease\/worker was taken is not known/);
    expect(writes(stage).length).toBeLessThan(12);
  });

  it('and the user leaves: it does not claim that nothing was written', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    for (const elector of stage.electors) elector.kill();
    stage.cluster.hang({ verb: 'patch' });
    const deposed = stage.begin(examined, plan);
    while (writes(stage).length === 0) await stage.step(10);
    stage.signal.abort();
    expect((await stage.run(deposed)).ending.is).toBe('unknown');
    expect(writes(stage)).toHaveLength(1);
  });

  it('and nothing can be read afterwards: it says that it does not know', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    stage.cluster.loseAnswer({ verb: 'patch' });
    stage.cluster.latencyMs = 100;
    const deposed = stage.begin(examined, plan);
    while (writes(stage).length === 0) await stage.step(10);
    stage.cluster.hang({ verb: 'get', resource: LEASES });
    const result = await stage.run(deposed);
    const { text, verdict } = stage.tell(result, plan, examined);
    expect(text).toMatch(
      /^Whether lease\/worker was taken is not known.* If it was, or still is, it runs out by itself within 15 s/,
    );
    expect(verdict).toBe('failed');
  });
});

describe('when it is to be freed', () => {
  /** Lets the holding end with something that then goes wrong. */
  async function atTheEnd(wrong: (stage: DeposeStage) => void) {
    const stage = await haunted();
    stage.standby('ddddd');
    const told = await stage.depose(async (happens) => {
      await happens('told');
      while (stage.progress.at(-1)!.elapsedMs < 18_900) await stage.step(50);
      wrong(stage);
    });
    return { stage, ...told };
  }

  it('another one has taken it since the last renewal: it is left alone', async () => {
    const { stage, text, result } = await atTheEnd((stage) => foreign(stage, OTHER));
    expect(result.ending).toMatchObject({ is: 'lost', standing: { is: 'taken', by: OTHER } });
    expect(text).toMatch(/was taken by worker-fffff/);
    expect(recordIn(stage)['holderIdentity']).toBe(OTHER);
  });

  it('a label was edited since the last renewal: it is freed all the same', async () => {
    const { verdict } = await atTheEnd(edited);
    expect(verdict).toBe('as-hoped');
  });

  it('the answer is lost: it is found out', async () => {
    const { stage, verdict } = await atTheEnd((stage) => stage.cluster.loseAnswer({ verb: 'patch' }));
    expect(verdict).toBe('as-hoped');
    expect(stage.mostLeaders).toBe(1);
  });

  it('it cannot be freed: that it runs out is said, and it does', async () => {
    const { stage, text, verdict } = await atTheEnd((stage) => stage.cluster.forbid({ verb: 'patch' }));
    expect(text).toMatch(
      /^lease\/worker could not be freed any more: .*It runs out by itself within 1[345](\.\d)? s/,
    );
    expect(verdict).toBe('not-as-hoped');
    await stage.step(25_000);
    expect(recordIn(stage)['holderIdentity']).toMatch(/worker-ddddd/);
  });
});

describe('an interruption', () => {
  it('before the lock is taken leaves everything as it was', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    stage.signal.abort();
    await expect(stage.run(stage.begin(examined, plan))).rejects.toSatisfy((error) =>
      isLeaderError(error, 'interrupted'),
    );
    expect(writes(stage)).toEqual([]);
  });

  it('while it is held frees it properly, and says that two may lead', async () => {
    const stage = await haunted();
    const { interruption, result } = await stage.depose(async (happens) => {
      await happens('holding');
      await stage.step(3_000);
      stage.signal.abort();
    });
    expect(result).toMatchObject({
      interrupted: true,
      ending: { is: 'freed', outcome: { is: 'not-waited' } },
    });
    expect(interruption).toMatch(
      /^Interrupted after 3(\.\d)? s of 19 s: worker-zkb5w_\S+ may not have stopped yet, so two may lead for up to 16 s$/,
    );
    expect(recordIn(stage)).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  });

  it('between the two halves of a multilock: both are taken, and both freed', async () => {
    const stage = await haunted('endpointsleases');
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    stage.cluster.latencyMs = 50;
    const deposed = stage.begin(examined, plan);
    while (!stage.events.some(({ is }) => is === 'taken')) await stage.step(10);
    stage.signal.abort();
    const result = await stage.run(deposed);
    expect(result).toMatchObject({ interrupted: true, ending: { is: 'freed' } });
    for (const resource of [ENDPOINTS, LEASES]) expect(recordIn(stage, resource)['holderIdentity']).toBe('');
  });

  it('while waiting for a takeover ends the waiting: the old holder has had its time', async () => {
    const stage = await haunted();
    const { interruption, result, text } = await stage.depose(async (happens) => {
      await happens('freed');
      stage.signal.abort();
    });
    expect([interruption, result.interrupted]).toEqual([null, true]);
    expect(text).toBe('Freed; who takes it was not waited for');
  });
});

describe('two who depose at once', () => {
  it('one takes it, the other one writes nothing', async () => {
    const [stage, second] = [await haunted(), new DeposeStage()];
    stage.standby('ddddd');
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    const other = await stage.plan(examined, { identity: ME.replace('ann', 'bob') });
    const first = stage.begin(examined, plan);
    await stage.until('holding');
    const late = await stage.run(stage.begin(examined, other));
    expect(late.ending).toMatchObject({ is: 'changed', standing: { is: 'taken', by: ME } });
    expect(second.events).toEqual([]);
    const { verdict } = stage.tell(await stage.run(first), plan, examined);
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
  });

  it('who comes later is told that it is being done, and by whom', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const deposed = stage.begin(examined, await stage.plan(examined));
    await stage.until('holding');
    const { planned } = await stage.decide(await stage.examine(), { force: true });
    expect(planned).toMatchObject({ is: 'refusal', code: 'being-deposed', forceable: false });
    stage.signal.abort();
    await stage.run(deposed).catch(() => {});
  });
});
