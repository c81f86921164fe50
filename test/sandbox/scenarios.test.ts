import { afterEach, describe, expect, it } from 'vitest';
import { ENDPOINTS, LEASES, NODES, PODS } from '../../src/core/resources.ts';
import { SCENARIO_NAMES, type ScenarioName } from '../../src/sandbox/scenario-names.ts';
import { SCENARIOS } from '../../src/sandbox/scenarios/index.ts';
import { endpointsLock, lease } from '../support/objects.ts';
import { WorldStage } from './stage.ts';

/** What the user has to do, by whatever command, for a story to go on; and when. */
const CURES: Partial<Record<ScenarioName, { after: RegExp; act: (stage: WorldStage) => Promise<void> }>> = {
  ghost: {
    after: /^Depose it/,
    act: async (stage) => {
      const place = { namespace: 'volumes', name: 'volume-provisioner' };
      const write = (holder: string): void => {
        stage.world.api.store.apply(endpointsLock({ ...place, holder, renewTime: stage.clock.now() }));
      };
      write('deposer');
      await stage.clock.advance(13_000);
      write('');
    },
  },
  frozen: {
    after: /deleting it works/,
    act: async ({ world }) => world.api.store.remove(ENDPOINTS, 'kube-system', 'kube-controller-manager'),
  },
  orphaned: {
    after: /^What is missing/,
    act: async ({ world }) => {
      for (const { metadata } of world.api.store.list(PODS)) {
        if (metadata.namespace === 'ops') world.api.store.remove(PODS, 'ops', metadata.name ?? '');
      }
    },
  },
  leaderless: { after: /^Start the workload/, act: async (stage) => stage.scale('shop', 'price-sync', 2) },
  split: { after: /^Stop the release/, act: async (stage) => stage.scale('payments', 'ledger-v1', 0) },
};

describe('the stories', () => {
  let stage: WorldStage | null = null;
  afterEach(async () => {
    await stage?.end();
    stage = null;
  });

  it.each(SCENARIO_NAMES)('%s is told to its end, and not before it is solved', async (name) => {
    const playing = WorldStage.play(name);
    stage = playing;
    const cure = CURES[name];
    if (cure !== undefined) {
      await playing.hears(cure.after);
      await playing.clock.advance(60_000);
      expect(playing.told.at(-1)?.text).toMatch(cure.after);
      await cure.act(playing);
    }
    await playing.until('the end', () => playing.told.at(-1)?.last === true);
    for (const { text } of playing.told) expect(text.length).toBeLessThan(170);
    expect(SCENARIOS[name].summary.length).toBeLessThan(110);
  });

  it('the ghost renews although neither its Pod nor its node exists, and never leads again once it was deposed', async () => {
    const playing = WorldStage.play('ghost');
    stage = playing;
    await playing.hears(/^Ghost/);
    const [ghost] = playing.world.leaders('volumes', 'volume-provisioner');
    expect(ghost && playing.world.exists(ghost)).toBe(false);
    expect(playing.world.api.store.find(NODES, null, 'worker-3')).toBeNull();
    const renewTime = () => playing.record(ENDPOINTS, 'volumes', 'volume-provisioner')['renewTime'];
    const before = renewTime();
    await playing.clock.advance(5_000);
    expect(renewTime()).not.toBe(before);
    await playing.hears(CURES.ghost?.after ?? /$^/);
    await CURES.ghost?.act(playing);
    await playing.hears(/^Solved/);
    await playing.clock.advance(60_000);
    const leaders = playing.world.leaders('volumes', 'volume-provisioner');
    expect(leaders.map((one) => playing.world.exists(one))).toEqual([true]);
  });

  it('the frozen record never moves, whoever tries, and no Pod is made meanwhile', async () => {
    const playing = WorldStage.play('frozen');
    stage = playing;
    const version = () =>
      playing.world.api.store.read(ENDPOINTS, 'kube-system', 'kube-controller-manager').metadata
        .resourceVersion;
    const before = version();
    await playing.clock.advance(120_000);
    expect(version()).toBe(before);
    expect(playing.pods('shop')).toHaveLength(2);
    expect(playing.world.controllersLead()).toBe(false);
  });

  it('a coordinated lock is given to a process that runs: after a deposition, and once it was deleted', async () => {
    const playing = WorldStage.play('hand-over');
    stage = playing;
    await playing.hears(/^Done/);
    const { store } = playing.world.api;
    const leader = () =>
      playing.world.leaders('kube-system', 'kube-scheduler-master-2')[0]?.process.leads[0] ?? null;
    const deposed = leader();
    const place = { namespace: 'kube-system', name: 'kube-scheduler' };
    store.apply(lease({ ...place, holder: 'deposer', renewTime: playing.clock.now() }));
    await playing.until('it stopped', () => leader() === null, 20);
    await playing.until('its successor leads', () => leader() !== null, 60);
    expect(leader()).not.toBe(deposed);
    store.remove(LEASES, place.namespace, place.name);
    const held = () => store.find(LEASES, place.namespace, place.name)?.spec ?? null;
    await playing.until('it is made anew', () => held() !== null, 60);
    expect(held()).toMatchObject({ holderIdentity: expect.stringMatching(/^master-2_/) });
  });

  it('says so when what it is about was taken away', async () => {
    const playing = WorldStage.play('ghost');
    stage = playing;
    playing.world.removeNode('worker-3');
    await playing.until('the end', () => playing.told.at(-1)?.last === true, 20);
    expect(playing.told.at(-1)?.text).toBe('The story cannot go on: nodes "worker-3" not found.');
  });

  it('common cause: nobody loses a lock although all are late', async () => {
    const playing = WorldStage.play('common-cause');
    stage = playing;
    const holders = (): unknown[] =>
      playing.world.api.store
        .list(LEASES)
        .filter(({ metadata }) => metadata.namespace !== 'kube-node-lease')
        .map(({ spec }) => (spec as { holderIdentity: string }).holderIdentity);
    const before = holders();
    await playing.hears(/^Solved/);
    expect(holders()).toEqual(before);
  });
});
