import { describe, expect, it } from 'vitest';
import { CONFIGMAPS, ENDPOINTS, LEASES, PODS, type Resource } from '../../src/core/resources.ts';
import type { LockType } from '../support/fake-resource-lock.ts';
import { LEADER_ANNOTATION, lease } from '../support/objects.ts';
import { NAME, orphan, ReleaseStage, recordIn, stored, writes } from './release-stage.ts';

/** A lock whose holder is alive and renews nothing: its process is stopped. */
async function frozen(lock: LockType = 'leases') {
  const stage = new ReleaseStage();
  const elector = await stage.leader(NAME, { lock });
  elector.freeze();
  return { stage, elector };
}

describe('the outcome is seen and told', () => {
  const halves: Record<LockType, Resource[]> = {
    leases: [LEASES],
    endpoints: [ENDPOINTS],
    configmaps: [CONFIGMAPS],
    endpointsleases: [ENDPOINTS, LEASES],
    configmapsleases: [CONFIGMAPS, LEASES],
  };

  it.each(Object.keys(halves) as LockType[])('%s: a standby takes it at its next try', async (lock) => {
    const stage = await orphan(lock);
    const examined = await stage.examine();
    expect(examined.report).toMatchObject({ verdict: 'Orphaned', grade: 'watched' });
    const plan = stage.plan(examined);
    const standbys = ['aaaaa', 'bbbbb'].map((suffix) =>
      stage.elector(stage.standbyPod(suffix), { name: NAME, lock }),
    );
    await stage.clock.advance(2_000);
    const freedAt = stage.clock.mono();
    const result = await stage.run(stage.begin(examined, plan));
    expect(stage.clock.mono() - freedAt).toBeLessThan(5_000);
    expect(standbys.filter(({ leading }) => leading)).toHaveLength(1);
    const { said, ending } = stage.told(examined, plan, result);
    expect(ending).toBe('as-hoped');
    expect(said).toMatch(/Taken over by worker-[ab]{5}_\S+ after \d(\.\d)? s$/);
    expect(result.writes.map(({ step }) => step.action)).toEqual(halves[lock].map(() => 'vacate'));
    for (const resource of halves[lock]) {
      expect(recordIn(stage, resource)).toMatchObject({
        holderIdentity: expect.stringMatching(/worker-[ab]{5}/),
      });
    }
  });

  it('vacating keeps transitions, labels and what else there is', async () => {
    const stage = await orphan();
    stage.cluster.update({
      ...stored(stage),
      metadata: { ...stored(stage).metadata, labels: { team: 'x' } },
    });
    const before = stored(stage);
    const { said, ending } = await stage.release({}, { waitMs: 12_000 });
    expect(recordIn(stage, LEASES)).toMatchObject({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      leaseTransitions: (before.spec as { leaseTransitions: number }).leaseTransitions,
    });
    expect(stored(stage).metadata).toMatchObject({ uid: before.metadata.uid, labels: { team: 'x' } });
    expect(ending).toBe('not-as-hoped');
    expect(said).toMatch(
      /Still vacant after 12 s: nobody took it.*not the cure\nThe pods of daemonset default\/worker should/,
    );
  });

  it('the same holder takes a frozen lock back: it can write again, so that was the cure', async () => {
    const { stage, elector } = await frozen();
    const examined = await stage.examine();
    expect(examined.report.verdict).toBe('Frozen');
    const plan = stage.plan(examined);
    const released = stage.begin(examined, plan);
    await stage.clock.advance(500);
    elector.thaw();
    const result = await stage.run(released);
    const { said, ending } = stage.told(examined, plan, result);
    expect(said).toMatch(
      /Taken back by the same holder, worker-zkb5w_\S+, after .*\nIt can write its lock again/,
    );
    expect(ending).toBe('as-hoped');
  });

  it('a ghost takes it back at once, and depose is named', async () => {
    const stage = new ReleaseStage();
    await stage.leader(NAME, { lock: 'endpoints' });
    stage.cluster.remove(PODS, 'default', `${NAME}-zkb5w`);
    const examined = await stage.examine();
    const refusal = stage.decide(examined);
    expect(refusal).toMatchObject({ is: 'refusal', code: 'renewing', forceable: true });
    const forced = stage.plan(await stage.examine(), { force: true });
    expect(forced.warnings.join('\n')).toMatch(/takes a freed lock back within about 2 s/);
    const { said, ending, result } = await stage.release({ force: true });
    expect(result.aftermath).toMatchObject({ is: 'retaken-by-same' });
    expect(said).toMatch(
      /Taken back by the same holder.*\n.*a ghost.*kubectl leader depose default\/endpoints\/worker/,
    );
    expect(ending).toBe('not-as-hoped');
  });

  it.each(['endpoints', 'endpointsleases'] as const)(
    '%s: by force, a lock is written to however often its holder renews it before the user has decided',
    async (lock) => {
      const stage = new ReleaseStage();
      await stage.leader(NAME, { lock });
      const examined = await stage.examine();
      const plan = stage.plan(examined, { force: true });
      await stage.clock.advance(30_000);
      const result = await stage.run(stage.begin(examined, plan));
      expect(result.aftermath?.is).toBe('retaken-by-same');
      expect(result.writes.map(({ result: { is } }) => is)).toEqual(result.writes.map(() => 'written'));
      expect(result.aftermath).toMatchObject({ afterMs: expect.any(Number) });
    },
  );

  it('by force, a renewal before the write is no takeover after it', async () => {
    const stage = new ReleaseStage();
    const elector = await stage.leader(NAME);
    const examined = await stage.examine();
    const plan = stage.plan(examined, { force: true });
    await stage.clock.advance(10_000);
    elector.kill();
    const result = await stage.run(stage.begin(examined, plan, { waitMs: 5_000 }));
    expect(result.aftermath).toEqual({ is: 'still-vacant' });
  });

  it('by force, but another holder has it by then: it is left alone', async () => {
    const stage = new ReleaseStage();
    (await stage.leader(NAME)).kill();
    const examined = await stage.examine({ observeMs: 0 });
    const plan = stage.plan(examined, { force: true });
    stage.cluster.apply(lease({ name: NAME, holder: 'other-1', transitions: 3 }));
    const result = await stage.run(stage.begin(examined, plan));
    expect(stage.told(examined, plan, result)).toMatchObject({ said: expect.stringMatching(/other-1 took/) });
  });

  it('the object vanishes: somebody deletes it after it was freed', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    const released = stage.begin(examined, plan);
    await stage.clock.advance(3_000);
    stage.cluster.remove(LEASES, 'default', NAME);
    const result = await stage.run(released);
    const { said, ending } = stage.told(examined, plan, result);
    expect(said).toMatch(/Vanished: .*after 30 s nobody had created it again/);
    expect(ending).toBe('not-as-hoped');
  });

  it('without waiting nothing is claimed', async () => {
    const stage = await orphan();
    const { said, ending } = await stage.release({}, { waitMs: null });
    expect(said).toContain('was not waited for');
    expect(ending).toBe('as-hoped');
  });

  it('blind at the end, it says that it does not know', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    const released = stage.begin(examined, plan);
    await stage.clock.advance(1_000);
    stage.cluster.disconnect();
    const result = await stage.run(released);
    expect(result.aftermath?.is).toBe('unseen');
    expect(stage.told(examined, plan, result)).toMatchObject({
      said: expect.stringMatching(/could not be seen: no answer/),
      ending: 'not-as-hoped',
    });
  });

  it('without the right to watch, the object is read again and again', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    stage.cluster.forbid({ verb: 'watch', resource: LEASES });
    stage.elector(stage.standbyPod('aaaaa'), { name: NAME });
    const result = await stage.run(stage.begin(examined, stage.plan(examined)));
    expect(result.waitedMs).toBeLessThan(10_000);
    expect(result.aftermath).toMatchObject({ is: 'taken-over', by: expect.stringContaining('worker-aaaaa') });
  });
});

