import { describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASES } from '../../src/core/resources.ts';
import { depositionDocument } from '../../src/output/depose-document.ts';
import { DeposeStage, HOLDER, ME, NAME, recordIn } from './depose-stage.ts';

const BUSY = new LeaderError('throttled', 'too many requests', { retryAfterMs: 1_000 });
const HELD = /endpoints\/worker is held by this command and runs out by itself within 1\d(\.\d)? s/;

async function haunted(lock: 'leases' | 'endpointsleases' = 'leases') {
  const stage = new DeposeStage();
  await stage.ghost({ lock });
  stage.standbyPod('ccccc');
  return stage;
}

async function untilAlmostFreed(stage: DeposeStage): Promise<void> {
  while ((stage.progress.at(-1)?.elapsedMs ?? 0) < 17_800) await stage.step(50);
}

function relabelled(stage: DeposeStage, labels: Record<string, string>): void {
  const object = stage.cluster.peek(LEASES, 'default', NAME);
  stage.cluster.update({ ...object, metadata: { ...object.metadata, labels } });
}

describe('the holder claims the lock for longer than was shown', () => {
  it('nothing is written: the hold would be too short', async () => {
    const stage = new DeposeStage();
    const leader = await stage.leader(NAME);
    stage.standbyPod('ccccc');
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    leader.kill();
    stage.elector(HOLDER, { leaseDurationMs: 60_000, renewDeadlineMs: 40_000, retryPeriodMs: 2_000 });
    while (recordIn(stage)['leaseDurationSeconds'] !== 60) await stage.step(100);
    const result = await stage.run(stage.begin(examined, plan));
    const { text, verdict } = stage.tell(result, plan, examined);
    expect(text).toMatch(/^Not taken, it has changed meanwhile: .*for 60 s now, longer than was shown/);
    expect([verdict, recordIn(stage)['holderIdentity']]).toEqual(['unchanged', HOLDER]);
  });
});

describe('the lock was written shortly before it is freed', () => {
  it.each<[string, (stage: DeposeStage) => void]>([
    ['the last renewal, whose answer is lost', (stage) => stage.cluster.loseAnswer({ verb: 'patch' })],
    ['an edited label', (stage) => relabelled(stage, { team: 'x' })],
  ])('%s: this command itself is no successor', async (_, wrong) => {
    const stage = await haunted();
    const { text, result } = await stage.depose(
      async () => {
        await untilAlmostFreed(stage);
        wrong(stage);
      },
      {},
      { waitMs: 12_000 },
    );
    expect(result.ending).toMatchObject({ is: 'freed', outcome: { is: 'still-vacant' } });
    expect(text).toMatch(/nobody took the lock within 12 s/);
    expect(stage.happened()).not.toContain('holder-changed');
  });
});

