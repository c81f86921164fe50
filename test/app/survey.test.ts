import { describe, expect, it } from 'vitest';
import { survey } from '../../src/app/survey.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { CONFIGMAPS, ENDPOINTS, LEASES, NODES, PODS } from '../../src/core/resources.ts';
import { configMapLock, endpointsLock, lease, pod } from '../support/objects.ts';
import { EVERYWHERE, reportOf, Stage, UUID, verdicts } from './stage.ts';

function look(stage: Stage, scope = EVERYWHERE) {
  return stage.run(survey(stage.cluster, stage.clock, scope, stage.signal.signal));
}

describe('one look', () => {
  it('finds locks of every kind and judges them by the clock', async () => {
    const stage = new Stage();
    await stage.leader('one', { lock: 'leases' });
    await stage.leader('two', { lock: 'endpoints' });
    await stage.leader('three', { lock: 'configmaps' });
    await stage.leader('four', { lock: 'endpointsleases' });
    await stage.leader('five', { lock: 'configmapsleases' });
    expect(verdicts(await look(stage))).toEqual({
      'lease/one': 'Healthy (clock)',
      'endpoints/two': 'Healthy (clock)',
      'configmap/three': 'Healthy (clock)',
      'endpoints/four': 'Healthy (clock)',
      'configmap/five': 'Healthy (clock)',
    });
  });

  it('shows objects that carry no lock nowhere, and node heartbeats only when asked', async () => {
    const stage = new Stage();
    stage.cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
    });
    const heartbeat = {
      name: 'node-1',
      namespace: 'kube-node-lease',
      holder: 'node-1',
      durationSeconds: 40,
      acquireTime: null,
      transitions: null,
      renewTime: stage.clock.now(),
    };
    stage.cluster.create(lease(heartbeat));
    expect((await look(stage)).reports).toEqual([]);
    const shown = await look(stage, { ...EVERYWHERE, heartbeats: true });
    expect(verdicts(shown)).toEqual({ 'lease/node-1': 'Healthy (clock)' });
    expect(reportOf(shown, 'lease/node-1').heartbeat).not.toBeNull();
  });

  it('looks for the holders of one kind of lock while another is still being read', async () => {
    const stage = new Stage();
    for (let index = 0; index < 20; index += 1) await stage.leader(`lock-${index}`);
    const answer = stage.cluster.hang({ verb: 'list', resource: CONFIGMAPS });
    const looking = survey(stage.cluster, stage.clock, EVERYWHERE, stage.signal.signal);
    const sent = () => stage.cluster.requests.map(({ resource }) => resource);
    await stage.clock.runUntil(stage.clock.sleep(1));
    expect(sent()).toEqual(expect.arrayContaining(['configmaps', 'pods', 'nodes']));
    const before = sent().filter((resource) => resource !== 'configmaps');
    answer();
    const { reports } = await stage.run(looking);
    expect(reports).toHaveLength(20);
    expect(sent().filter((resource) => resource !== 'configmaps')).toEqual(before);
  });

  it('narrows by namespace and label', async () => {
    const stage = new Stage();
    await stage.leader('one', { namespace: 'apps' });
    await stage.leader('two', { namespace: 'other' });
    expect(Object.keys(verdicts(await look(stage, { ...EVERYWHERE, namespace: 'apps' })))).toEqual([
      'lease/one',
    ]);
    stage.cluster.create(lease({ name: 'labelled', labels: { app: 'x' }, renewTime: stage.clock.now() }));
    expect(Object.keys(verdicts(await look(stage, { ...EVERYWHERE, labelSelector: 'app=x' })))).toEqual([
      'lease/labelled',
    ]);
  });

  it('calls an old record of a living holder frozen, provisionally', async () => {
    const stage = new Stage();
    stage.cluster.create(pod({ name: 'worker-0' }));
    const fiveDaysAgo = stage.clock.now() - 5 * 86_400_000;
    stage.cluster.create(
      endpointsLock({ name: 'worker', holder: `worker-0_${UUID}`, renewTime: fiveDaysAgo }),
    );
    const report = reportOf(await look(stage), 'endpoints/worker');
    expect(report).toMatchObject({ verdict: 'Frozen', grade: 'clock' });
    expect(report.evidence.map(({ text }) => text).join('\n')).toContain('renewTime is 5d old');
  });

  it('says of a ghost what it was', async () => {
    const stage = new Stage();
    await stage.leader('provisioner', { lock: 'endpoints' });
    stage.cluster.remove(PODS, 'default', 'provisioner-zkb5w');
    stage.cluster.remove(NODES, null, 'node-1');
    await stage.clock.advance(2_000);
    const report = reportOf(await look(stage), 'endpoints/provisioner');
    expect(report).toMatchObject({
      verdict: 'Ghost',
      holder: { presence: 'gone', found: 'gone (DaemonSet pod)' },
    });
  });

  it('reports an undecodable record with the reason', async () => {
    const stage = new Stage();
    const annotations = { 'control-plane.alpha.kubernetes.io/leader': '{"holderIdentity": "x' };
    stage.cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'broken', namespace: 'default', annotations },
    });
    expect(reportOf(await look(stage), 'configmap/broken').verdict).toBe('Invalid');
  });
});

