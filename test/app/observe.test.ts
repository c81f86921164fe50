import { describe, expect, it } from 'vitest';
import { observe } from '../../src/app/observe.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASES, NODES, PODS } from '../../src/core/resources.ts';
import { endpointsLock, lease, pod } from '../support/objects.ts';
import { EVERYWHERE, reportOf, Stage, UUID, verdicts } from './stage.ts';

function watchFor(stage: Stage, ms: number) {
  return observe(stage.cluster, stage.clock, EVERYWHERE, ms, stage.signal.signal);
}

describe('watching proves', () => {
  it('healthy, frozen and ghost, all by watching', async () => {
    const stage = new Stage();
    await stage.leader('healthy');
    await stage.leader('ghost', { lock: 'endpoints' });
    (await stage.leader('frozen', { lock: 'endpoints' })).freeze();
    stage.cluster.remove(PODS, 'default', 'ghost-zkb5w');
    await stage.clock.advance(60_000);
    expect(verdicts(await stage.run(watchFor(stage, 15_000)))).toEqual({
      'lease/healthy': 'Healthy (watched)',
      'endpoints/ghost': 'Ghost (watched)',
      'endpoints/frozen': 'Frozen (watched)',
    });
  });

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])('a holder whose clock is %s is healthy, and its clock is named', async (_name, clockSkewMs) => {
    const stage = new Stage();
    await stage.leader('worker', { clockSkewMs });
    const report = reportOf(await stage.run(watchFor(stage, 6_000)), 'lease/worker');
    expect(report).toMatchObject({ verdict: 'Healthy', grade: 'watched' });
    expect(report.evidence.map(({ text }) => text).join('\n')).toMatch(
      /the holder's clock is \S+ (ahead|behind)/,
    );
  });

  it('a holder that dies while watched is accused by watching, not before', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const watched = watchFor(stage, 30_000);
    await stage.clock.advance(6_000);
    elector.kill();
    expect(reportOf(await stage.run(watched), 'lease/worker')).toMatchObject({
      verdict: 'Frozen',
      grade: 'watched',
    });
  });

  it('a holder that vanished together with its process is no ghost', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const watched = watchFor(stage, 20_000);
    await stage.clock.advance(12_000);
    elector.kill();
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    const report = reportOf(await stage.run(watched), 'lease/worker');
    expect(report).toMatchObject({ verdict: 'Undecided', grade: 'clock' });
    expect(report.evidence[0]?.text).toMatch(/^its holder was there and is nowhere any more/);
  });

  it('a flapping lock is seen to flap', async () => {
    const stage = new Stage();
    const held = (holder: string, transitions: number) =>
      lease({ name: 'worker', holder, transitions, renewTime: stage.clock.now() });
    for (const name of ['a', 'b']) stage.cluster.create(pod({ name }));
    stage.cluster.create(held('a', 1));
    const watched = watchFor(stage, 15_000);
    for (const [holder, n] of [
      ['b', 2],
      ['a', 3],
    ] as const) {
      await stage.clock.advance(4_000);
      stage.cluster.apply(held(holder, n));
    }
    expect(reportOf(await stage.run(watched), 'lease/worker').verdict).toBe('Flapping');
  });
});

describe('halves that are not watched', () => {
  async function migrated(): Promise<Stage> {
    const stage = new Stage();
    await stage.leader('worker', { clockSkewMs: -3_600_000 });
    const old = { name: 'worker', renewTime: stage.clock.now() - 30 * 86_400_000 };
    stage.cluster.create(endpointsLock({ ...old, labels: { app: 'x' } }));
    return stage;
  }

  it('because a label selector leaves them out, are read again before the other half is accused', async () => {
    const stage = await migrated();
    const scope = { ...EVERYWHERE, labelSelector: 'app=x' };
    const watched = observe(stage.cluster, stage.clock, scope, 20_000, stage.signal.signal);
    expect(verdicts(await stage.run(watched))).toEqual({ 'lease/worker': 'Healthy (watched)' });
  });

  it('because their kind may not be listed, are read again as well', async () => {
    const stage = await migrated();
    stage.cluster.forbid({ verb: 'list', resource: LEASES });
    expect(verdicts(await stage.run(watchFor(stage, 20_000)))).toEqual({
      'lease/worker': 'Healthy (watched)',
    });
  });
});