describe('freeing fails for a moment', () => {
  it('at the end: it is tried again, and the lock is freed', async () => {
    const stage = await haunted();
    stage.standby('ddddd');
    const { verdict } = await stage.depose(async () => {
      while ((stage.progress.at(-1)?.elapsedMs ?? 0) < 18_900) await stage.step(50);
      stage.cluster.fail(BUSY, 2, { verb: 'patch' });
    });
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
  });

  it.each([BUSY, new LeaderError('unreachable', 'broke off')])('after ctrl-C: $code', async (error) => {
    const stage = await haunted();
    const { result } = await stage.depose(async (happens) => {
      await happens('holding');
      await stage.step(1_000);
      stage.cluster.fail(error, 1, { verb: 'patch' });
      stage.signal.abort();
    });
    expect([result.ending.is, recordIn(stage)['holderIdentity']]).toEqual(['freed', '']);
  });

  it('the first try arrives after it was given up: nobody else is said to have freed it', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    const patch = stage.cluster.patch.bind(stage.cluster);
    const deposed = stage.begin(examined, plan);
    await stage.until('holding');
    let landed = Promise.resolve();
    stage.cluster.patch = async (...args) => {
      stage.cluster.patch = patch;
      const [resource, namespace, name, body, preconditions, options] = args;
      const land = () => patch(resource, namespace, name, body, preconditions, options);
      landed = stage.clock.sleep(300).then(async () => void (await land()));
      throw new LeaderError('unreachable', 'broke off');
    };
    stage.signal.abort();
    expect((await stage.run(deposed)).ending.is).toBe('freed');
    await landed;
  });

  it('every write is answered 409: it is ours still, and that is said, to programs too', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const { text, result, plan } = await stage.deposeExamined(examined, {}, {}, async (happens) => {
      await happens('holding');
      await stage.step(1_000);
      stage.cluster.conflictOn(LEASES, 'default', NAME);
      stage.signal.abort();
    });
    const { report } = examined;
    const place = stage.cluster.context;
    const record = {
      ...{ place, report, commonCause: false, planned: plan, result },
      ...({ dryRun: 'none', notes: [] } as const),
    };
    expect(depositionDocument(record).outcome?.stillOurs).toEqual([
      { namespace: 'default', kind: 'lease', name: NAME, runsOutSeconds: expect.closeTo(14, 0) },
    ]);
    expect(text).toMatch(
      /could not be freed any more: every write is answered 409.*runs out by itself within 1\d/,
    );
  });

  it('whether it was freed cannot be read: that is said, and when it is told who holds it', async () => {
    const stage = await haunted();
    const { result, text, verdict } = await stage.depose(async (happens) => {
      await happens('holding');
      await stage.step(1_000);
      stage.cluster.loseAnswer({ verb: 'patch' });
      stage.cluster.fail(new LeaderError('unreachable', 'broke off'), 100, { verb: 'get' });
      stage.signal.abort();
    });
    expect([result.ending.is, verdict]).toEqual(['freeing-unknown', 'not-as-hoped']);
    expect(text).toMatch(
      /^Whether lease\/worker was freed by this command is not known.*nothing could be read since/,
    );
  });

  it('the watch does not begin: neither the renewals nor ctrl-C wait for it', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    stage.cluster.hang({ verb: 'list', resource: LEASES });
    const deposed = stage.begin(examined, plan);
    const begun = stage.clock.mono();
    await stage.until('renewed');
    expect(stage.clock.mono() - begun).toBeLessThan(4_000);
    stage.signal.abort();
    await stage.step(500);
    expect(recordIn(stage)['holderIdentity']).toBe('');
    expect((await stage.run(deposed)).ending.is).toBe('freed');
  });
});

describe('one half of a multilock', () => {
  it('cannot be taken for a moment: it is tried again', async () => {
    const stage = await haunted('endpointsleases');
    stage.standby('ddddd', { lock: 'endpointsleases' });
    const { verdict } = await stage.depose(async (happens) => {
      await happens('backed-up');
      stage.cluster.fail(BUSY, 3, { verb: 'patch', resource: LEASES });
    });
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
  });

  it('cannot be taken at all: the other one is freed again', async () => {
    const stage = await haunted('endpointsleases');
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    for (const elector of stage.electors) elector.kill();
    stage.cluster.fail(BUSY, 100, { verb: 'patch', resource: LEASES });
    const result = await stage.run(stage.begin(examined, plan));
    expect(result.ending).toMatchObject({ is: 'not-taken', ref: { kind: 'lease' } });
    expect(recordIn(stage, ENDPOINTS)['holderIdentity']).toBe('');
    expect(stage.tell(result, plan, examined).text).toMatch(
      /endpoints\/worker is not held by this command any more$/,
    );
  });

  it('is deleted while both are held: the other one is named, with how long it lasts', async () => {
    const stage = await haunted('endpointsleases');
    const { text, result } = await stage.depose(async (happens) => {
      await happens('renewed');
      stage.cluster.remove(LEASES, 'default', NAME);
    });
    expect(result.ending.is).toBe('lost');
    expect(text).toMatch(HELD);
  });

  it('cannot be freed though the other one was: it is named', async () => {
    const stage = await haunted('endpointsleases');
    const { text } = await stage.depose(async (happens) => {
      await happens('holding');
      await stage.step(500);
      stage.cluster.conflictOn(LEASES, 'default', NAME);
      stage.signal.abort();
    });
    expect(text).toMatch(/^Freed; .*lease\/worker is held by this command and runs out by itself within 1\d/);
  });
});

it('somebody makes the Lease something else while it is held: it is lost, and told', async () => {
  const stage = await haunted();
  const { text, result } = await stage.depose(async (happens) => {
    await happens('renewed');
    relabelled(stage, { tfstate: 'true' });
  });
  expect(result.ending.is).toBe('lost');
  expect(text).toMatch(
    new RegExp(
      `cannot be claimed any more, and is held by ${ME}.*lease/worker is held by this command and runs out`,
    ),
  );
});
