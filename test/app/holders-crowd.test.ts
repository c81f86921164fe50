import { describe, expect, it } from 'vitest';
import { survey } from '../../src/app/survey.ts';
import type { Snapshot } from '../../src/core/report.ts';
import { PODS } from '../../src/core/resources.ts';
import { event, lease, pod } from '../support/objects.ts';
import { EVERYWHERE, Stage, UUID } from './stage.ts';

const MINUTE = 60_000;

function look(stage: Stage): Promise<Snapshot> {
  stage.cluster.requests.length = 0;
  return stage.run(survey(stage.cluster, stage.clock, EVERYWHERE, stage.signal.signal));
}

function tally(values: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(values, (value) => value);
  return Object.fromEntries([...groups].map(([value, all]) => [value, all.length]));
}

function verdictsOf({ reports }: Snapshot): Record<string, number> {
  return tally(reports.map(({ verdict }) => verdict));
}

/** Locks of several namespaces, of which each has so many. */
function many(spaces: number, each: number, make: (namespace: string, name: string) => void): void {
  for (let space = 0; space < spaces; space += 1) {
    for (let index = 0; index < each; index += 1) make(`ns-${space}`, `op-${space}-${index}`);
  }
}

describe('the same facts have the same verdict, wherever in the list', () => {
  it('of holders of which nothing is left', async () => {
    const stage = new Stage();
    const renewTime = stage.clock.now() - 60 * MINUTE;
    many(2, 250, (namespace, name) => {
      const holder = `${name}-7d9f6c-x2k4d_${UUID}`;
      stage.cluster.create(lease({ namespace, name, holder, renewTime, acquireTime: renewTime }));
    });
    expect(verdictsOf(await look(stage))).toEqual({ Abandoned: 500 });
    expect(stage.cluster.requests.length).toBeLessThan(50);
  });

  it('of ghosts that only events or a node’s objects remember', async () => {
    const stage = new Stage();
    const renewTime = stage.clock.now();
    many(3, 20, (namespace, name) => {
      const isNode = name.endsWith('7');
      const holder = `${name}_${UUID}`;
      stage.cluster.create(lease({ namespace, name, holder, renewTime, acquireTime: renewTime }));
      if (isNode) {
        const apiVersion = 'storage.k8s.io/v1';
        stage.cluster.create({ apiVersion, kind: 'CSINode', metadata: { name } });
      } else stage.cluster.create(event({ namespace, about: { kind: 'Pod', name }, reason: 'Killing' }));
    });
    expect(verdictsOf(await look(stage))).toEqual({ Ghost: 60 });
    expect(stage.cluster.requests.length).toBeLessThan(60);
  });

  it('of holders that restarted after the last renewal', async () => {
    const stage = new Stage();
    const renewTime = stage.clock.now() - 60 * MINUTE;
    many(1, 300, (namespace, name) => {
      stage.cluster.create(pod({ namespace, name, startedAt: renewTime + MINUTE }));
      stage.cluster.create(lease({ namespace, name, holder: name, renewTime, acquireTime: renewTime }));
    });
    const snapshot = await look(stage);
    const found = tally(snapshot.reports.map(({ holder }) => holder.found));
    expect(found).toEqual({ 'Running on node-1 (restarted since)': 300 });
    expect(stage.cluster.requests.filter(({ verb }) => verb === 'get')).toEqual([]);
  });

  it('of holders that the cache still shows and the store does not', async () => {
    const stage = new Stage();
    const renewTime = stage.clock.now() - 60 * MINUTE;
    many(1, 40, (namespace, name) => {
      stage.cluster.create(pod({ namespace, name }));
      stage.cluster.create(lease({ namespace, name, holder: name, renewTime, acquireTime: renewTime }));
    });
    stage.cluster.setCacheLag(Number.POSITIVE_INFINITY);
    many(1, 40, (namespace, name) => stage.cluster.remove(PODS, namespace, name));
    const { reports } = await look(stage);
    expect(tally(reports.map(({ holder }) => holder.presence))).toEqual({ unmatched: 40 });
  });

  it('of vacant locks whose last leader an event tells', async () => {
    const stage = new Stage();
    many(1, 60, (namespace, name) => {
      stage.cluster.create(lease({ namespace, name, holder: '', renewTime: 0, acquireTime: 0 }));
      const about = { kind: 'Lease', namespace, name };
      stage.cluster.create(event({ about, message: `${name}-x2k4d stopped leading` }));
    });
    await look(stage);
    const asked = stage.cluster.requests.filter(({ resource }) => resource === 'events');
    expect(asked).toHaveLength(1);
  });
});

describe('what is too much to be looked at', () => {
  it('is told, and accuses nobody of more than was seen', async () => {
    const stage = new Stage();
    const renewTime = stage.clock.now() - 60 * MINUTE;
    many(210, 1, (namespace, name) => {
      stage.cluster.create(pod({ namespace, name, startedAt: renewTime - MINUTE }));
      stage.cluster.create(lease({ namespace, name, holder: name, renewTime, acquireTime: renewTime }));
    });
    const snapshot = await look(stage);
    expect(verdictsOf(snapshot)).toEqual({ Frozen: 200, Silent: 10 });
    expect(snapshot.notes.map(({ text }) => text).join('\n')).toContain(
      '210 holders need a closer look, 200 of them got one',
    );
  });

  it('leaves a stranger in a crowded namespace unknown, not unaccounted for', async () => {
    const stage = new Stage();
    many(1, 1001, (namespace, name) => void stage.cluster.create(pod({ namespace, name })));
    const lock = { namespace: 'ns-0', name: 'lock', renewTime: stage.clock.now() };
    stage.cluster.create(lease({ ...lock, holder: `stranger_${UUID}` }));
    const snapshot = await look(stage);
    expect(snapshot.reports[0]).toMatchObject({
      verdict: 'Healthy',
      unproven: true,
      holder: { presence: 'unknown', found: 'not looked everywhere' },
    });
    expect(snapshot.notes[0]?.text).toMatch(/^too many pods in ns-0 to be read in full/);
  });
});

it('hundreds of bad locks cost far fewer questions than there are locks', async () => {
  const stage = new Stage();
  const renewTime = stage.clock.now() - 60 * MINUTE;
  many(14, 40, (namespace, name) => {
    const exists = name.endsWith('3');
    if (exists) stage.cluster.create(pod({ namespace, name, startedAt: renewTime + MINUTE }));
    stage.cluster.create(lease({ namespace, name, holder: name, renewTime, acquireTime: renewTime }));
  });
  await look(stage);
  expect(stage.cluster.requests.length).toBeLessThan(200);
});
