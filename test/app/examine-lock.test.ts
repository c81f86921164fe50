import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../src/core/release-plan.ts';
import { LEASES, NODES, PODS, SERVICES } from '../../src/core/resources.ts';
import { endpointsLock, lease, pod } from '../support/objects.ts';
import { NAME, ReleaseStage } from './release-stage.ts';

async function silent(): Promise<ReleaseStage> {
  const stage = new ReleaseStage();
  (await stage.leader(NAME)).kill();
  stage.cluster.remove(PODS, 'default', `${NAME}-zkb5w`);
  return stage;
}

async function refused(stage: ReleaseStage, options: { observeMs?: number } = {}): Promise<Refusal> {
  const examined = await stage.examine(options);
  const planned = stage.decide(examined);
  if (planned.is !== 'refusal') throw new Error(`not refused: ${examined.report.verdict}`);
  return planned;
}

describe('how long it is watched', () => {
  it('a silent lock for its duration and the retry jitter', async () => {
    const stage = await silent();
    const from = stage.clock.mono();
    const { report } = await stage.examine();
    expect(stage.clock.mono() - from).toBeGreaterThanOrEqual(19_400);
    expect(stage.clock.mono() - from).toBeLessThan(21_000);
    expect(report).toMatchObject({ verdict: 'Orphaned', grade: 'watched' });
  });

  it('and not while it is judged: what is not watched does not count', async () => {
    const stage = await silent();
    stage.cluster.latencyMs = 500;
    const from = stage.clock.mono();
    const { report } = await stage.examine();
    expect(stage.clock.mono() - from).toBeGreaterThan(22_000);
    expect(report.renewal.watchedSilenceMs).toBeLessThan(20_500);
  });

  it('a lock that renews only until that is proven', async () => {
    const stage = new ReleaseStage();
    await stage.leader(NAME);
    const from = stage.clock.mono();
    expect(await refused(stage)).toMatchObject({ code: 'renewing' });
    expect(stage.clock.mono() - from).toBeLessThan(6_000);
  });

  it('a lock that nobody holds not at all', async () => {
    const stage = new ReleaseStage();
    stage.cluster.create(lease({ name: NAME, holder: '', durationSeconds: 1 }));
    const from = stage.clock.mono();
    expect(await refused(stage)).toMatchObject({ code: 'free' });
    expect(stage.clock.mono()).toBe(from);
  });

  it('for less than its duration proves nothing', async () => {
    const stage = await silent();
    await stage.clock.advance(60_000);
    expect(await refused(stage, { observeMs: 5_000 })).toMatchObject({ code: 'not-watched' });
  });

  it('an interruption of the view is watched again', async () => {
    const stage = await silent();
    const from = stage.clock.mono();
    const examined = stage.examine();
    await stage.clock.advance(10_000);
    stage.cluster.disconnect();
    await stage.clock.advance(20_000);
    stage.cluster.reconnect();
    const { report, notes } = await examined;
    expect(report).toMatchObject({ verdict: 'Orphaned', grade: 'watched' });
    expect(stage.clock.mono() - from).toBeGreaterThan(39_000);
    expect(notes.map(({ code }) => code)).toContain('blind');
  });
});

describe('what keeps a lock from being released', () => {
  it('a holder that died while it was watched: that it renews no more is not proven', async () => {
    const stage = new ReleaseStage();
    const elector = await stage.leader(NAME);
    const examined = stage.examine();
    await stage.clock.advance(2_000);
    elector.kill();
    const planned = stage.decide(await examined);
    expect(planned).toMatchObject({ is: 'refusal', code: 'renewing' });
  });

  it('no right to watch: that it is silent would rest on clocks', async () => {
    const stage = await silent();
    await stage.clock.advance(60_000);
    stage.cluster.forbid({ verb: 'watch', resource: LEASES });
    expect(await refused(stage)).toMatchObject({ code: 'not-watched' });
  });

  it('does not accuse an annotation whose Lease may not be read: it may be a half left behind', async () => {
    const stage = new ReleaseStage();
    const renewTime = stage.clock.now() - 86_400_000;
    stage.cluster.create(pod({ name: 'worker-0' }));
    stage.cluster.create(
      endpointsLock({ name: 'worker', holder: 'worker-0', acquireTime: renewTime, renewTime }),
    );
    expect((await stage.examine()).report.verdict).toBe('Frozen');
    stage.cluster.forbid({ resource: LEASES });
    const examined = await stage.examine();
    expect(examined.report.verdict).toBe('Undecided');
    expect(stage.decide(examined).is).toBe('refusal');
  });

  it('no right to look for the holder', async () => {
    const stage = await silent();
    stage.cluster.forbid({ resource: PODS });
    stage.cluster.forbid({ resource: NODES });
    const refusal = await refused(stage);
    expect(refusal).toMatchObject({ code: 'not-allowed-to-look', forceable: true });
    expect(refusal.instead.join()).toContain('right to read pods and nodes');
  });

  it('no right to read it: the right is named', async () => {
    const stage = await silent();
    stage.cluster.forbid({ verb: 'get', resource: LEASES });
    await expect(stage.examine()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('cannot get resource "leases"'),
    });
  });

  it('many locks that fell silent together', async () => {
    const stage = new ReleaseStage();
    for (const name of [NAME, 'second', 'third', 'fourth']) (await stage.leader(name)).freeze();
    const examined = await stage.examine();
    expect(examined.commonCause).toBe(true);
    expect(stage.decide(examined)).toMatchObject({ is: 'refusal', code: 'common-cause', forceable: true });
  });

  it('a node heartbeat is no election, whatever force is used', async () => {
    const stage = new ReleaseStage();
    stage.cluster.create(lease({ name: NAME, owner: { kind: 'Node', name: NAME } }));
    const planned = stage.decide(await stage.examine(), { force: true });
    expect(planned).toMatchObject({ is: 'refusal', code: 'not-an-election', forceable: false });
  });

  it('an Endpoints object of a Service may be vacated, and never deleted', async () => {
    const stage = new ReleaseStage();
    stage.cluster.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME, namespace: 'default' },
    });
    stage.cluster.create(endpointsLock({ name: NAME }));
    const examined = await stage.examine();
    expect(stage.plan(examined).strategy).toBe('vacate');
    const deleting = stage.decide(examined, { strategy: 'delete', force: true });
    expect(deleting).toMatchObject({ is: 'refusal', code: 'not-deletable', forceable: false });
  });

  it('a Service that may not be read may be there: deleting needs force', async () => {
    const stage = new ReleaseStage();
    stage.cluster.create(endpointsLock({ name: NAME }));
    stage.cluster.forbid({ resource: SERVICES });
    const examined = await stage.examine();
    const deleting = stage.decide(examined, { strategy: 'delete' });
    expect(deleting).toMatchObject({ is: 'refusal', code: 'not-deletable', forceable: true });
  });

  it('it vanished while it was watched', async () => {
    const stage = await silent();
    const examined = stage.examine();
    await stage.clock.advance(3_000);
    stage.cluster.remove(LEASES, 'default', NAME);
    await expect(examined).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('what is remarked', () => {
  it('other locks could not be compared with', async () => {
    const stage = await silent();
    stage.cluster.forbid({ resource: LEASES, verb: 'list', namespace: null });
    const { notes, commonCause } = await stage.examine();
    expect(commonCause).toBe(false);
    expect(notes.map(({ text }) => text).join('\n')).toMatch(
      /in trouble together was looked for only in what/,
    );
  });
});