describe('what is deleted', () => {
  it.each([
    ['leases', LEASES],
    ['endpoints', ENDPOINTS],
  ] as const)('%s: created anew by a candidate', async (lock, resource) => {
    const stage = await orphan(lock);
    const { uid } = stored(stage, resource).metadata;
    const examined = await stage.examine();
    const plan = stage.plan(examined, { strategy: 'delete' });
    stage.elector(stage.standbyPod('aaaaa'), { name: NAME, lock });
    const result = await stage.run(stage.begin(examined, plan));
    expect(stage.told(examined, plan, result).said).toMatch(/ deleted\nTaken over by worker-aaaaa/);
    expect(stored(stage, resource).metadata.uid).not.toBe(uid);
  });

  it('a lock that cannot be updated: vacating meets 409 again and again, deleting cures it', async () => {
    const stage = new ReleaseStage();
    const elector = await stage.leader(NAME, { lock: 'endpoints' });
    stage.cluster.conflictOn(ENDPOINTS, 'default', NAME);
    await stage.clock.advance(20_000);
    stage.elector(elector.identity, { name: NAME, lock: 'endpoints' });
    const examined = await stage.examine();
    expect(examined.report.verdict).toBe('Frozen');
    const vacating = stage.plan(examined);
    const vacated = await stage.run(stage.begin(examined, vacating));
    const { said, ending } = stage.told(examined, vacating, vacated);
    expect(said).toMatch(
      /every write is answered 409 Conflict, though nobody changes the object\n.*--strategy delete/,
    );
    expect(ending).toBe('changed');
    expect(writes(stage)).toEqual(Array(3).fill('patch endpoints'));

    const deleting = stage.plan(examined, { strategy: 'delete' });
    const deleted = await stage.run(stage.begin(examined, deleting));
    expect(deleted.aftermath).toMatchObject({ is: 'retaken-by-same' });
    expect(stage.told(examined, deleting, deleted).ending).toBe('as-hoped');
  });
});

