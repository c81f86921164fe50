import { expect, it } from 'vitest';
import { PODS, resourceName } from '../../src/core/resources.ts';
import { daemonSet, lease, pod } from '../support/objects.ts';
import { Stage, UUID } from './stage.ts';
import { Viewer } from './viewer.ts';

const HOUR = 3_600_000;

/** A Lease whose holder is gone, and with it everything that could take it. */
async function abandoned() {
  const stage = new Stage();
  const renewTime = stage.clock.now() - HOUR;
  stage.cluster.create(lease({ name: 'worker', holder: `worker-zkb5w_${UUID}`, renewTime }));
  const viewer = new Viewer(stage);
  await stage.clock.advance(60_000);
  const told = () => viewer.told.get('default/lease/worker')?.at(-1);
  expect(told()).toBe('Abandoned watched');
  return { stage, viewer, told };
}

it('a lock is abandoned no more when a candidate starts that cannot take it', async () => {
  const { stage, viewer, told } = await abandoned();
  stage.cluster.create(daemonSet({ name: 'worker' }));
  stage.cluster.create(pod({ name: 'worker-x7k2p', owner: { kind: 'DaemonSet', name: 'worker' } }));
  await stage.clock.advance(35_000);
  expect(told()).toBe('Orphaned watched');
  expect(viewer.locks.get('default/lease/worker')?.report.candidates).toBe(1);
  await viewer.end();
});

it('candidates are counted twice a minute at most, however many pods come and go', async () => {
  const { stage, viewer } = await abandoned();
  stage.cluster.requests.length = 0;
  for (let second = 0; second < 120; second += 1) {
    stage.cluster.create(pod({ name: `job-${second}` }));
    await stage.clock.advance(1_000);
  }
  const rows = stage.cluster.requests.filter(
    ({ resource, projection }) => resource === resourceName(PODS) && projection === 'rows',
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThanOrEqual(5);
  await viewer.end();
});
