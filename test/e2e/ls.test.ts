import { hostname } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LockType } from '../support/fake-resource-lock.ts';
import {
  configMapLock,
  deployment,
  endpointsLock,
  lease,
  node,
  pod,
  replicaSet,
} from '../support/objects.ts';
import type { ApiAccess } from './support/api-access.ts';
import { eventually } from './support/child-process.ts';
import { startConflictProxy } from './support/conflict-proxy.ts';
import { canElect, hasAsset, startControllerManager } from './support/elector.ts';
import { sharedControlPlane } from './support/shared.ts';
import { type Item, itemOf, type Listing, type Stage, stagesOn, UUID } from './support/stage.ts';

const shared = sharedControlPlane();
const assets = shared?.coordinates.assets ?? '';
const ready = canElect(shared, 'kubectl');

const OBSERVE = ['--observe', '6s'];

describe.skipIf(!ready)('kubectl leader ls, with real electors', () => {
  const api = shared as ApiAccess;
  const begin = stagesOn(api);

  describe('locks that are well', () => {
    let stage: Stage;
    const types: LockType[] = ['leases', 'endpoints', 'configmaps', 'endpointsleases', 'configmapsleases'];
    beforeAll(async () => {
      stage = await begin('well');
      await Promise.all(types.map((type) => stage.leader(type, type)));
    });

    const rows = (grade: string) => ({
      'lease/leases': `Healthy ${grade}`,
      'endpoints/endpoints': `Healthy ${grade}`,
      'configmap/configmaps': `Healthy ${grade}`,
      'endpoints/endpointsleases': `Healthy ${grade}`,
      'configmap/configmapsleases': `Healthy ${grade}`,
    });

    it('all five lock types are healthy at once, multilocks in one row each', async () => {
      expect(await stage.verdicts()).toEqual(rows('clock'));
    });

    it('watching proves it', async () => {
      expect(await stage.verdicts(['--observe', '3s'])).toEqual(rows('watched'));
    });

    it('prints a table as kubectl would', async () => {
      const { code, stdout, stderr } = await stage.run(['ls', '-n', stage.namespace]);
      expect([code, stderr]).toEqual([0, '']);
      const [header, ...lines] = stdout.trimEnd().split('\n');
      expect(header).toMatch(/^NAMESPACE +LOCK +HOLDER +FOUND +RENEWED +HELD +AGE +VERDICT$/);
      expect(lines).toHaveLength(5);
      expect(lines[0]).toMatch(/ pod\/\S+ +Running on \S+ +\d+s +\d+s +\d+s +Healthy$/);
    });

    it('follows, writes a line when a holder changes, and ends on ctrl-C', async () => {
      const leader = await stage.leader('leases', 'followed');
      const identity = `${await stage.daemonPod('followed', 'qqqqq')}_${UUID}`;
      await stage.elect('leases', 'followed', identity).until('leader');
      const following = stage.start(['ls', '-n', stage.namespace, '-w']);
      await following.line(new RegExp(`lease/followed +pod/followed-${stage.podSuffix} .*Healthy`), 20_000);
      leader.signal('SIGKILL');
      await following.line(/lease\/followed +pod\/followed-qqqqq .*Healthy/, 30_000);
      following.signal('SIGINT');
      expect(await following.exited).toEqual({ code: 130, signal: null });
    });
  });

  describe('the incidents', () => {
    it('frozen: every update of a living holder is answered 409', async () => {
      const stage = await begin('frozen');
      const proxy = await startConflictProxy(api);
      try {
        const identity = `${await stage.daemonPod('controller')}_${UUID}`;
        const holder = stage.elect('endpoints', 'controller', identity, { kubeconfig: proxy.kubeconfig() });
        await holder.until('leading');
        proxy.conflictOn(`/api/v1/namespaces/${stage.namespace}/endpoints/controller`);
        const other = await stage.leader('leases', 'other');
        await holder.until('stopped');
        const item = itemOf(await stage.list(OBSERVE), 'endpoints/controller');
        expect(item).toMatchObject({
          verdict: 'Frozen',
          grade: 'watched',
          holder: { presence: 'alive', kind: 'pod' },
        });
        expect(item.renewal.seen).toBe(0);
        expect(other.lines).not.toContain('stopped');
      } finally {
        await stage.stopElectors();
        await proxy.stop();
      }
    });

    it.skipIf(!hasAsset(assets, 'kube-controller-manager'))(
      'frozen: a real kube-controller-manager on its Endpoints lock',
      async () => {
        const stage = await begin('kcm');
        const place = { namespace: 'kube-system', name: 'kube-controller-manager' };
        const proxy = await startConflictProxy(api);
        const start = () =>
          startControllerManager({
            assets,
            kubeconfig: proxy.kubeconfig(),
            lock: 'endpoints',
            hostname: 'master-2',
          });
        // Where no host name of its own can be given it campaigns under this machine's.
        const machines = ['master-2', hostname()];
        for (const name of machines) await api.apply(node({ name }));
        const managers = [await start()];
        try {
          await managers[0]?.until('leading');
          proxy.conflictOn(`/api/v1/namespaces/${place.namespace}/endpoints/${place.name}`);
          const listed = async (...args: string[]): Promise<Item> => {
            const { stdout } = await stage.run(['ls', '-n', place.namespace, '-o', 'json', ...args]);
            return itemOf(JSON.parse(stdout) as Listing, `endpoints/${place.name}`);
          };
          const { holderIdentity } = (await listed()).record;
          await managers[0]?.until('stopped');
          // It is started again, as its kubelet would, and campaigns in vain.
          managers.push(await start());
          const item = await listed('--observe', '15s');
          expect(item).toMatchObject({
            verdict: 'Frozen',
            grade: 'watched',
            record: { holderIdentity },
            holder: { presence: 'alive', kind: 'node', name: holderIdentity?.replace(/_[0-9a-f-]{36}$/, '') },
          });
        } finally {
          await Promise.all(managers.map((manager) => manager.stop()));
          await proxy.stop();
          await api.remove(endpointsLock(place));
          await Promise.all(machines.map((name) => api.remove(node({ name }))));
        }
      },
    );

    it('frozen: a process that was stopped', async () => {
      const stage = await begin('stopped');
      const holder = await stage.leader('endpoints', 'controller');
      await stage.leader('leases', 'other');
      holder.signal('SIGSTOP');
      const listing = await stage.list(OBSERVE);
      holder.signal('SIGCONT');
      expect(itemOf(listing, 'endpoints/controller')).toMatchObject({ verdict: 'Frozen', grade: 'watched' });
      expect(itemOf(listing, 'lease/other')).toMatchObject({ verdict: 'Healthy', grade: 'watched' });
    });

    it('ghost: pod and node are gone, the elector renews on', async () => {
      const stage = await begin('ghost');
      const home = await stage.node('lost-node');
      const name = await stage.daemonPod('volume-provisioner', stage.podSuffix, { node: home });
      const ghost = stage.elect('endpoints', 'volume-provisioner', `${name}_${UUID}`);
      await ghost.until('leading');
      await api.remove(pod({ namespace: stage.namespace, name }));
      await api.remove(node({ name: home }));
      const provisional = itemOf(await stage.list(), 'endpoints/volume-provisioner');
      expect(provisional).toMatchObject({ verdict: 'Ghost', grade: 'clock' });
      const proven = itemOf(await stage.list(OBSERVE), 'endpoints/volume-provisioner');
      expect(proven).toMatchObject({
        verdict: 'Ghost',
        grade: 'watched',
        holder: { presence: 'gone', found: 'gone (DaemonSet pod)' },
      });
      expect(proven.renewal.seen).toBeGreaterThan(1);
      expect(proven.advice[0]).toMatch(/^Do not delete/);
    });
  });

  describe('holders that are not fit, or not there', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await begin('unfit');
    });

    it.each([
      ['failed', { phase: 'Failed' }, 'Error'],
      ['evicted', { phase: 'Failed', reason: 'Evicted' }, 'Evicted'],
      ['completed', { phase: 'Succeeded' }, 'Completed'],
      ['crashing', { waiting: 'CrashLoopBackOff' }, 'CrashLoopBackOff'],
    ] as const)('a pod that is %s holds an orphaned lock', async (name, status, word) => {
      const { namespace } = stage;
      const home = await stage.node(`home-of-${name}`);
      await api.apply(pod({ namespace, name, node: home, ...status }));
      await api.apply(lease({ namespace, name, holder: `${name}_${UUID}`, renewTime: Date.now() - 600_000 }));
      const item = itemOf(await stage.list(), `lease/${name}`);
      expect(item).toMatchObject({ verdict: 'Orphaned', grade: 'clock', holder: { presence: 'failing' } });
      expect(item.holder.found).toContain(word);
    });

    it('a pod that is terminating, and one on a node that is not ready', async () => {
      const { namespace } = stage;
      const home = await stage.node('home');
      await api.apply(pod({ namespace, name: 'ending', node: home }));
      await api.must('DELETE', `/api/v1/namespaces/${namespace}/pods/ending`);
      const dark = await stage.node('dark', { ready: null });
      await api.apply(pod({ namespace, name: 'unreachable', node: dark }));
      for (const name of ['ending', 'unreachable']) {
        await api.apply(
          lease({ namespace, name, holder: `${name}_${UUID}`, renewTime: Date.now() - 600_000 }),
        );
      }
      const listing = await stage.list();
      const ending = itemOf(listing, 'lease/ending');
      expect(ending).toMatchObject({ verdict: 'Orphaned', holder: { presence: 'failing' } });
      expect(ending.holder.found).toContain('Terminating');
      const unreachable = itemOf(listing, 'lease/unreachable');
      expect(unreachable).toMatchObject({ verdict: 'Orphaned', holder: { presence: 'failing' } });
      expect(unreachable.holder.found).toMatch(/NotReady|Unknown/);
    });

    it('a killed elector with nobody to follow leaves an orphaned lock, with a candidate it is taken over', async () => {
      const own = await begin('killed');
      const alone = await own.leader('leases', 'alone');
      const leader = await own.leader('leases', 'shared');
      const standbyIdentity = `${await own.daemonPod('shared', 'qqqqq')}_${UUID}`;
      const standby = own.elect('leases', 'shared', standbyIdentity);
      await standby.until('leader');
      for (const elector of [alone, leader]) elector.signal('SIGKILL');
      for (const name of [`alone-${own.podSuffix}`, `shared-${own.podSuffix}`])
        await api.remove(pod({ namespace: own.namespace, name }));
      await standby.until('leading');
      const listing = await own.list(OBSERVE);
      expect(itemOf(listing, 'lease/alone')).toMatchObject({
        verdict: 'Orphaned',
        holder: { presence: 'gone' },
      });
      expect(itemOf(listing, 'lease/shared')).toMatchObject({
        verdict: 'Healthy',
        grade: 'watched',
        record: { holderIdentity: standbyIdentity },
      });
    });

    it('a released lock is vacant, and leaderless once nobody took it for long', async () => {
      const own = await begin('released');
      const identity = `${await own.daemonPod('worker')}_${UUID}`;
      // A release that meets a renewal under way is lost, as client-go of that time loses it: then another one follows.
      await eventually('a release that is not lost', async () => {
        const leader = own.elect('leases', 'worker', identity, { releaseOnCancel: true });
        await leader.until('leading');
        leader.signal('SIGTERM');
        await leader.exited;
        const stored = await api.read(lease({ namespace: own.namespace, name: 'worker' }));
        return (stored?.spec as { holderIdentity?: string } | undefined)?.holderIdentity === '' || null;
      });
      const fresh = await eventually('the release is seen', async () => {
        const item = itemOf(await own.list(), 'lease/worker');
        return item.holder.presence === 'nobody' ? item : null;
      });
      expect(fresh.verdict).toMatch(/^(Vacant|Leaderless)$/);
      const free = { holder: '', durationSeconds: 1, renewTime: Date.now() - 600_000 };
      await api.apply(lease({ namespace: own.namespace, name: 'forgotten', ...free }));
      expect(itemOf(await own.list(), 'lease/forgotten').verdict).toBe('Leaderless');
    });

    it('holders that alternate are flapping', async () => {
      const own = await begin('flapping');
      const { namespace } = own;
      const [a, b] = [await own.daemonPod('a'), await own.daemonPod('b')];
      const held = (holder: string, transitions: number) =>
        api.apply(lease({ namespace, name: 'worker', holder, transitions, renewTime: Date.now() }));
      await held(a, 1);
      const observing = own.list(['--observe', '10s']);
      let turn = 1;
      let done = false;
      const settled = observing.finally(() => {
        done = true;
      });
      while (!done) {
        turn += 1;
        await held(turn % 2 === 0 ? b : a, turn);
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
      expect(itemOf(await settled, 'lease/worker')).toMatchObject({ verdict: 'Flapping', grade: 'watched' });
    });

    it('a record that no candidate can decode', async () => {
      const { namespace } = stage;
      const broken = configMapLock({ namespace, name: 'broken' });
      broken.metadata.annotations = { 'control-plane.alpha.kubernetes.io/leader': '{"holderIdentity":' };
      await api.apply(broken);
      expect(itemOf(await stage.list(), 'configmap/broken').verdict).toBe('Invalid');
    });
  });

  describe('clocks that are wrong', () => {
    it.each([
      ['ahead', 3_600_000],
      ['behind', -3_600_000],
    ])('an hour %s: watching tells what clocks cannot', async (word, skew) => {
      const stage = await begin(`clock-${word}`);
      const { namespace } = stage;
      const holder = `${await stage.daemonPod('worker')}_${UUID}`;
      const renew = () =>
        api.apply(endpointsLock({ namespace, name: 'worker', holder, renewTime: Date.now() + skew }));
      await renew();
      const provisional = itemOf(await stage.list(), 'endpoints/worker');
      expect(provisional.grade).toBe('clock');
      expect(provisional.verdict).not.toBe('Ghost');
      const observing = stage.list(['--observe', '8s']);
      let done = false;
      const settled = observing.finally(() => {
        done = true;
      });
      while (!done) {
        await renew();
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
      const item = itemOf(await settled, 'endpoints/worker');
      expect(item).toMatchObject({ verdict: 'Healthy', grade: 'watched' });
      expect(item.evidence.map(({ text }) => text).join('\n')).toContain(word);
    });
  });

  describe('users with few rights', () => {
    it('who may read leases but not pods is told so, and nobody is called gone', async () => {
      const stage = await begin('alice');
      await stage.leader('leases', 'worker');
      await api.remove(pod({ namespace: stage.namespace, name: `worker-${stage.podSuffix}` }));
      const rules = [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch'] },
      ];
      await api.grant('alice', rules, stage.namespace);
      const listing = await eventually('the grant takes effect', () =>
        stage.list([], { user: 'alice' }).catch(() => null),
      );
      expect(itemOf(listing, 'lease/worker')).toMatchObject({
        verdict: 'Healthy',
        unproven: true,
        holder: { presence: 'unknown' },
      });
      const notes = listing.notes.map(({ text }) => text).join('\n');
      expect(notes).toMatch(/endpoints/);
      expect(notes).toMatch(/pods/);
      const hints = listing.notes.map(({ hint }) => hint).join('\n');
      expect(hints).toMatch(/pods/);
      const table = await stage.run(['ls', '-n', stage.namespace], { user: 'alice' });
      expect(table.code).toBe(0);
      expect(table.stderr).toContain('pods');
    });

    it('who may read nothing gets one clear error', async () => {
      const stage = await begin('nothing');
      const { code, stdout, stderr } = await stage.run(['ls', '-A', '--as', 'nobody-at-all']);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^error: .*forbidden/i);
      expect(stderr).not.toMatch(/\n\s+at /);
    });
  });

  it('a lock whose workload was removed is abandoned, one whose workload is scaled to nothing is orphaned', async () => {
    const stage = await begin('scaled');
    const { namespace } = stage;
    const owner = { kind: 'Deployment', name: 'operator' };
    const workloads = [
      deployment({ namespace, name: 'operator', replicas: 0 }),
      replicaSet({ namespace, name: 'operator-6b7f9d4c8', owner, replicas: 0 }),
    ];
    for (const workload of workloads) await api.apply(workload);
    const holder = `operator-6b7f9d4c8-x2x4z_${UUID}`;
    await api.apply(lease({ namespace, name: 'operator', holder, renewTime: Date.now() - 86_400_000 }));
    const outage = itemOf(await stage.list(), 'lease/operator');
    expect(outage).toMatchObject({ verdict: 'Orphaned', holder: { presence: 'gone' } });
    expect(outage.advice[0]).toContain('start the workload');
    for (const workload of workloads) await api.remove(workload);
    const leftover = await eventually('the removal is seen', async () => {
      const item = itemOf(await stage.list(), 'lease/operator');
      return item.verdict === 'Orphaned' ? null : item;
    });
    expect(leftover).toMatchObject({ verdict: 'Abandoned', holder: { presence: 'unmatched' } });
  });
});
