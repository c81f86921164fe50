import { expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { Stage } from './stage.ts';
import { Viewer } from './viewer.ts';

const HOURS = 8 * 3_600_000;

function skewOf(viewer: Viewer, name: string): number | null | undefined {
  return viewer.locks.get(`default/lease/${name}`)?.report.renewal.holderSkewMs;
}

it.each([
  ['', 0],
  [', also where the network takes a while to come up', 1],
])(
  'after a sleep that the monotonic clock did not notice no holder’s clock is called wrong%s',
  async (_, failures) => {
    const stage = new Stage();
    await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(20_000);
    stage.clock.skewWall(HOURS);
    const error = new LeaderError('unreachable', 'no answer');
    stage.cluster.fail(error, failures, { verb: 'list' });
    await stage.clock.advance(10_000);
    expect(Math.abs(viewer.last.takenAt - stage.cluster.serverNow())).toBeLessThan(1_500);
    expect(skewOf(viewer, 'worker')).toBeNull();
    await viewer.end();
  },
);

it('nor is that of a holder that was last heard of before the sleep', async () => {
  const stage = new Stage();
  const silent = await stage.leader('silent');
  const viewer = new Viewer(stage);
  await stage.clock.advance(20_000);
  silent.kill();
  stage.clock.skewWall(HOURS);
  await stage.clock.advance(60_000);
  expect(viewer.told.get('default/lease/silent')?.at(-1)).toBe('Frozen watched');
  expect(skewOf(viewer, 'silent')).toBeNull();
  await viewer.end();
});

it('asks for the time once, and only after a sleep', async () => {
  const stage = new Stage();
  await stage.leader('worker');
  const viewer = new Viewer(stage);
  await stage.clock.advance(10_000);
  stage.cluster.requests.length = 0;
  await stage.clock.advance(60_000);
  expect(stage.cluster.requests).toEqual([]);
  stage.clock.skewWall(HOURS);
  await stage.clock.advance(60_000);
  expect(stage.cluster.requests).toHaveLength(1);
  await viewer.end();
});
