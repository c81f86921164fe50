import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PODS } from '../../src/core/resources.ts';
import { afflict, anyFaults } from './afflicted.ts';
import { NAME, ReleaseStage } from './release-stage.ts';
import { UUID } from './stage.ts';

const CASES = fc.record({
  faults: anyFaults(4, { alsoTwice: false }),
  strategy: fc.constantFrom('vacate', 'delete'),
  /** Its holder renews all the time, and it is released by force. */
  renewed: fc.boolean(),
});

it('whatever is lost on the way, what is said of each write is true, and none is made twice', async () => {
  await fc.assert(
    fc.asyncProperty(CASES, async ({ faults, strategy, renewed }) => {
      const stage = new ReleaseStage();
      const leader = await stage.leader(NAME, { lock: faults.lock });
      stage.cluster.remove(PODS, 'default', `${NAME}-zkb5w`);
      if (!renewed) leader.kill();
      const examined = await stage.examine();
      const plan = stage.plan(examined, { strategy, force: true });
      stage.standbyPod('ccccc');
      if (faults.standby) stage.elector(`${NAME}-ccccc_${UUID}`, { name: NAME, lock: faults.lock });
      const landed = afflict(stage, faults);
      const begun = stage.begin(examined, plan, { waitMs: 10_000 });
      const released = await stage.run(begun, 300_000).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'interrupted' });
        return null;
      });
      await stage.clock.advance(30_000);
      expect(landed).toEqual([...new Set(landed)]);
      if (released === null) {
        expect(landed).toEqual([]);
        return;
      }
      const { said } = stage.told(examined, plan, released);
      const writes = released.writes.map(({ step, result }) => ({
        happened: landed.includes(step.ref.kind === 'lease' ? 'leases' : 'endpoints'),
        is: result.is,
      }));
      for (const { happened, is } of writes) {
        if (is !== 'unknown') expect([said, happened]).toEqual([said, is === 'written']);
      }
      // After one that did not succeed nothing more is written.
      const stopped = writes.findIndex(({ is }) => is !== 'written');
      if (stopped >= 0) expect(stopped).toBe(writes.length - 1);
    }),
    { numRuns: 150 },
  );
}, 120_000);
