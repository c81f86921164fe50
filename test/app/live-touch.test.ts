import { describe, expect, it } from 'vitest';
import { LEASES } from '../../src/core/resources.ts';
import { lease } from '../support/objects.ts';
import { Stage } from './stage.ts';
import { Viewer } from './viewer.ts';

const LOCK = 'default/lease/worker';

/** Requests of the list itself since then, watches left out. */
function asked({ cluster }: Stage): number {
  return cluster.requests.filter(({ verb }) => verb !== 'watch').length;
}

describe('an API server that hangs while the watches stand', () => {
  it('is blindness, and nobody is accused of it', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(10_000);
    const told = viewer.told.get(LOCK)?.length;
    const answer = stage.cluster.hang();
    elector.kill();
    await stage.clock.advance(20_000);
    expect(viewer.last.sightline).toMatchObject({ state: 'blind', why: 'no answer within 5 s' });
    await stage.clock.advance(120_000);
    expect(viewer.told.get(LOCK)?.slice(told)).toEqual([]);
    expect(viewer.locks.get(LOCK)?.report).toMatchObject({
      verdict: 'Healthy',
      holder: { presence: 'alive' },
    });
    answer();
    await stage.clock.advance(10_000);
    expect(viewer.last.sightline).toEqual({ state: 'live' });
    // What was silent while nobody could hear it has to be watched for its whole duration first.
    expect(viewer.told.get(LOCK)).not.toContain('Frozen watched');
    await stage.clock.advance(30_000);
    expect(viewer.told.get(LOCK)?.at(-1)).toBe('Frozen watched');
    await viewer.end();
  });

  it('is there as long as it brings something, however long its answers take', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(10_000);
    const bring = (name: string): void => {
      stage.cluster.create(lease({ name, holder: 'node-1', renewTime: stage.cluster.serverNow() }));
    };
    const isBlind = (): boolean => viewer.last.sightline.state === 'blind';
    const answer = stage.cluster.hang({ resource: LEASES, verb: 'list' });
    elector.kill();
    await stage.clock.advance(12_000);
    bring('one');
    await stage.clock.advance(6_000);
    expect(isBlind()).toBe(false);
    await stage.clock.advance(12_000);
    expect(isBlind()).toBe(true);
    bring('two');
    await stage.clock.advance(11_000);
    expect(isBlind()).toBe(false);
    answer();
    await viewer.end();
  });

  it('is asked every ten seconds where nothing is heard, and not at all where something is', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(30_000);
    stage.cluster.requests.length = 0;
    const before = asked(stage);
    await stage.clock.advance(60_000);
    const busy = stage.cluster.requests.filter(({ fieldSelector }) => fieldSelector === 'metadata.name=-');
    expect([before, busy]).toEqual([0, []]);
    elector.kill();
    await stage.clock.advance(60_000);
    stage.cluster.requests.length = 0;
    await stage.clock.advance(60_000);
    const quiet = stage.cluster.requests.filter(({ fieldSelector }) => fieldSelector === 'metadata.name=-');
    expect(quiet.length).toBeGreaterThanOrEqual(5);
    expect(quiet.length).toBeLessThanOrEqual(6);
    await viewer.end();
  });
});
