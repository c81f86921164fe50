import { describe, expect, it } from 'vitest';
import { type Glimpse, live } from '../../src/app/live.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { CONFIGMAPS, ENDPOINTS, LEASES, NODES, PODS } from '../../src/core/resources.ts';
import { lease } from '../support/objects.ts';
import { EVERYWHERE, Stage, UUID } from './stage.ts';
import { Viewer } from './viewer.ts';

describe('the live list', () => {
  it('shows one kind of lock while another is still being read', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const goOn = stage.cluster.hang({ resource: CONFIGMAPS });
    const viewer = new Viewer(stage);
    await stage.clock.advance(1_000);
    expect(viewer.locks.get('default/lease/worker')).toMatchObject({ pending: false });
    expect(viewer.last).toMatchObject({ complete: false, sightline: { state: 'opening' } });
    goOn();
    await stage.clock.advance(1_000);
    expect(viewer.last).toMatchObject({ complete: true, sightline: { state: 'live' } });
    await viewer.end();
  });

  it('shows rows before holders are known', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const goOn = stage.cluster.hang({ resource: PODS, verb: 'list' });
    const getOn = stage.cluster.hang({ resource: PODS, verb: 'get' });
    const viewer = new Viewer(stage);
    await stage.clock.advance(1_000);
    expect(viewer.locks.get('default/lease/worker')).toMatchObject({
      pending: true,
      report: { verdict: 'Undecided', holder: { identity: `worker-zkb5w_${UUID}` } },
    });
    goOn();
    getOn();
    await stage.clock.advance(1_000);
    expect(viewer.told.get('default/lease/worker')).toEqual(['pending', 'Healthy watched']);
    await viewer.end();
  });

  it('tells every renewal, and nothing while nothing happens', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(20_000);
    expect(viewer.locks.get('default/lease/worker')?.report.renewal.seen).toBeGreaterThanOrEqual(8);
    elector.kill();
    await stage.clock.advance(60_000);
    expect(viewer.told.get('default/lease/worker')?.at(-1)).toBe('Frozen watched');
    await viewer.end();
  });

  it('accuses at last, never before the store and the holder have been looked at', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(10_000);
    elector.kill();
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    await stage.clock.advance(60_000);
    const told = viewer.told.get('default/lease/worker') ?? [];
    expect(told.at(-1)).toBe('Orphaned watched');
    expect(told).not.toContain('Frozen watched');
    // Until then it is said what was said.
    expect(told.lastIndexOf('pending')).toBeLessThanOrEqual(0);
    await viewer.end();
  });

  it('sees a ghost whose pod ended while its holder was still being looked for', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const goOn = stage.cluster.hang({ resource: NODES, verb: 'list' });
    const viewer = new Viewer(stage);
    await stage.clock.advance(1_000);
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    await stage.clock.advance(1_000);
    goOn();
    await stage.clock.advance(10_000);
    expect(viewer.told.get('default/lease/worker')?.at(-1)).toBe('Ghost watched');
    await viewer.end();
  });

  it('sees a ghost whose pod and node went while no watch was up, and whose history is forgotten', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(10_000);
    stage.cluster.disconnect({ watchesOnly: true });
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    stage.cluster.remove(NODES, null, 'node-1');
    stage.cluster.compact();
    await stage.clock.advance(5_000);
    stage.cluster.reconnect();
    await stage.clock.advance(10_000);
    expect(viewer.told.get('default/lease/worker')?.at(-1)).toBe('Ghost watched');
    await viewer.end();
  });

  it('lets a lock go that is deleted, and shows a new one', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(3_000);
    elector.kill();
    stage.cluster.remove(LEASES, 'default', 'worker');
    stage.cluster.create(lease({ name: 'other', holder: 'node-1', renewTime: stage.cluster.serverNow() }));
    await stage.clock.advance(1_000);
    expect([...viewer.locks.keys()]).toEqual(['default/lease/other']);
    await viewer.end();
  });

  it('says that it is blind, since when and why, and that it sees again', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(10_000);
    const since = stage.clock.mono();
    stage.cluster.disconnect();
    await stage.clock.advance(60_000);
    expect(viewer.last.sightline).toMatchObject({
      state: 'blind',
      since,
      why: expect.stringContaining('no answer'),
      kinds: { lease: since, endpoints: since, configmap: since },
    });
    stage.cluster.reconnect();
    await stage.clock.advance(5_000);
    expect(viewer.last.sightline).toEqual({ state: 'live' });
    expect(viewer.told.get('default/lease/worker')).not.toContain('Frozen watched');
    await viewer.end();
  });

  it('comes back when credentials that were refused work again', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(5_000);
    const refused = new LeaderError('unauthorized', 'credentials were refused');
    stage.cluster.fail(refused, 2, { resource: LEASES, verb: 'watch' });
    stage.cluster.disconnect({ error: refused, watchesOnly: true });
    await stage.clock.advance(2_000);
    expect(viewer.last.sightline).toMatchObject({ state: 'blind' });
    expect(viewer.last.notes.map(({ text }) => text).join()).toContain('credentials were refused');
    stage.cluster.reconnect();
    await stage.clock.advance(40_000);
    expect(viewer.last.sightline).toEqual({ state: 'live' });
    expect(viewer.last.notes).toEqual([]);
    await viewer.end();
  });

  it('one kind that may not be read is a note, and hides nothing else', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.forbid({ resource: CONFIGMAPS });
    const viewer = new Viewer(stage);
    await stage.clock.advance(2_000);
    expect(viewer.locks.size).toBe(1);
    expect(viewer.last).toMatchObject({ complete: true, sightline: { state: 'live' } });
    expect(viewer.last.notes).toMatchObject([{ code: 'unreadable' }]);
    await viewer.end();
  });

  it('rejects when nothing at all may be read', async () => {
    const stage = new Stage();
    for (const resource of [LEASES, ENDPOINTS, CONFIGMAPS]) stage.cluster.forbid({ resource });
    const viewer = new Viewer(stage);
    await expect(stage.run(viewer.ended)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('accuses nobody for the time in which the process stood still', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const list = live(stage.cluster, stage.clock, EVERYWHERE, stage.signal.signal);
    const glimpses = list[Symbol.asyncIterator]();
    const verdicts: string[] = [];
    const next = async (): Promise<void> => {
      const { value } = await stage.run(glimpses.next());
      for (const { report, pending } of (value as Glimpse).changed)
        if (!pending) verdicts.push(report.verdict);
    };
    while (verdicts.length < 4) await next();
    // Nobody asks for a glimpse and no event comes through, as in a process that is stopped.
    stage.cluster.setCacheLag(Number.POSITIVE_INFINITY, { watches: true });
    await stage.clock.advance(300_000);
    for (let turn = 0; turn < 5; turn++) {
      await next();
      stage.cluster.setCacheLag(0);
    }
    expect(new Set(verdicts)).toEqual(new Set(['Healthy']));
    stage.signal.abort();
    await stage.run(Promise.resolve(glimpses.return?.()));
  });
});
