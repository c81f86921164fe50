import { describe, expect, it } from 'vitest';
import { follow } from '../../src/app/follow.ts';
import { LEASES } from '../../src/core/resources.ts';
import { endpointsLock } from '../support/objects.ts';
import { EVERYWHERE, Stage, verdicts } from './stage.ts';

const SELECTED = { ...EVERYWHERE, labelSelector: 'app=x' };

describe.each([
  ['a label selector leaves out', SELECTED, () => {}],
  [
    'may not be listed',
    EVERYWHERE,
    (stage: Stage) => stage.cluster.forbid({ verb: 'list', resource: LEASES }),
  ],
])('a renewed Lease that %s', (_, scope, restrict) => {
  it('stays well while its leftover half is followed, and costs few questions', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const renewTime = stage.clock.now() - 30 * 86_400_000;
    stage.cluster.create(endpointsLock({ name: 'worker', renewTime, labels: { app: 'x' } }));
    restrict(stage);
    stage.cluster.requests.length = 0;
    const told = new Set<string>();
    const ended = (async () => {
      for await (const snapshot of follow(stage.cluster, stage.clock, scope, stage.signal.signal)) {
        for (const verdict of Object.values(verdicts(snapshot))) told.add(verdict);
      }
    })();
    await stage.clock.advance(300_000);
    stage.signal.abort();
    await stage.run(ended);
    expect([...told]).toEqual(['Healthy (clock)', 'Healthy (watched)']);
    const asked = stage.cluster.requests.filter(({ verb }) => verb === 'get');
    expect(asked.length).toBeLessThan(30);
  });
});
