import { describe, expect, it } from 'vitest';
import type { LsScope } from '../../src/app/first-look.ts';
import { follow } from '../../src/app/follow.ts';
import { LiveSources } from '../../src/app/live-sources.ts';
import { LEASES, resourceName } from '../../src/core/resources.ts';
import { endpointsLock } from '../support/objects.ts';
import { EVERYWHERE, Stage, verdicts } from './stage.ts';

const SELECTED = { ...EVERYWHERE, labelSelector: 'app=x' };

/** A Lease that is renewed, and beside it the half that a migration left behind. */
async function migrated() {
  const stage = new Stage();
  const elector = await stage.leader('worker');
  const renewTime = stage.clock.now() - 30 * 86_400_000;
  stage.cluster.create(endpointsLock({ name: 'worker', renewTime, labels: { app: 'x' } }));
  return { stage, elector };
}

/** What is told of the lock, each time that it is something else. */
function following(stage: Stage, scope: LsScope) {
  const told: string[] = [];
  const ended = (async () => {
    for await (const snapshot of follow(stage.cluster, stage.clock, scope, stage.signal.signal)) {
      told.push(...Object.values(verdicts(snapshot)).filter((verdict) => verdict !== told.at(-1)));
    }
  })();
  const end = async (): Promise<void> => {
    stage.signal.abort();
    await stage.run(ended);
  };
  return { told, end };
}

describe.each([
  ['a label selector leaves out', SELECTED, () => {}],
  [
    'may not be listed',
    EVERYWHERE,
    (stage: Stage) => stage.cluster.forbid({ verb: 'list', resource: LEASES }),
  ],
])('a renewed Lease that %s', (_, scope, restrict) => {
  it('stays well while its leftover half is followed, and costs few questions', async () => {
    const { stage } = await migrated();
    restrict(stage);
    stage.cluster.requests.length = 0;
    const list = following(stage, scope);
    await stage.clock.advance(300_000);
    await list.end();
    expect(list.told).toEqual(['Healthy (clock)', 'Healthy (watched)']);
    const asked = stage.cluster.requests.filter(({ verb }) => verb === 'get');
    expect(asked.length).toBeLessThan(30);
  });

  it('stays well when its kind is listed anew without it', async () => {
    const { stage } = await migrated();
    restrict(stage);
    const list = following(stage, scope);
    await stage.clock.advance(60_000);
    stage.cluster.disconnect({ watchesOnly: true });
    await stage.clock.advance(5_000);
    stage.cluster.compact();
    stage.cluster.reconnect();
    await stage.clock.advance(60_000);
    await list.end();
    expect(list.told).toEqual(['Healthy (clock)', 'Healthy (watched)']);
  });

  it('is accused when it is renewed no more, and well again when it is', async () => {
    const { stage, elector } = await migrated();
    restrict(stage);
    const list = following(stage, scope);
    await stage.clock.advance(60_000);
    expect(list.told.at(-1)).toBe('Healthy (watched)');
    elector.freeze();
    await stage.clock.advance(90_000);
    expect(list.told.at(-1)).toBe('Frozen (clock)');
    elector.thaw();
    await stage.clock.advance(90_000);
    expect(list.told.at(-1)).toBe('Healthy (watched)');
    await list.end();
  });
});

it('a Lease that was read by its name, because its kind took long to be listed, is watched from then on', async () => {
  const { stage, elector } = await migrated();
  const goOn = stage.cluster.hang({ verb: 'list', resource: LEASES });
  const list = following(stage, EVERYWHERE);
  await stage.clock.advance(5_000);
  goOn();
  await stage.clock.advance(10_000);
  stage.cluster.requests.length = 0;
  await stage.clock.advance(30_000);
  expect(stage.cluster.requests.filter(({ verb, name }) => verb === 'get' && name === 'worker')).toEqual([]);
  elector.freeze();
  await stage.clock.advance(60_000);
  await list.end();
  expect(list.told).toContain('Healthy (watched)');
  expect(list.told.at(-1)).toBe('Frozen (watched)');
});

it('a Lease that may not be read is asked for again every few minutes, and counts once that is granted', async () => {
  const { stage } = await migrated();
  stage.cluster.forbid({ verb: 'get', resource: LEASES });
  const list = following(stage, SELECTED);
  await stage.clock.advance(60_000);
  expect(list.told.at(-1)).toMatch(/^Undecided/);
  stage.cluster.requests.length = 0;
  await stage.clock.advance(20 * 60_000);
  const asked = stage.cluster.requests.filter(
    ({ verb, resource }) => verb === 'get' && resource === resourceName(LEASES),
  );
  expect(asked.length).toBeGreaterThanOrEqual(3);
  expect(asked.length).toBeLessThanOrEqual(4);
  stage.cluster.allowAll();
  await stage.clock.advance(6 * 60_000);
  expect(list.told.at(-1)).toBe('Healthy (watched)');
  await list.end();
});

it('forgets what it could not read of a lock that is no more', async () => {
  const { stage } = await migrated();
  stage.cluster.forbid({ verb: 'get', resource: LEASES });
  const sources = new LiveSources(stage.cluster, stage.clock, SELECTED, stage.signal.signal, () => {});
  await stage.clock.advance(5_000);
  await stage.run(sources.confirm(sources.book.openCases(stage.clock)));
  expect(sources.others.unread.size).toBe(1);
  sources.forget('default/endpoints/worker');
  expect(sources.others.unread.size).toBe(0);
  stage.signal.abort();
  await stage.run(sources.ended());
});
