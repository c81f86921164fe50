import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeposeEnding } from '../../src/core/depose-result.ts';
import { type LockRef, lockId } from '../../src/core/lock.ts';
import { ENDPOINTS, LEASES } from '../../src/core/resources.ts';
import { afflict, anyFaults } from './afflicted.ts';
import { DeposeStage, ME, NAME, recordIn } from './depose-stage.ts';

function holderIn(stage: DeposeStage, { kind }: LockRef): unknown {
  return recordIn(stage, kind === 'lease' ? LEASES : ENDPOINTS)['holderIdentity'];
}

/** Whether our claim ever stood in an object of the lock. */
function wasEverOurs(stage: DeposeStage): boolean {
  return stage.cluster.store.changes.some(
    ({ object }) => object.metadata.name === NAME && JSON.stringify(object).includes(ME),
  );
}

/** Whether it is said that nobody knows whose this half is. */
function isOpen(ending: DeposeEnding, ref: LockRef): boolean {
  return (ending.is === 'unknown' || ending.is === 'freeing-unknown') && lockId(ending.ref) === lockId(ref);
}

it('whatever is lost on the way, two never lead by it, and nothing untrue is said of the lock', async () => {
  await fc.assert(
    fc.asyncProperty(anyFaults(25, { alsoTwice: true }), async (faults) => {
      const stage = new DeposeStage();
      await stage.ghost({ lock: faults.lock });
      if (faults.standby) stage.standby('ccccc', { lock: faults.lock });
      else stage.standbyPod('ccccc');
      const examined = await stage.examine();
      const plan = await stage.plan(examined);
      afflict(stage, faults);
      const begun = stage.begin(examined, plan, { waitMs: 10_000 });
      const result = await stage.run(begun).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'interrupted' });
        return null;
      });
      if (result === null) {
        // It was said that nothing was written, and nothing ever is.
        await stage.step(30_000);
        expect(wasEverOurs(stage)).toBe(false);
        return;
      }
      const { ending, stillOurs, events } = result;
      const { text } = stage.tell(result, plan, examined);
      if (!result.interrupted) expect([text, stage.mostLeaders]).toEqual([text, 1]);
      // There is nobody else who frees it or makes it anew.
      expect(text).not.toMatch(/by somebody else|made anew|cannot be claimed/);
      for (const { ref } of plan.halves) {
        if (isOpen(ending, ref)) continue;
        const said = stillOurs.some((half) => lockId(half.ref) === lockId(ref));
        const doubted = events.some((event) => event.is === 'not-freed' && lockId(event.ref) === lockId(ref));
        const ours = holderIn(stage, ref) === ME;
        if (ours || (said && !doubted)) expect([text, said, ours]).toEqual([text, true, true]);
      }
      if ((ending.is === 'changed' || ending.is === 'not-taken') && ending.taken.length === 0) {
        await stage.step(30_000);
        expect([text, wasEverOurs(stage)]).toEqual([text, false]);
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);