describe('between showing and writing', () => {
  it('a lock that renews again is left alone, and that is good news', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    const again = stored(stage);
    stage.cluster.update({
      ...again,
      spec: { ...(again.spec as object), renewTime: '2026-01-15T12:01:00.000000Z' },
    });
    const { resourceVersion } = stored(stage).metadata;
    const result = await stage.run(stage.begin(examined, plan));
    const { said, ending } = stage.told(examined, plan, result);
    expect(said).toMatch(
      /^Not vacated\. Good news: worker-zkb5w_\S+ renewed lease\/worker meanwhile.*Judged anew: Ghost/,
    );
    expect(ending).toBe('changed');
    expect(stored(stage).metadata.resourceVersion).toBe(resourceVersion);
  });

  it.each<[string, (stage: ReleaseStage) => void, RegExp]>([
    [
      'an edit that is no renewal',
      (stage) => {
        const object = stored(stage);
        stage.cluster.update({ ...object, metadata: { ...object.metadata, labels: { a: 'b' } } });
      },
      /was edited meanwhile, though nobody renewed it.*Orphaned/,
    ],
    [
      'a candidate took it',
      (stage) => void stage.cluster.apply(lease({ name: NAME, holder: 'other-1', transitions: 3 })),
      /Good news: other-1 took lease\/worker/,
    ],
    [
      'it was freed by somebody else',
      (stage) => void stage.cluster.apply(lease({ name: NAME, holder: '', durationSeconds: 1 })),
      /freed by somebody else meanwhile/,
    ],
    [
      'it was deleted',
      (stage) => stage.cluster.remove(LEASES, 'default', NAME),
      /was deleted by somebody else/,
    ],
    [
      'it was deleted and created anew, word for word',
      (stage) => {
        const { metadata, ...rest } = stored(stage);
        stage.cluster.remove(LEASES, 'default', NAME);
        stage.cluster.create({ ...rest, metadata: { name: NAME, namespace: 'default' } });
      },
      /was edited meanwhile/,
    ],
  ])('%s: nothing is written', async (_, change, expected) => {
    const stage = await orphan();
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    change(stage);
    const { revision } = stage.cluster.store;
    const result = await stage.run(stage.begin(examined, plan));
    const { said, ending } = stage.told(examined, plan, result);
    expect(said).toMatch(expected);
    expect([ending, result.aftermath, stage.cluster.store.revision]).toEqual(['changed', null, revision]);
  });

  it('of two releases at once only one writes', async () => {
    const stage = await orphan();
    const examined = await stage.examine();
    const plan = stage.plan(examined);
    const order = { waitMs: null };
    const results = await stage.run(
      Promise.all([stage.begin(examined, plan, order), stage.begin(examined, plan, order)]),
    );
    const endings = results.map((result) => stage.told(examined, plan, result).ending);
    expect(endings.toSorted()).toEqual(['as-hoped', 'changed']);
  });
});

