import { describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASES } from '../../src/core/resources.ts';
import { DeposeStage, NAME, recordIn, type Told } from './depose-stage.ts';

type Patch = DeposeStage['cluster']['patch'];

async function haunted(lock: 'leases' | 'endpointsleases' = 'leases') {
  const stage = new DeposeStage();
  await stage.ghost({ lock });
  stage.standbyPod('ccccc');
  return stage;
}

function broken(): LeaderError {
  return new LeaderError('unreachable', 'the connection broke off');
}

/** The next write goes another way. */
function nextPatch(stage: DeposeStage, way: (patch: Patch, ...args: Parameters<Patch>) => ReturnType<Patch>) {
  const patch = stage.cluster.patch.bind(stage.cluster);
  stage.cluster.patch = (...args) => {
    stage.cluster.patch = patch;
    return way(patch, ...args);
  };
}

/** Reading the lock fails slowly, so many times. */
function slowReads(stage: DeposeStage, times: number, everyMs: number): void {
  const get = stage.cluster.get.bind(stage.cluster);
  let left = times;
  stage.cluster.get = async (resource, ...rest) => {
    if (resource !== LEASES || left === 0) return get(resource, ...rest);
    left -= 1;
    await stage.clock.sleep(everyMs);
    throw broken();
  };
}

describe('the answer to the taking is lost', () => {
  it.each([
    ['it was taken, ran out, and another one has it', true],
    ['it was not taken, and another one has it', false],
  ])('%s: it does not claim that nothing was written', async (_, lands) => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    stage.standby('ddddd');
    nextPatch(stage, async (patch, ...args) => {
      if (lands) await patch(...args);
      else for (const elector of stage.electors) if (elector.leading) elector.kill();
      slowReads(stage, 9, 3_000);
      throw broken();
    });
    const result = await stage.run(stage.begin(examined, plan));
    const { text, verdict } = stage.tell(result, plan, examined);
    expect(recordIn(stage)['holderIdentity']).toMatch(/worker-ddddd/);
    expect([result.ending.is, verdict]).toEqual(['unknown', 'failed']);
    expect(text).toMatch(
      /^Whether lease\/worker was taken is not known, no answer came.*worker-ddddd\S* holds it now/,
    );
    expect(result.stillOurs).toEqual([]);
  });
});

describe('the freeing', () => {
  async function freedBy(
    way: Parameters<typeof nextPatch>[1],
    stage?: DeposeStage,
  ): Promise<Told & { stage: DeposeStage }> {
    const its = stage ?? (await haunted());
    const told = await its.depose(async (happens) => {
      await happens('holding');
      await its.step(1_000);
      nextPatch(its, way);
      its.signal.abort();
    });
    return { ...told, stage: its };
  }

  it('is sent twice by something on the way: the 409 to the second one is no loss', async () => {
    const { result } = await freedBy(async (patch, ...args) => {
      await patch(...args);
      return patch(...args);
    });
    expect(result.ending.is).toBe('freed');
  });

  it('is overtaken by somebody who frees it: that is told', async () => {
    const stage = await haunted();
    const { text } = await freedBy(async (patch, ...args) => {
      const object = stage.cluster.peek(LEASES, 'default', NAME);
      const spec = {
        ...(object.spec as object),
        holderIdentity: '',
        renewTime: '2020-01-01T00:00:00.000000Z',
      };
      stage.cluster.update({ ...object, spec });
      return patch(...args);
    }, stage);
    expect(text).toMatch(/was freed by somebody else/);
  });

  it('is lost, and nothing can be read: what is not known to be held is not called held', async () => {
    const stage = await haunted();
    const { text, result } = await freedBy(async (patch, ...args) => {
      await patch(...args);
      stage.cluster.fail(broken(), 100, { verb: 'get' });
      throw broken();
    }, stage);
    expect(result.ending.is).toBe('freeing-unknown');
    expect(text).not.toMatch(/is held by this command/);
    expect(text).toMatch(
      /nothing could be read since. If it was not, it runs out by itself within 1\d(\.\d)? s/,
    );
  });

  it('is lost, and another one has it by then: nothing is called held by this command', async () => {
    const stage = await haunted();
    const other = `${NAME}-fffff_x`;
    const { text, result } = await freedBy(async () => {
      const object = stage.cluster.peek(LEASES, 'default', NAME);
      stage.cluster.update({ ...object, spec: { ...(object.spec as object), holderIdentity: other } });
      throw broken();
    }, stage);
    expect(result).toMatchObject({
      ending: { is: 'freeing-unknown', now: { holder: other } },
      stillOurs: [],
    });
    expect(text).toMatch(/worker-fffff_x holds it\n/);
  });

  it('of the other half of a multilock is lost: it is not said that it failed', async () => {
    const stage = await haunted('endpointsleases');
    await stage.depose(async (happens) => {
      await happens('holding');
      await stage.step(1_000);
      stage.cluster.fail(broken(), 100, { verb: 'patch', resource: LEASES });
      stage.signal.abort();
    });
    expect(stage.said()).toContainEqual(expect.stringMatching(/^lease\/worker was not seen to be freed/));
  });
});

describe('what is answered is not what was written', () => {
  it('something on the server keeps the old holder: the lock is not called taken', async () => {
    const stage = await haunted();
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    stage.cluster.patch = (resource, namespace, name) => {
      const object = stage.cluster.peek(resource, namespace, name);
      stage.cluster.update({
        ...object,
        spec: { ...(object.spec as object), renewTime: '2030-01-01T00:00:00.000000Z' },
      });
      return Promise.resolve({ object: stage.cluster.peek(resource, namespace, name), serverTime: null });
    };
    const result = await stage.run(stage.begin(examined, plan));
    expect(stage.happened()).not.toContain('taken');
    expect(result.ending).toMatchObject({ is: 'not-taken', error: { code: 'invalid' } });
  });
});
