import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LockType } from '../support/fake-resource-lock.ts';
import { endpointsLock, LEADER_ANNOTATION, lease, pod } from '../support/objects.ts';
import type { ApiAccess } from './support/api-access.ts';
import { eventually } from './support/child-process.ts';
import { startConflictProxy } from './support/conflict-proxy.ts';
import { startControlPlane } from './support/control-plane.ts';
import { canElect } from './support/elector.ts';
import { sharedControlPlane } from './support/shared.ts';
import { Stage, stagesOn, UUID } from './support/stage.ts';
import { hasTerminals, Terminal } from './support/terminal.ts';

const shared = sharedControlPlane();
const assets = shared?.coordinates.assets ?? '';
const ready = canElect(shared, 'kubectl');

/** What `-o json` says, as far as these tests read it. */
interface Released {
  lock: { verdict: string; holder: { presence: string } };
  refusal: { code: string; instead: string[] } | null;
  plan: { strategy: string; warnings: string[]; forced: boolean } | null;
  backups: { path: string }[];
  writes: { result: string; change: string | null; text: string; hint: string | null }[];
  outcome: {
    result: string;
    holderIdentity: string;
    afterSeconds: number;
    text: string;
    hint: string;
  } | null;
}

describe.skipIf(!ready)('kubectl leader release, with real electors', () => {
  const api = shared as ApiAccess;
  const begin = stagesOn(api);

  /** `release ... -o json`, its exit code and what it says. */
  async function release(stage: Stage, args: readonly string[], options: Parameters<Stage['run']>[1] = {}) {
    const { code, stdout, stderr } = await stage.run(
      ['release', ...args, '-n', stage.namespace, '-o', 'json'],
      options,
    );
    if (stdout === '') throw new Error(`nothing on stdout, ${code}: ${stderr}`);
    return { code, stderr, said: JSON.parse(stdout) as Released };
  }

  /** Everything in a terminal of its own, with backups in a folder of the control plane's. */
  function inTerminal(stage: Stage, args: readonly string[]): Terminal {
    const env = { ...process.env, XDG_STATE_HOME: backupFolder(), KUBECONFIG: api.kubeconfig() };
    const argv = [stage.plugin.file, 'release', ...args, '-n', stage.namespace];
    return new Terminal(argv, env);
  }

  function backupFolder(): string {
    return mkdtempSync(join(api.coordinates.folder, 'backups-'));
  }

  describe('a killed leader with two candidates waiting', () => {
    const types: LockType[] = ['leases', 'endpoints', 'configmaps', 'endpointsleases', 'configmapsleases'];

    it('all five lock types are taken over within one retry period, sooner than without the tool', async () => {
      const stage = await begin('killed');
      // Without the tool candidates would wait for the whole duration.
      const slow = { leaseDuration: '40s', renewDeadline: '30s', retryPeriod: '1s' };
      await Promise.all(
        types.map(async (type) => {
          const leader = await stage.leader(type, type, slow);
          const standbys = await Promise.all(
            ['aaaaa', 'bbbbb'].map(async (suffix) => {
              const identity = `${await stage.daemonPod(type, suffix)}_${UUID}`;
              const standby = stage.elect(type, type, identity, slow);
              await standby.until('leader');
              return standby;
            }),
          );
          await stage.kill(type, leader);
          const killedAt = performance.now();
          const { code, said } = await release(stage, [type, '--yes', '--force', '--observe', '0']);
          expect([type, code, said.outcome?.result]).toEqual([type, 0, 'taken-over']);
          expect(said.outcome?.holderIdentity).toMatch(/-(aaaaa|bbbbb)_/);
          // One try lies at most 2.2 retry periods behind the last one; the rest is for a busy machine.
          expect(said.outcome?.afterSeconds).toBeLessThan(2.2 + 2);
          expect(performance.now() - killedAt).toBeLessThan(40_000);
          const leading = standbys.map(({ lines }) => lines.some((line) => line.startsWith('leading')));
          expect(leading.filter(Boolean)).toHaveLength(1);
          expect(said.writes.map(({ result }) => result)).toEqual(
            type.endsWith('sleases') ? ['written', 'written'] : ['written'],
          );
        }),
      );
    });

    it.skipIf(!hasTerminals)('as a person does it: watched, shown, asked, freed, taken over', async () => {
      const stage = await begin('asked');
      const leader = await stage.leader('leases', 'worker');
      await stage.kill('worker', leader);
      const terminal = inTerminal(stage, ['worker', '--timeout', '20s']);
      await terminal.shows(/Verdict: +Orphaned: [\s\S]*Type worker to release it in context \S+: $/);
      const identity = `${await stage.daemonPod('worker', 'aaaaa')}_${UUID}`;
      const standby = stage.elect('leases', 'worker', identity, {
        leaseDuration: '60s',
        renewDeadline: '40s',
      });
      await standby.until('leader');
      terminal.type('worker\n');
      expect(await terminal.exited).toBe(0);
      expect(terminal.shown).toMatch(/saved to [\s\S]* vacated[\s\S]*Taken over by worker-aaaaa_/);
      expect(terminal.shown).toMatch(/after \d(\.\d)? s\r?\n$/);
    });
  });

  describe('what keeps its hands off', () => {
    it('a ghost is refused, then forced, and reported as retaken', async () => {
      const stage = await begin('ghost');
      await stage.leader('endpoints', 'provisioner');
      await api.remove(pod({ namespace: stage.namespace, name: `provisioner-${stage.podSuffix}` }));
      const refused = await release(stage, ['provisioner', '--yes']);
      expect([refused.code, refused.said.lock.verdict]).toEqual([3, 'Ghost']);
      expect(refused.said.refusal).toMatchObject({ code: 'renewing' });
      expect(refused.said.refusal?.instead.join()).toContain('kubectl leader depose');
      const forced = await release(stage, ['provisioner', '--yes', '--force']);
      expect([forced.code, forced.said.outcome?.result]).toEqual([4, 'retaken-by-same']);
      expect(forced.said.outcome?.hint).toContain('a ghost');
    });

    it('a live leader: what was predicted for a forced release is what happens', async () => {
      const stage = await begin('live');
      const holder = await stage.leader('leases', 'worker');
      const identity = `${await stage.daemonPod('worker', 'aaaaa')}_${UUID}`;
      await stage.elect('leases', 'worker', identity).until('leader');
      const { code, said } = await release(stage, ['worker', '--yes', '--force']);
      const [warning = ''] = said.plan?.warnings ?? [];
      expect(warning).toMatch(
        /takes a freed lock back within about 2 s; if a standby is faster, two lead for up to/,
      );
      expect(said.outcome?.afterSeconds).toBeLessThan(2);
      if (said.outcome?.result === 'retaken-by-same') {
        expect(code).toBe(4);
      } else {
        expect([code, said.outcome?.holderIdentity]).toEqual([0, identity]);
        expect(said.outcome?.hint).toMatch(/two may lead/);
        await holder.until('stopped');
      }
    });

    it.skipIf(!hasTerminals)(
      'a lock that starts renewing between plan and write is left untouched',
      async () => {
        const stage = await begin('again');
        const leader = await stage.leader('leases', 'worker');
        leader.signal('SIGKILL');
        await leader.exited;
        const terminal = inTerminal(stage, ['worker', '--timeout', '20s']);
        await terminal.shows(/Type worker to release it in context \S+: $/);
        const identity = `worker-${stage.podSuffix}_${UUID}`;
        const object = lease({ namespace: stage.namespace, name: 'worker' });
        const before = await api.read(object);
        await stage.elect('leases', 'worker', identity).until('leading');
        terminal.type('worker\n');
        expect(await terminal.exited).toBe(3);
        expect(terminal.shown).toMatch(/Not vacated\. Good news: worker-\S+ renewed lease\/worker meanwhile/);
        const after = await api.read(object);
        expect(after?.spec).toMatchObject({ holderIdentity: identity });
        expect(after?.metadata.uid).toBe(before?.metadata.uid);
      },
    );

    it('of two releases of one lock at once only one writes', async () => {
      const stage = await begin('two');
      const leader = await stage.leader('leases', 'worker');
      await stage.kill('worker', leader);
      const words = ['worker', '--yes', '--no-wait'];
      const both = await Promise.all([release(stage, words), release(stage, words)]);
      const [written, other] = both.toSorted((a, b) => a.code - b.code);
      expect([written?.code, written?.said.writes[0]?.result]).toEqual([0, 'written']);
      // The slower one meets 409, or finds the lock free already.
      expect(other?.code).toBe(3);
      expect(other?.said.writes[0]?.change ?? other?.said.refusal?.code).toMatch(/^(freed|free)$/);
    });
  });

  describe('the incident', () => {
    it('every update is answered 409: vacating says so, deleting cures it', async () => {
      const stage = await begin('frozen');
      const proxy = await startConflictProxy(api);
      try {
        const identity = `${await stage.daemonPod('controller')}_${UUID}`;
        const electThere = () =>
          stage.elect('endpoints', 'controller', identity, { kubeconfig: proxy.kubeconfig() });
        await electThere().until('leading');
        const path = `/api/v1/namespaces/${stage.namespace}/endpoints/controller`;
        proxy.conflictOn(path);
        await stage.leader('leases', 'other');
        // The holder's process ends and is started again, as its kubelet would, and campaigns in vain.
        electThere();
        const through = { kubeconfig: proxy.kubeconfig() };
        const vacated = await release(stage, ['controller', '--yes'], through);
        expect([vacated.code, vacated.said.lock.verdict]).toEqual([3, 'Frozen']);
        expect(vacated.said.writes[0]).toMatchObject({ result: 'conflict', change: 'none' });
        expect(vacated.said.writes[0]?.hint).toContain('--strategy delete');

        const backups = backupFolder();
        const words = ['controller', '--yes', '--strategy', 'delete', '--backup-dir', backups];
        // The real one was broken by a full disk, and whole again for a new object.
        const object = endpointsLock({ namespace: stage.namespace, name: 'controller' });
        const before = await api.read(object);
        const { code, said } = await release(stage, words, through);
        proxy.pass(path);
        expect([code, said.plan?.strategy, said.writes[0]?.result]).toEqual([0, 'delete', 'written']);
        expect(said.outcome).toMatchObject({ result: 'retaken-by-same', holderIdentity: identity });
        expect((await api.read(object))?.metadata.uid).not.toBe(before?.metadata.uid);
        const [file = ''] = readdirSync(backups);
        expect(statSync(join(backups, file)).mode & 0o777).toBe(0o600);
      } finally {
        await stage.stopElectors();
        await proxy.stop();
      }
    });
  });

  describe('what was kept', () => {
    it('kubectl apply takes it', async () => {
      const stage = await begin('kept');
      const { namespace } = stage;
      const annotations = { 'example.com/note': 'line 1\nline "2"' };
      const old = { holder: 'gone-0', durationSeconds: 1, transitions: 7, labels: { team: 'x' } };
      await api.apply(endpointsLock({ namespace, name: 'worker', ...old, annotations }));
      const backups = backupFolder();
      const words = ['ep/worker', '--yes', '--no-wait', '--force', '--backup-dir', backups];
      expect((await release(stage, words)).code).toBe(0);
      const object = endpointsLock({ namespace, name: 'worker' });
      await api.remove(object);
      const [file = ''] = readdirSync(backups);
      const applied = await api.kubectl(['apply', '-f', join(backups, file)]);
      expect([applied.code, applied.stderr]).toEqual([0, '']);
      const restored = await api.read(object);
      expect(restored?.metadata).toMatchObject({ labels: { team: 'x' }, annotations });
      expect(restored?.metadata.annotations?.[LEADER_ANNOTATION]).toContain('gone-0');
    });
  });

  describe('interrupted', () => {
    it.each(['SIGINT', 'SIGTERM'] as const)('by %s while watching: nothing was written', async (signal) => {
      const stage = await begin('stop');
      const object = lease({ namespace: stage.namespace, name: 'worker', holder: 'gone-0' });
      const { metadata } = await api.apply(object);
      const child = stage.start(['release', 'worker', '--yes', '-n', stage.namespace]);
      await child.line(/^watching/, 20_000);
      child.signal(signal);
      expect(await child.exited).toEqual({ code: signal === 'SIGINT' ? 130 : 143, signal: null });
      expect(child.lines.join('\n')).toMatch(/Interrupted: nothing was written\.$/);
      expect((await api.read(object))?.metadata.resourceVersion).toBe(metadata.resourceVersion);
    });

    it('after the write: what was done is said', async () => {
      const stage = await begin('stop');
      const object = lease({
        namespace: stage.namespace,
        name: 'worker',
        holder: 'gone-0',
        durationSeconds: 1,
      });
      await api.apply(object);
      const words = ['worker', '--yes', '--force', '--observe', '0', '--backup-dir', backupFolder()];
      const child = stage.start(['release', ...words, '-n', stage.namespace]);
      await child.line(/^lease\/worker vacated$/, 20_000);
      child.signal('SIGINT');
      expect(await child.exited).toEqual({ code: 130, signal: null });
      expect(child.lines.at(-1)).toBe('Whether somebody takes it was not waited for');
      expect((await api.read(object))?.spec).toMatchObject({ holderIdentity: '' });
    });
  });

  describe('rights', () => {
    const manifest = (file: string) => new URL(`../../docs/rbac/${file}`, import.meta.url).pathname;

    /** Applies a documented manifest as it is, and binds its role to a user. */
    async function give(to: ApiAccess, user: string, file: string, role: string): Promise<void> {
      expect(await to.kubectl(['apply', '-f', manifest(file)])).toMatchObject({ code: 0 });
      const binding = ['create', 'clusterrolebinding', `${user}-${role}`];
      expect(await to.kubectl([...binding, `--clusterrole=${role}`, `--user=${user}`])).toMatchObject({
        code: 0,
      });
      const right = ['auth', 'can-i', 'list', 'leases', '-A'];
      await eventually(
        'the grant takes effect',
        async () => (await to.kubectl(right, user)).code === 0 || null,
      );
    }

    it('without any the missing one is named; with exactly those documented it works', async () => {
      const users = ['bob'];
      const plane = await startControlPlane({ assets, users, inFolder: api.coordinates.folder });
      const stage = await Stage.begin(plane.api, 'rights');
      try {
        const bob = { user: 'bob' };
        const leader = await stage.leader('endpointsleases', 'worker');
        await stage.kill('worker', leader);
        const words = ['worker', '--yes', '--no-wait', '--force', '--observe', '0'];
        const nothing = await stage.run(['release', ...words, '-n', stage.namespace], bob);
        expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringMatching(/user "bob" may not list/)]);

        await give(plane.api, 'bob', 'read-only.yaml', 'kubectl-leader-read-only');
        const reading = await release(stage, words, bob);
        expect([reading.code, reading.said.lock.holder.presence]).toEqual([1, 'gone']);
        expect(reading.said.writes).toMatchObject([
          { result: 'failed', hint: expect.stringContaining('verb "patch" on resource "endpoints"') },
        ]);

        await give(plane.api, 'bob', 'releasing.yaml', 'kubectl-leader-releasing');
        const full = await release(stage, ['worker', '--yes', '--no-wait'], bob);
        expect([full.code, full.stderr]).toEqual([0, expect.not.stringContaining('not allowed')]);
        expect(full.said.writes.map(({ result }) => result)).toEqual(['written', 'written']);
        const other = { namespace: stage.namespace, name: 'other', holder: 'gone-0', durationSeconds: 1 };
        await plane.api.apply(endpointsLock(other));
        const deletion = ['ep/other', '--strategy', 'delete', ...words.slice(1)];
        const deleted = await release(stage, deletion, bob);
        expect([deleted.code, deleted.said.writes[0]?.result]).toEqual([0, 'written']);
      } finally {
        await stage.end();
        await plane.stop();
      }
    });
  });
});
