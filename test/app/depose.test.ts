import { describe, expect, it } from 'vitest';
import { CONFIGMAPS, ENDPOINTS, EVENTS, LEASES, PODS, type Resource } from '../../src/core/resources.ts';
import type { LockType } from '../support/fake-resource-lock.ts';
import { LEADER_ANNOTATION, pod } from '../support/objects.ts';
import { DeposeStage, HOLDER, ME, NAME, recordIn, writes } from './depose-stage.ts';

const HALVES: Record<LockType, Resource[]> = {
  leases: [LEASES],
  endpoints: [ENDPOINTS],
  configmaps: [CONFIGMAPS],
  endpointsleases: [ENDPOINTS, LEASES],
  configmapsleases: [CONFIGMAPS, LEASES],
};

const CASES = (Object.keys(HALVES) as LockType[]).flatMap((lock) =>
  (['0.20', '0.36'] as const).map((clientGo) => ({ lock, clientGo })),
);

describe('a ghost steps down, and a candidate that exists takes over', () => {
  it.each(CASES)('$lock, client-go $clientGo', async ({ lock, clientGo }) => {
    const stage = new DeposeStage();
    const ghost = await stage.ghost({ lock, clientGo });
    const standbys = ['ccccc', 'bbbbb'].map((suffix) => stage.standby(suffix, { lock, clientGo }));
    const { text, verdict, result } = await stage.depose();
    expect(text).toMatch(/^Taken over by worker-[bc]{5}_\S+ after \d(\.\d)? s, Running/);
    expect(verdict).toBe('as-hoped');
    expect(stage.mostLeaders).toBe(1);
    expect(ghost.events.map(({ what }) => what)).toContain('stopped');
    expect(standbys.filter(({ leading }) => leading)).toHaveLength(1);
    expect(result.ending).toMatchObject({ is: 'freed', outcome: { is: 'taken-over', confirmed: true } });
    for (const resource of HALVES[lock]) {
      expect(recordIn(stage, resource)['holderIdentity']).toMatch(/worker-[bc]{5}/);
    }
  });
});

describe('a live leader is handed over', () => {
  it.each(CASES)('$lock, client-go $clientGo: never two leaders', async ({ lock, clientGo }) => {
    const stage = new DeposeStage();
    const leader = await stage.leader(NAME, { lock, clientGo });
    stage.standby('ccccc', { lock, clientGo });
    const { verdict } = await stage.depose();
    expect([verdict, stage.mostLeaders, leader.leading]).toEqual(['as-hoped', 1, false]);
  });

  it('standbys with other durations of their own are kept out as well', async () => {
    const stage = new DeposeStage();
    await stage.leader(NAME, { clientGo: '0.20' });
    stage.standby('ccccc', { clientGo: '0.20', leaseDurationMs: 6_000, renewDeadlineMs: 5_000 });
    const { verdict, result } = await stage.depose();
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
    expect(result.events.filter(({ is }) => is === 'holder-changed')).toHaveLength(1);
  });

  it('one with a slow retry period is given its whole time', async () => {
    const slow = { leaseDurationMs: 30_000, renewDeadlineMs: 29_000, retryPeriodMs: 14_000 };
    const stage = new DeposeStage();
    await stage.leader(NAME, slow);
    stage.standby('ccccc', slow);
    const { verdict, plan } = await stage.depose();
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
    expect(plan.term.holdMs).toBeGreaterThanOrEqual(44_000);
  });

  it('that is started again in its own Pod and takes over: told, and no failure', async () => {
    const stage = new DeposeStage();
    const leader = await stage.leader(NAME);
    stage.standbyPod('ccccc');
    const { text, verdict } = await stage.depose(async (happens) => {
      await happens('told');
      expect(leader.leading).toBe(false);
      stage.elector(`${NAME}-zkb5w_11111111-2222-4333-8444-555555555555`);
    });
    expect(text).toMatch(
      /Taken over by worker-zkb5w_11111111.* where the old holder was: its process was started again/,
    );
    expect(verdict).toBe('as-hoped');
  });
});