describe('blind time', () => {
  it('counts against nobody and is told', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const watched = watchFor(stage, 30_000);
    await stage.clock.advance(1_000);
    stage.cluster.disconnect();
    await stage.clock.advance(25_000);
    stage.cluster.reconnect();
    const snapshot = await stage.run(watched);
    expect(reportOf(snapshot, 'lease/worker').verdict).toBe('Healthy');
    expect(snapshot.notes.find(({ code }) => code === 'blind')?.text).toMatch(/^blind for 2\d s/);
  });

  it('begins when the API server stops answering, though it leaves the watches open', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    const watched = watchFor(stage, 30_000);
    await stage.clock.advance(10_000);
    // The elector reaches it no more than we do.
    elector.kill();
    stage.cluster.fail(new LeaderError('unreachable', 'connection refused'), 1_000, { verb: 'get' });
    stage.cluster.fail(new LeaderError('unreachable', 'connection refused'), 1_000, { verb: 'list' });
    const snapshot = await stage.run(watched);
    expect(snapshot.notes.find(({ code }) => code === 'blind')?.text).toMatch(/^blind for (19|2\d) s/);
    const report = reportOf(snapshot, 'lease/worker');
    expect(['Late', 'Frozen', 'Silent', 'Orphaned']).not.toContain(report.verdict);
  });

  it('a watch that is not allowed is told, and clocks go on judging', async () => {
    const stage = new Stage();
    (await stage.leader('worker')).freeze();
    stage.cluster.forbid({ verb: 'watch', resource: LEASES });
    await stage.clock.advance(60_000);
    const snapshot = await stage.run(watchFor(stage, 30_000));
    expect(reportOf(snapshot, 'lease/worker')).toMatchObject({ verdict: 'Frozen', grade: 'clock' });
    expect(snapshot.notes.some(({ text }) => text.includes('cannot be watched'))).toBe(true);
  });

  it('where nothing may be watched, nobody is kept waiting, and clocks judge', async () => {
    const stage = new Stage();
    (await stage.leader('worker')).freeze();
    stage.cluster.forbid({ verb: 'watch' });
    await stage.clock.advance(60_000);
    const begun = stage.clock.mono();
    const snapshot = await stage.run(watchFor(stage, 60_000));
    expect(stage.clock.mono() - begun).toBeLessThan(2_000);
    expect(reportOf(snapshot, 'lease/worker')).toMatchObject({ verdict: 'Frozen', grade: 'clock' });
    expect(snapshot.notes.map(({ text }) => text).join('\n')).toContain('nothing could be watched');
  });

  it('a renewal that the watch missed is found by the last look before accusing', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    // The watch and the cache are stuck together, as on an API server that lost touch with etcd.
    stage.cluster.setCacheLag(Number.POSITIVE_INFINITY, { watches: true });
    const report = reportOf(await stage.run(watchFor(stage, 30_000)), 'lease/worker');
    expect(report.verdict).toBe('Healthy');
  });
});

describe('the end of watching', () => {
  it('an interruption ends it early, with what is known, and leaves no watch behind', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const watched = watchFor(stage, 600_000);
    await stage.clock.advance(7_000);
    stage.signal.abort();
    const snapshot = await stage.run(watched, 2_000);
    expect(reportOf(snapshot, 'lease/worker')).toMatchObject({ verdict: 'Healthy', grade: 'watched' });
    expect(snapshot.notes.map(({ code }) => code)).toContain('interrupted');
    expect(stage.cluster.openWatches).toBe(0);
  });

  it('a lock that comes while watching is judged, one that goes is not listed', async () => {
    const stage = new Stage();
    stage.cluster.create(endpointsLock({ name: 'old', renewTime: stage.clock.now() }));
    const watched = watchFor(stage, 10_000);
    await stage.clock.advance(1_000);
    stage.cluster.create(pod({ name: 'late-0' }));
    stage.elector(`late-0_${UUID}`, { name: 'late' });
    stage.cluster.remove(ENDPOINTS, 'default', 'old');
    expect(verdicts(await stage.run(watched))).toEqual({ 'lease/late': 'Healthy (watched)' });
  });

  it('the node of a ghost may be gone as well', async () => {
    const stage = new Stage();
    await stage.leader('ghost');
    stage.cluster.remove(PODS, 'default', 'ghost-zkb5w');
    stage.cluster.remove(NODES, null, 'node-1');
    expect(verdicts(await stage.run(watchFor(stage, 5_000)))).toEqual({ 'lease/ghost': 'Ghost (watched)' });
  });
});
