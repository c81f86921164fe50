import { describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASES } from '../../src/core/resources.ts';
import { NAME, orphan, recordIn, stored, writes } from './release-stage.ts';

describe('when a write fails', () => {
  it('for want of a right, the right is named and nothing was written', async () => {
    const stage = await orphan();
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const { ending, said, result } = await stage.release();
    expect(said).toMatch(/lease\/worker was not vacated: .*cannot patch resource "leases"/);
    expect([ending, result.aftermath]).toEqual(['failed', null]);
  });

  it('of the first half, the second one is not touched', async () => {
    const stage = await orphan('endpointsleases');
    stage.cluster.forbid({ verb: 'patch', resource: ENDPOINTS });
    const { ending } = await stage.release();
    expect([ending, writes(stage)]).toEqual(['failed', ['patch endpoints']]);
  });

  it('after the first half, it says what is done, and how to finish', async () => {
    const stage = await orphan('endpointsleases');
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const { resourceVersion, uid } = stored(stage).metadata;
    const { said, ending } = await stage.release({}, { waitMs: null });
    expect(said).toMatch(/^endpoints\/worker vacated\nlease\/worker was not vacated: /);
    expect(said).toMatch(/Half done: endpoints\/worker is vacated, lease\/worker is not/);
    expect(said).toMatch(
      /To finish: kubectl -n default patch leases\.coordination\.k8s\.io worker --type merge -p '\{.*\}'/,
    );
    expect(said).toContain(`"uid":"${uid}","resourceVersion":"${resourceVersion}"`);
    expect(ending).toBe('not-as-hoped');
  });

  it('after the first half, candidates still get the lock', async () => {
    const stage = await orphan('endpointsleases');
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    stage.cluster.fail(new LeaderError('throttled', 'busy'), 1, { verb: 'patch', resource: LEASES });
    stage.elector(stage.standbyPod('aaaaa'), { name: NAME, lock: 'endpointsleases' });
    const result = await stage.run(stage.begin(examined, plan));
    const { said, ending } = stage.told(examined, plan, result);
    expect(said).toMatch(/Half done[\s\S]*Taken over by worker-aaaaa/);
    expect(ending).toBe('as-hoped');
  });
});

describe('when no answer comes to a write', () => {
  it('that did happen, it is found out', async () => {
    const stage = await orphan();
    stage.cluster.loseAnswer({ verb: 'patch' });
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    stage.elector(stage.standbyPod('aaaaa'), { name: NAME });
    const result = await stage.run(stage.begin(examined, plan));
    const { said, ending } = stage.told(examined, plan, result);
    expect(said).toMatch(
      /^lease\/worker vacated: no answer came, but it was seen to have happened\nTaken over by/,
    );
    expect(ending).toBe('as-hoped');
    expect(writes(stage)).toHaveLength(1);
  });

  it('that deleted the object, it is found out', async () => {
    const stage = await orphan();
    stage.cluster.loseAnswer({ verb: 'delete' });
    const { said } = await stage.release({ strategy: 'delete' }, { waitMs: 1_000 });
    expect(said).toMatch(/^lease\/worker deleted: no answer came, but it was seen/);
  });

  it('that has not arrived, it is not sent again, and it is said that it may still', async () => {
    const stage = await orphan();
    stage.cluster.fail(new LeaderError('unreachable', 'the connection broke off'), 1, { verb: 'patch' });
    const { said, ending } = await stage.release();
    expect([said, ending]).toEqual([
      expect.stringMatching(/^Whether lease\/worker was vacated is not known/),
      'failed',
    ]);
    expect(writes(stage)).toHaveLength(1);
  });

  it('and nothing can be read afterwards, it says that it does not know', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    stage.cluster.loseAnswer({ verb: 'patch' });
    const released = stage.begin(examined, plan);
    stage.cluster.hang({ verb: 'get', resource: LEASES });
    const result = await stage.run(released, 300_000);
    const { said, ending } = stage.told(examined, plan, result);
    expect(said).toMatch(
      /^Whether lease\/worker was vacated is not known, no answer came: .*\nSee how it stands/,
    );
    expect(ending).toBe('failed');
  });

  it('for long, it is given up', async () => {
    const stage = await orphan();
    stage.cluster.hang({ verb: 'patch' });
    const { ending, result } = await stage.release();
    expect([ending, result.writes[0]?.result.is]).toEqual(['failed', 'unknown']);
  });
});

describe('an interruption', () => {
  it('while watching leaves everything as it was', async () => {
    const stage = await orphan();
    const { revision } = stage.cluster.store;
    const examined = stage.examine();
    await stage.clock.advance(5_000);
    stage.signal.abort();
    await expect(examined).rejects.toMatchObject({ code: 'interrupted' });
    expect(stage.cluster.store.revision).toBe(revision);
  });

  it('before the first write leaves everything as it was', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    stage.signal.abort();
    await expect(stage.run(stage.begin(examined, plan))).rejects.toMatchObject({ code: 'interrupted' });
    expect(writes(stage)).toEqual([]);
  });

  it('between the two halves: both are written, and that is told', async () => {
    const stage = await orphan('endpointsleases');
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    stage.cluster.latencyMs = 200;
    const released = stage.begin(examined, plan);
    await stage.clock.advance(300);
    expect(writes(stage)).toEqual(['patch endpoints']);
    stage.signal.abort();
    const result = await stage.run(released);
    expect(result).toMatchObject({ interrupted: true, aftermath: { is: 'not-waited' } });
    expect(result.writes.map(({ result: { is } }) => is)).toEqual(['written', 'written']);
    for (const resource of [ENDPOINTS, LEASES])
      expect(recordIn(stage, resource)).toMatchObject({ holderIdentity: '' });
  });

  it('while a write hangs ends it after a few seconds, and what is true is told', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    stage.cluster.hang({ verb: 'patch' });
    const released = stage.begin(examined, stage.plan(examined));
    await stage.clock.advance(1_000);
    stage.signal.abort();
    const from = stage.clock.mono();
    const result = await stage.run(released);
    expect(stage.clock.mono() - from).toBeLessThan(5_000);
    expect(result.writes[0]?.result.is).toBe('unknown');
    expect(result.interrupted).toBe(true);
  });

  it('while waiting tells what was done, and claims nothing', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    const released = stage.begin(examined, stage.plan(examined));
    await stage.clock.advance(3_000);
    stage.signal.abort();
    const result = await stage.run(released);
    expect(result).toMatchObject({
      interrupted: true,
      aftermath: { is: 'not-waited' },
      writes: [{ result: { is: 'written' } }],
    });
  });
});
