import { describe, expect, it } from 'vitest';
import { type DescribeProgress, describeLocks } from '../../src/app/describe.ts';
import {
  DAEMONSETS,
  EVENTS,
  LEASES,
  NODES,
  PODS,
  SUBJECT_ACCESS_REVIEWS,
  VALIDATING_WEBHOOKS,
} from '../../src/core/resources.ts';
import { endpointsLock, lease, pod } from '../support/objects.ts';
import { cases, look, said, steps, USUAL } from './describe-stage.ts';
import { Stage } from './stage.ts';

describe('watching', () => {
  it('ends as soon as three renewals were seen', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const file = await look(stage, 'worker');
    expect(file.report).toMatchObject({ verdict: 'Healthy', grade: 'watched' });
    expect(file.watchedMs).toBeLessThan(8_000);
    expect(file.objects[0]?.gapsMs).toEqual([2_000, 2_000]);
    expect(stage.cluster.openWatches).toBe(0);
  });

  it('lasts for a duration and the jitter when nothing comes, and no longer than needed', async () => {
    const stage = new Stage();
    (await stage.leader('worker')).freeze();
    await stage.clock.advance(60_000);
    const file = await look(stage, 'worker');
    expect(file.report).toMatchObject({ verdict: 'Frozen', grade: 'watched' });
    expect(file.watchedMs).toBeGreaterThanOrEqual(19_400);
    expect(file.watchedMs).toBeLessThan(21_000);
  });

  it('0 does not watch at all, a longer time is used to the end', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    expect(await look(stage, 'worker', { observeMs: 0 })).toMatchObject({
      watchedMs: 0,
      report: { verdict: 'Healthy', grade: 'clock' },
    });
    expect((await look(stage, 'worker', { observeMs: 30_000 })).watchedMs).toBeGreaterThanOrEqual(30_000);
  });

  it('an interruption ends it and the case is told all the same', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const looking = look(stage, 'worker', { observeMs: 600_000 });
    await stage.clock.advance(7_000);
    stage.signal.abort();
    const file = await stage.run(looking, 3_000);
    expect(file.report).toMatchObject({ verdict: 'Healthy', grade: 'watched' });
    expect(file.notes.map(({ code }) => code)).toContain('interrupted');
    expect(file.contenders?.pods).toHaveLength(1);
  });

  it('tells its progress', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const told: DescribeProgress[] = [];
    const { cluster, clock, signal } = stage;
    await stage.run(
      describeLocks(cluster, clock, ['worker'], USUAL, signal.signal, (progress) => told.push(progress)),
    );
    expect(told.at(-1)).toMatchObject({ forMs: 19_400, seen: 2, done: 0, total: 1 });
  });

  it('of several locks goes on side by side, each named once', async () => {
    const stage = new Stage();
    for (const name of ['a', 'b', 'c']) (await stage.leader(name)).freeze();
    await stage.clock.advance(60_000);
    const begun = stage.clock.mono();
    const files = await cases(stage, ['b', 'lease/a', 'c', 'default/b']);
    expect(files.map(({ report }) => report.lock.primary.ref.name)).toEqual(['b', 'a', 'c']);
    expect(stage.clock.mono() - begun).toBeLessThan(22_000);
  });

  it('a name that leads nowhere is told before anything is watched', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const begun = stage.clock.mono();
    await expect(cases(stage, ['worker', 'nothing'])).rejects.toMatchObject({ code: 'not-found' });
    expect(stage.clock.mono() - begun).toBeLessThan(1_000);
  });

  it('a lock that is deleted meanwhile is told to be gone', async () => {
    const stage = new Stage();
    (await stage.leader('worker')).kill();
    const looking = look(stage, 'worker');
    const outcome = expect(looking).rejects.toMatchObject({ code: 'not-found', message: /was deleted/ });
    await stage.clock.advance(3_000);
    stage.cluster.remove(LEASES, 'default', 'worker');
    await outcome.catch(() => {});
    await stage.run(looking.catch(() => null));
    await outcome;
  });
});

