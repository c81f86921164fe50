import { expect, it } from 'vitest';
import { follow } from '../../src/app/follow.ts';
import type { Snapshot } from '../../src/core/report.ts';
import { LEASES } from '../../src/core/resources.ts';
import { EVERYWHERE, Stage, verdicts } from './stage.ts';

function following(stage: Stage) {
  const snapshots: Snapshot[] = [];
  const ended = (async () => {
    for await (const snapshot of follow(stage.cluster, stage.clock, EVERYWHERE, stage.signal.signal)) {
      snapshots.push(snapshot);
    }
  })();
  return { snapshots, ended };
}

it('who may list and not watch is shown the list, and told why it ends there', async () => {
  const stage = new Stage();
  await stage.leader('worker');
  stage.cluster.forbid({ verb: 'watch' });
  const { snapshots, ended } = following(stage);
  await expect(stage.run(ended, 5_000)).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('cannot watch'),
  });
  expect(verdicts(snapshots[0]!)).toEqual({ 'lease/worker': 'Healthy (clock)' });
  expect(stage.cluster.openWatches).toBe(0);
});

it('goes on where some kind may be watched', async () => {
  const stage = new Stage();
  await stage.leader('worker');
  stage.cluster.forbid({ verb: 'watch', resource: LEASES });
  const { snapshots, ended } = following(stage);
  await stage.clock.advance(60_000);
  stage.signal.abort();
  await stage.run(ended);
  expect(snapshots.length).toBeGreaterThan(0);
});