describe('while it is held', () => {
  it('the record explains itself: who, since when, for how long, one more transition', async () => {
    const stage = new DeposeStage({ serverSkewMs: 7_200_000 });
    await stage.ghost({ leaseDurationMs: 12_000, renewDeadlineMs: 8_000 });
    stage.standby('ccccc', { leaseDurationMs: 12_000, renewDeadlineMs: 8_000 });
    await stage.depose(async (happens) => {
      const before = recordIn(stage);
      await happens('holding');
      const taken = recordIn(stage);
      expect(taken).toMatchObject({
        holderIdentity: ME,
        leaseDurationSeconds: 12,
        leaseTransitions: (before['leaseTransitions'] as number) + 1,
      });
      const acquired = Date.parse(taken['acquireTime'] as string);
      expect(Math.abs(acquired - stage.cluster.serverNow())).toBeLessThan(1_500);
      await stage.step(5_000);
      const renewed = recordIn(stage);
      expect(renewed).toEqual({ ...taken, renewTime: renewed['renewTime'] });
      expect(Date.parse(renewed['renewTime'] as string) - acquired).toBeGreaterThan(2_500);
    });
  });

  it('fields of an annotation that are not part of the claim are kept', async () => {
    const stage = new DeposeStage();
    await stage.ghost({ lock: 'endpoints' });
    stage.standbyPod('ccccc');
    const examined = await stage.examine();
    const plan = await stage.plan(examined);
    const object = stage.cluster.peek(ENDPOINTS, 'default', NAME);
    const text = JSON.stringify({ ...recordIn(stage, ENDPOINTS), holderKey: 'blue' });
    const annotations = { ...object.metadata.annotations, other: 'kept', [LEADER_ANNOTATION]: text };
    stage.cluster.update({ ...object, metadata: { ...object.metadata, annotations } });
    const deposed = stage.begin(examined, plan);
    await stage.until('renewed');
    expect(recordIn(stage, ENDPOINTS)).toMatchObject({ holderIdentity: ME, holderKey: 'blue' });
    expect(stage.cluster.peek(ENDPOINTS, 'default', NAME).metadata.annotations).toMatchObject({
      other: 'kept',
    });
    stage.signal.abort();
    await stage.run(deposed);
  });

  it.each([
    { what: 'its duration and the retry jitter', holdMs: null, least: 19_400 },
    { what: 'as long as was asked for', holdMs: 40_000, least: 40_000 },
    { what: 'never shorter than needed', holdMs: 1_000, least: 19_400 },
  ])('it is renewed every 2 s for $what', async ({ holdMs, least }) => {
    const stage = new DeposeStage();
    await stage.ghost();
    stage.standby('ccccc');
    const { result } = await stage.depose(undefined, { holdMs });
    expect(result.heldMs).toBeGreaterThanOrEqual(least);
    expect(result.heldMs).toBeLessThan(least + 500);
    const renewals = stage.events.filter(({ is }) => is === 'renewed');
    expect(renewals.length).toBeGreaterThanOrEqual(Math.floor(least / 2_000) - 1);
    expect(stage.progress[0]).toMatchObject({ doing: 'holding', forMs: least });
  });

  it('a quick lock is renewed more often, and is over sooner', async () => {
    const quick = { leaseDurationMs: 4_000, renewDeadlineMs: 3_000, retryPeriodMs: 500 };
    const stage = new DeposeStage();
    await stage.ghost(quick);
    stage.standby('ccccc', quick);
    const { verdict, result } = await stage.depose();
    expect([verdict, stage.mostLeaders]).toEqual(['as-hoped', 1]);
    expect(result.heldMs).toBeLessThan(9_000);
    expect(stage.events.filter(({ is }) => is === 'renewed').length).toBeGreaterThan(12);
  });

  it('everything is told in order, with what the electors themselves tell', async () => {
    const stage = new DeposeStage();
    await stage.ghost({ lock: 'endpointsleases' });
    stage.standby('ccccc', { lock: 'endpointsleases' });
    await stage.depose();
    expect(stage.said()).toEqual([
      expect.stringMatching(/^endpoints\/worker saved to \/kept\/default_endpoints_worker_.*\.yaml$/),
      expect.stringMatching(/^lease\/worker saved to \/kept\//),
      'endpoints/worker taken',
      'lease/worker taken',
      expect.stringMatching(/^Held and renewed: worker-zkb5w_\S+ must have stopped by 12:00:\d\dZ$/),
      `Event: ${HOLDER} stopped leading`,
      'endpoints/worker freed',
      'lease/worker freed',
      expect.stringMatching(/^Event: worker-ccccc_\S+ became leader$/),
      expect.stringMatching(/^Taken over by worker-ccccc_\S+, \d(\.\d)? s after it was freed$/),
    ]);
    expect(stage.kept.size).toBe(2);
    expect(stage.kept.values().next().value?.metadata.annotations?.[LEADER_ANNOTATION]).toContain(HOLDER);
  });

  it('events that may not be read are no obstacle', async () => {
    const stage = new DeposeStage();
    await stage.ghost();
    stage.standby('ccccc');
    stage.cluster.forbid({ resource: EVENTS });
    expect((await stage.depose()).verdict).toBe('as-hoped');
    expect(stage.happened()).not.toContain('told');
  });
});

describe('what became of it is told as it is', () => {
  it('the old holder is started again under its name: it came back', async () => {
    const stage = new DeposeStage();
    await stage.ghost();
    stage.standbyPod('ccccc');
    const { text, verdict } = await stage.depose(async (happens) => {
      await happens('told');
      stage.elector(HOLDER);
    });
    expect(text).toMatch(
      /^The old holder worker-zkb5w_\S+ came back \d(\.\d)? s after the lock was freed: .*\nWhat remains is to take its credentials away.*kubectl leader describe default\/lease\/worker/,
    );
    expect(verdict).toBe('not-as-hoped');
  });

  it('a live one that comes back: its Pod is named', async () => {
    const stage = new DeposeStage();
    await stage.leader(NAME);
    stage.standbyPod('ccccc');
    const { text, verdict } = await stage.depose(async (happens) => {
      await happens('told');
      stage.elector(HOLDER);
    });
    expect(text).toMatch(/came back.*\nWhat remains is to delete its Pod default\/worker-zkb5w/);
    expect(verdict).toBe('not-as-hoped');
  });

  it('it comes back after another one has led for a while: the case was not closed yet', async () => {
    const stage = new DeposeStage();
    await stage.ghost();
    const standby = stage.standby('ccccc', { releaseOnCancel: true });
    const { text, verdict } = await stage.depose(async (happens) => {
      await happens('holder-changed');
      await stage.step(5_000);
      stage.elector(HOLDER);
      await stage.step(3_000);
      await standby.stop();
    });
    expect(text).toMatch(/^The old holder worker-zkb5w_\S+ came back/);
    expect(verdict).toBe('not-as-hoped');
  });

  it("the ghost's process is started again under a new UUID: still a ghost", async () => {
    const stage = new DeposeStage();
    await stage.ghost();
    stage.standbyPod('ccccc');
    const { text, verdict } = await stage.depose(async (happens) => {
      await happens('told');
      stage.elector(`${NAME}-zkb5w_11111111-2222-4333-8444-555555555555`);
    });
    expect(text).toMatch(
      /which exists nowhere in the cluster, where the old holder was.*\nWhat remains is to take its credentials away/,
    );
    expect(verdict).toBe('not-as-hoped');
  });

  it('a Pod that is not ready takes it: it exists, but is not fit to lead', async () => {
    const stage = new DeposeStage();
    await stage.ghost();
    stage.standby('ccccc');
    const { text, verdict } = await stage.depose(async (happens) => {
      await happens('holder-changed');
      const unready = pod({ name: `${NAME}-ccccc`, owner: { kind: 'DaemonSet', name: NAME }, ready: false });
      stage.cluster.apply(unready);
    });
    expect(text).toMatch(/Taken over by worker-ccccc.*\nThe new holder is not fit to lead/);
    expect(verdict).toBe('not-as-hoped');
  });

  it('whether the new holder exists may not be looked for: said, and no failure', async () => {
    const stage = new DeposeStage();
    await stage.ghost();
    stage.standby('ccccc');
    const { text, verdict } = await stage.depose(async (happens) => {
      await happens('freed');
      stage.cluster.forbid({ resource: PODS });
    });
    expect(text).toMatch(
      /^Taken over by worker-ccccc.*\nWhether that holder exists could not be looked for$/,
    );
    expect(verdict).toBe('as-hoped');
  });

  it('nobody takes it: said, with who should have', async () => {
    const stage = new DeposeStage();
    const ghost = await stage.ghost();
    stage.standbyPod('ccccc');
    const { text, verdict } = await stage.depose(undefined, {}, { waitMs: 12_000 });
    expect(text).toMatch(
      /stepped down, but nobody took the lock within 12 s\nThe pods of daemonset default\/worker/,
    );
    expect([verdict, ghost.leading]).toEqual(['not-as-hoped', false]);
    expect(recordIn(stage)).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  });
});

describe('a server dry run', () => {
  it.each(['leases', 'endpointsleases'] as const)('%s: checks the writes and makes none', async (lock) => {
    const stage = new DeposeStage();
    await stage.ghost({ lock });
    stage.standbyPod('ccccc');
    const { text, verdict, result } = await stage.depose(undefined, {}, { dryRun: true });
    expect(text).toBe('The API server would let it be taken (server dry run)');
    expect([verdict, result.ending.is]).toEqual(['as-hoped', 'checked']);
    expect(writes(stage)).toEqual(
      HALVES[lock].map(({ plural, group }) => `patch ${plural}${group && `.${group}`} (dry run)`),
    );
    expect(recordIn(stage, HALVES[lock][0])).toMatchObject({ holderIdentity: HOLDER });
    expect(stage.kept.size).toBe(0);
  });
});