describe('the lock and its renewal', () => {
  it('tells who else writes the object, and that its reads agree', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const looking = look(stage, 'worker', { observeMs: 10_000 });
    for (let at = 0; at < 3; at += 1) {
      await stage.clock.advance(2_300);
      const current = stage.cluster.peek(LEASES, 'default', 'worker');
      current.metadata.labels = { turn: String(at) };
      stage.cluster.update(current, { manager: 'meddler' });
    }
    const file = await stage.run(looking);
    expect(file.objects[0]).toMatchObject({ otherWrites: 3, reads: 'agree' });
    expect(file.objects[0]?.writers?.map(({ manager }) => manager)).toContain('meddler');
    expect(said(file)).toContain('- lease/worker changed 3 times while its record stayed as it was');
  });

  it('one foreign write is told as one', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const looking = look(stage, 'worker', { observeMs: 4_000 });
    await stage.clock.advance(2_300);
    const current = stage.cluster.peek(LEASES, 'default', 'worker');
    current.metadata.labels = { turn: 'once' };
    stage.cluster.update(current, { manager: 'meddler' });
    expect(said(await stage.run(looking))).toContain('- lease/worker changed once while its record stayed');
  });

  it('a cache that stays behind its store is found', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.setCacheLag(Number.POSITIVE_INFINITY);
    const file = await look(stage, 'worker', { observeMs: 4_000 });
    expect(file.objects[0]?.reads).toBe('cache-behind');
    expect(said(file)).toMatch(/^! the API server's cache shows an older lease\/worker/);
  });

  it('what the cache had not seen yet is no renewal that was watched', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    stage.cluster.setCacheLag(Number.POSITIVE_INFINITY, { watches: true });
    await stage.clock.advance(4_000);
    elector.freeze();
    await stage.clock.advance(60_000);
    expect((await look(stage, 'worker', { observeMs: 0 })).objects[0]?.seen).toBe(0);
  });

  it("knows how far the holder's clock is off", async () => {
    const stage = new Stage();
    await stage.leader('worker', { clockSkewMs: 3_600_000 });
    const { objects } = await look(stage, 'worker');
    expect(objects[0]?.skewMs).toBeGreaterThan(3_590_000);
  });

  it('an unchanged write is tried on request only, and is never made', async () => {
    const stage = new Stage();
    (await stage.leader('worker')).freeze();
    await stage.clock.advance(30_000);
    const before = stage.cluster.peek(LEASES, 'default', 'worker');
    expect((await look(stage, 'worker', { observeMs: 0 })).probe).toEqual([]);
    expect((await look(stage, 'worker', { observeMs: 0, probe: true })).probe[0]?.outcome).toBe('accepted');
    const writes = stage.cluster.requests.filter(({ verb }) => verb === 'patch');
    expect(writes.map(({ dryRun }) => dryRun)).toEqual([true]);
    stage.cluster.conflictOn(LEASES, 'default', 'worker');
    const file = await look(stage, 'worker', { observeMs: 0, probe: true });
    expect(file.probe[0]?.text).toMatch(/^409 Conflict 4 times/);
    expect(steps(file).join('\n')).toContain('release default/lease/worker --strategy delete');
    expect(stage.cluster.peek(LEASES, 'default', 'worker')).toEqual(before);
  });

  it('a renewal between reading and trying is no conflict', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.latencyMs = 700;
    const file = await look(stage, 'worker', { observeMs: 0, probe: true });
    expect(file.probe[0]?.outcome).toBe('accepted');
  });

  it('whoever may not write is told that it says nothing of the holder', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.forbid({ verb: 'patch' });
    const { probe } = await look(stage, 'worker', { observeMs: 0, probe: true });
    expect(probe[0]).toMatchObject({ outcome: 'forbidden', text: /says nothing of its holder/ });
  });
});

describe('the holder', () => {
  it('comes with its pod, its node, its owners and how the identity was read', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.create(
      lease({ namespace: 'kube-node-lease', name: 'node-1', holder: 'node-1', renewTime: stage.clock.now() }),
    );
    const { holder } = await look(stage, 'default/worker', { observeMs: 0 });
    expect(holder).toMatchObject({
      reading: "the part before the UUID is a Pod's name",
      pod: { phase: 'Running', ready: true, node: 'node-1', restarts: 0 },
      node: { name: 'node-1', status: 'Ready' },
      owners: [{ kind: 'daemonset', namespace: 'default', name: 'worker' }],
      incarnation: { same: true },
    });
    expect(holder.node?.lastHeartbeat).toBeGreaterThan(stage.clock.now() - 5_000);
  });

  it('a container that started after the acquisition is another process', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    elector.freeze();
    await stage.clock.advance(30_000);
    const owner = { kind: 'DaemonSet', name: 'worker' };
    stage.cluster.apply(pod({ name: 'worker-zkb5w', owner, startedAt: stage.clock.now(), restarts: 1 }));
    const file = await look(stage, 'worker', { observeMs: 0 });
    expect(file.holder.incarnation).toMatchObject({ same: false, text: /after the lock was acquired/ });
    expect(file.holder.pod?.lastExit).toMatchObject({ reason: 'Error', exitCode: 1 });
  });
});