describe('accusations are checked against the store', () => {
  it.each([3, 30])(
    'none of %i is shown that is only in a stale cache, whether they are read one by one or listed',
    async (count) => {
      const stage = new Stage();
      const renewTime = stage.clock.now() - 86_400_000;
      const names = Array.from({ length: count }, (_, index) => `worker-${index}`);
      for (const name of names) stage.cluster.create(lease({ name, holder: 'node-1', renewTime }));
      stage.cluster.setCacheLag(Number.POSITIVE_INFINITY);
      stage.cluster.remove(LEASES, 'default', 'worker-0');
      stage.cluster.remove(LEASES, 'default', 'worker-1');
      stage.cluster.create(lease({ name: 'worker-1', holder: 'node-1', renewTime: stage.clock.now() }));
      const shown = verdicts(await look(stage));
      expect(Object.keys(shown)).toHaveLength(count - 1);
      expect(shown).not.toHaveProperty('lease/worker-0');
      expect(shown['lease/worker-1']).not.toMatch(/Frozen|Silent/);
      expect(shown['lease/worker-2']).toBe('Frozen (clock)');
    },
  );

  it('a stale cache accuses nobody', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.setCacheLag(600_000);
    await stage.clock.advance(300_000);
    const report = reportOf(await look(stage), 'lease/worker');
    expect(report).toMatchObject({ verdict: 'Healthy', renewal: { state: 'renewing' } });
  });

  it('two reads that differ leave a holder whose clock is behind undecided', async () => {
    const stage = new Stage();
    await stage.leader('worker', { clockSkewMs: -3_600_000 });
    stage.cluster.setCacheLag(3_000);
    await stage.clock.advance(10_000);
    expect(reportOf(await look(stage), 'lease/worker').verdict).toBe('Undecided');
  });

  it('a lock that vanished between the reads is not listed', async () => {
    const stage = new Stage();
    stage.cluster.create(lease({ name: 'gone', renewTime: 0 }));
    stage.cluster.setCacheLag(Number.POSITIVE_INFINITY);
    stage.cluster.remove(LEASES, 'default', 'gone');
    expect((await look(stage)).reports).toEqual([]);
  });
});

describe('the other half of a lock that has moved on to Leases', () => {
  const labels = { app: 'x' };
  const selected = { ...EVERYWHERE, labelSelector: 'app=x' };

  /** A Lease that is renewed, and the annotation of that name that nobody has written for a month. */
  async function migrated(kind: 'endpoints' | 'configmap') {
    const stage = new Stage();
    await stage.leader('worker');
    const renewTime = stage.clock.now() - 30 * 86_400_000;
    const old = { name: 'worker', holder: `worker-aaaaa_${UUID}`, labels, renewTime };
    stage.cluster.create(kind === 'endpoints' ? endpointsLock(old) : configMapLock(old));
    return stage;
  }

  it.each(['endpoints', 'configmap'] as const)(
    'of %s is found though the label selector leaves it out, and listed once',
    async (kind) => {
      const stage = await migrated(kind);
      expect(verdicts(await look(stage, selected))).toEqual({ 'lease/worker': 'Healthy (clock)' });
      expect(verdicts(await look(stage))).toEqual({ 'lease/worker': 'Healthy (clock)' });
    },
  );

  it('is found when the Lease is what the selector takes', async () => {
    const stage = new Stage();
    stage.cluster.create(pod({ name: 'worker-0' }));
    const holder = `worker-0_${UUID}`;
    const month = 30 * 86_400_000;
    stage.cluster.create(lease({ name: 'worker', holder, labels, renewTime: stage.clock.now() - month }));
    stage.cluster.create(endpointsLock({ name: 'worker', holder, renewTime: stage.clock.now() }));
    stage.cluster.create(configMapLock({ name: 'worker', holder, renewTime: stage.clock.now() - month }));
    expect(verdicts(await look(stage, selected))).toEqual({ 'endpoints/worker': 'Healthy (clock)' });
  });

  it('is not listed where it is no half of what the selector takes', async () => {
    const stage = new Stage();
    const old = { name: 'worker', renewTime: 0, acquireTime: 0 };
    stage.cluster.create(endpointsLock({ ...old, labels }));
    stage.cluster.create(configMapLock(old));
    expect(Object.keys(verdicts(await look(stage, selected)))).toEqual(['endpoints/worker']);
  });

  it('is read by name where its kind may not be listed', async () => {
    const stage = await migrated('endpoints');
    stage.cluster.forbid({ verb: 'list', resource: LEASES });
    expect(verdicts(await look(stage))).toEqual({ 'lease/worker': 'Healthy (clock)' });
  });

  it('leaves the annotation undecided where the Lease may not be read', async () => {
    const stage = await migrated('endpoints');
    stage.cluster.forbid({ resource: LEASES });
    const report = reportOf(await look(stage), 'endpoints/worker');
    expect(report.verdict).toBe('Undecided');
    expect(report.evidence[0]?.text).toMatch(/^lease\/worker could not be read/);
    expect(report.advice.join()).not.toContain('release');
  });

  it('makes a silent Lease unproven where annotations may not be read', async () => {
    const stage = new Stage();
    (await stage.leader('worker')).freeze();
    await stage.clock.advance(60_000);
    expect(reportOf(await look(stage), 'lease/worker')).toMatchObject({ verdict: 'Frozen', unproven: false });
    stage.cluster.forbid({ resource: CONFIGMAPS });
    const report = reportOf(await look(stage), 'lease/worker');
    expect(report).toMatchObject({ verdict: 'Frozen', unproven: true });
    expect(report.evidence[0]?.text).toMatch(/^configmap\/worker could not be read/);
  });

  it('costs one list, not a question a lock, where there are many', async () => {
    const stage = new Stage();
    for (let index = 0; index < 40; index += 1) {
      const name = `lock-${index}`;
      stage.cluster.create(endpointsLock({ name, labels, renewTime: 0, acquireTime: 0 }));
      stage.cluster.create(lease({ name, renewTime: stage.clock.now() }));
    }
    stage.cluster.requests.length = 0;
    const snapshot = await look(stage, selected);
    expect(snapshot.reports.map(({ lock }) => lock.primary.ref.kind)).toEqual(Array(40).fill('lease'));
    const leases = stage.cluster.requests.filter(({ resource }) => resource.startsWith('leases'));
    expect(leases.length).toBeLessThan(4);
  });
});