describe('the backup', () => {
  it('is made of every object before the first write', async () => {
    const stage = await orphan('endpointsleases');
    await stage.release({}, { waitMs: null });
    expect(stage.events.map(({ is }) => is)).toEqual(['backed-up', 'backed-up', 'wrote', 'wrote']);
    expect([...stage.kept.values()].map(({ kind }) => kind)).toEqual(['Endpoints', 'Lease']);
    const [annotated, spec] = [...stage.kept.values()];
    expect(annotated?.metadata.annotations?.[LEADER_ANNOTATION]).toContain('worker-zkb5w');
    expect(spec).toMatchObject({ spec: { holderIdentity: expect.stringContaining('worker-zkb5w') } });
  });

  it('that cannot be made stops everything', async () => {
    const stage = await orphan('endpointsleases');
    const examined = await stage.examine();
    let left = 1;
    const save = (): Promise<string> =>
      left-- > 0 ? Promise.resolve('/kept/one') : Promise.reject(new Error('no space left on device'));
    const released = stage.run(stage.begin(examined, stage.plan(examined), { save }));
    await expect(released).rejects.toMatchObject({
      code: 'refused',
      message: 'nothing was written, because no backup could be: no space left on device',
      hint: expect.stringContaining('--backup-dir'),
    });
    expect(writes(stage)).toEqual([]);
  });
});

describe('a dry run', () => {
  it('has the server check all writes, and makes none', async () => {
    const stage = await orphan('endpointsleases');
    const { revision } = stage.cluster.store;
    const { ending, result } = await stage.release({}, { dryRun: true });
    expect(writes(stage)).toEqual(['patch endpoints', 'patch leases.coordination.k8s.io']);
    expect([ending, result.aftermath, result.backups, stage.kept.size]).toEqual(['as-hoped', null, [], 0]);
    expect(stage.cluster.store.revision).toBe(revision);
  });

  it('fails like the real one', async () => {
    const stage = await orphan();
    stage.cluster.forbid({ verb: 'patch', resource: LEASES });
    const { ending, said } = await stage.release({}, { dryRun: true });
    expect([ending, said]).toEqual(['failed', expect.stringContaining('cannot patch resource "leases"')]);
  });
});

describe('a forced deletion of a lock that is renewed', () => {
  async function planned() {
    const stage = new ReleaseStage();
    await stage.leader(NAME, { lock: 'configmaps' });
    const examined = await stage.examine();
    return { stage, examined, plan: stage.plan(examined, { force: true, strategy: 'delete' }) };
  }

  it('goes through where nothing but the record changed', async () => {
    const { stage, examined, plan } = await planned();
    await stage.clock.advance(3_000);
    const result = await stage.run(stage.begin(examined, plan));
    expect(result.writes[0]?.result.is).toBe('written');
  });

  it('takes nothing that was put into the object meanwhile', async () => {
    const { stage, examined, plan } = await planned();
    const object = stage.cluster.peek(CONFIGMAPS, 'default', NAME);
    stage.cluster.update({ ...object, data: { precious: 'yes' } });
    await stage.clock.advance(3_000);
    const result = await stage.run(stage.begin(examined, plan));
    expect(result.writes[0]?.result.is).toBe('conflict');
    expect(stage.cluster.peek(CONFIGMAPS, 'default', NAME)['data']).toEqual({ precious: 'yes' });
  });
});