describe('history', () => {
  it('tells who led, and that a lock was freed under its holder', async () => {
    const stage = new Stage();
    const elector = await stage.leader('worker');
    await stage.clock.advance(120_000);
    stage.cluster.remove(LEASES, 'default', 'worker');
    await stage.clock.advance(10_000);
    const { history } = await look(stage, 'worker', { observeMs: 0 });
    expect(history?.leaders).toEqual([elector.identity]);
    expect(history?.entries[0]?.text).toBe(`${elector.identity} became leader`);
    expect(history?.signs.map(({ text }) => text).join()).toMatch(/was deleted|took it back/);
  });
});

describe('rights and failures', () => {
  it('who may read nothing but the lock gets its case, and a line for each right that is missing', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    for (const resource of [PODS, NODES, EVENTS, DAEMONSETS, VALIDATING_WEBHOOKS, SUBJECT_ACCESS_REVIEWS])
      stage.cluster.forbid({ resource });
    stage.cluster.forbid({ namespace: null });
    stage.cluster.forbid({ verb: 'create' });
    const file = await look(stage, 'default/worker');
    expect(file.report).toMatchObject({ verdict: 'Healthy', unproven: true, grade: 'watched' });
    const texts = file.notes.map(({ text }) => text);
    expect(texts.filter((text) => text.includes(' events'))).toHaveLength(1);
    for (const missing of ['pods', 'nodes', 'events', 'validatingwebhookconfigurations'])
      expect(texts.join('\n')).toContain(`not allowed to list ${missing}`);
    expect(file.history).toBeNull();
  });

  it('an API server that stops answering ends the case in time, with what is known', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.hang({ resource: EVENTS });
    const begun = stage.clock.mono();
    const file = await look(stage, 'worker', { observeMs: 0 });
    expect(stage.clock.mono() - begun).toBeLessThan(10_000);
    expect(file.report.verdict).toBe('Healthy');
    expect(file.notes.map(({ text }) => text).join()).toMatch(/did not answer in time.*history/);
  });

  it('an API server that answers nothing about pods leaves the holder unknown, not gone', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.hang({ resource: PODS });
    const file = await look(stage, 'worker', { observeMs: 0 });
    expect(file.report.holder).toMatchObject({ presence: 'unknown', found: 'could not look' });
  });

  it('many locks in trouble together: not this one alone, and no release', async () => {
    const stage = new Stage();
    const electors = await Promise.all(['a', 'b', 'c', 'd'].map((name) => stage.leader(name)));
    for (const elector of electors) elector.freeze();
    await stage.clock.advance(60_000);
    const file = await look(stage, 'a');
    expect(file.report).toMatchObject({ verdict: 'Frozen', grade: 'watched' });
    expect(file.report.advice).toHaveLength(1);
    expect(steps(file)).toEqual([expect.stringMatching(/^Do not release: many locks are late together/)]);
  });

  it('a node heartbeat is told to be no lock', async () => {
    const stage = new Stage();
    stage.cluster.create(
      lease({ namespace: 'kube-node-lease', name: 'node-1', holder: 'node-1', renewTime: stage.clock.now() }),
    );
    const file = await look(stage, 'kube-node-lease/node-1', { observeMs: 0 });
    expect(file.report.heartbeat?.title).toBe('node heartbeat');
    expect(file).toMatchObject({ contenders: null, nextSteps: [], ghost: null });
  });

  it('a lock of an Endpoints that was never renewed and names nobody', async () => {
    const stage = new Stage();
    stage.cluster.create(endpointsLock({ name: 'worker', holder: null, renewTime: null, acquireTime: null }));
    const file = await look(stage, 'worker');
    expect(file.report.verdict).toMatch(/Vacant|Leaderless/);
    expect(file.watchedMs).toBeGreaterThan(5_000);
  });
});