describe('what cannot be read hides nothing else', () => {
  it('one forbidden kind is a note', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.forbid({ resource: ENDPOINTS });
    const snapshot = await look(stage);
    expect(verdicts(snapshot)).toEqual({ 'lease/worker': 'Healthy (clock)' });
    expect(snapshot.notes.map(({ code, text }) => `${code}: ${text}`).join()).toMatch(
      /^unreadable: .*endpoints/,
    );
  });

  it('a kind that this server does not have is a note too', async () => {
    const stage = new Stage();
    stage.cluster.create(configMapLock({ name: 'old', renewTime: stage.clock.now() }));
    stage.cluster.notServed(LEASES);
    const snapshot = await look(stage);
    expect(Object.keys(verdicts(snapshot))).toEqual(['configmap/old']);
    expect(snapshot.notes[0]?.code).toBe('not-served');
  });

  it('who may read one namespace only is shown that one, and told so', async () => {
    const stage = new Stage({ context: { namespace: 'apps' } });
    await stage.leader('mine', { namespace: 'apps' });
    await stage.leader('theirs', { namespace: 'other' });
    for (const resource of [LEASES, ENDPOINTS, CONFIGMAPS, PODS]) {
      stage.cluster.forbid({ resource, namespace: null });
      stage.cluster.forbid({ resource, namespace: 'other' });
    }
    const snapshot = await look(stage);
    expect(Object.keys(verdicts(snapshot))).toEqual(['lease/mine']);
    expect(snapshot.notes.filter(({ code }) => code === 'narrowed')).toHaveLength(3);
  });

  it('without the right to see pods nobody is called gone', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    stage.cluster.forbid({ resource: PODS });
    const snapshot = await look(stage);
    expect(reportOf(snapshot, 'lease/worker')).toMatchObject({
      verdict: 'Healthy',
      unproven: true,
      holder: { presence: 'unknown' },
    });
    expect(snapshot.notes.some(({ code, text }) => code === 'unreadable' && text.includes('pods'))).toBe(
      true,
    );
  });

  it('fails when nothing at all can be read, with the error that says why', async () => {
    const stage = new Stage();
    stage.cluster.disconnect({ error: new LeaderError('unreachable', 'connection refused') });
    await expect(look(stage)).rejects.toThrow('connection refused');
    const forbidden = new Stage();
    for (const resource of [LEASES, ENDPOINTS, CONFIGMAPS]) forbidden.cluster.forbid({ resource });
    await expect(look(forbidden)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('trouble that many share', () => {
  it('is said once, and nobody is told to free a lock', async () => {
    const stage = new Stage();
    const names = ['a', 'b', 'c', 'd'];
    const electors = await Promise.all(
      names.map((name) => {
        stage.cluster.create(pod({ name: `${name}-0` }));
        return stage.elector(`${name}-0_${UUID}`, { name });
      }),
    );
    await stage.clock.advance(5_000);
    for (const elector of electors) elector.freeze();
    await stage.clock.advance(60_000);
    const snapshot = await look(stage);
    expect(snapshot.notes.filter(({ code }) => code === 'common-cause')).toHaveLength(1);
    expect(snapshot.reports.every(({ verdict }) => verdict === 'Frozen')).toBe(true);
    expect(snapshot.reports.every(({ advice }) => advice[0]?.startsWith('Do not release'))).toBe(true);
  });
});

describe('a polite guest', () => {
  it('asks a healthy cluster of three locks no more than a dozen questions', async () => {
    const stage = new Stage();
    for (const name of ['one', 'two', 'three']) await stage.leader(name);
    stage.cluster.requests.length = 0;
    await look(stage);
    expect(stage.cluster.requests.length).toBeLessThanOrEqual(12);
  });
});
