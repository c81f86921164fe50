import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { daemonSet, lease, node, pod } from '../support/objects.ts';
import type { ApiAccess } from './support/api-access.ts';
import { findOnPath } from './support/find-on-path.ts';
import { sharedControlPlane } from './support/shared.ts';
import { Tmux } from './support/tmux.ts';
import { Unpacked } from './support/unpacked.ts';

const shared = sharedControlPlane();
const ready = shared !== null && findOnPath('kubectl') !== null;
const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

const UUID = '6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

describe.skipIf(!ready)('the single binary, where there is no Node.js', () => {
  const api = shared as ApiAccess;
  let unpacked: Unpacked;
  let namespace: string;
  let kubeconfig: string;

  beforeAll(async () => {
    unpacked = await Unpacked.begin(api.coordinates.folder);
    namespace = await api.namespace('binary');
    kubeconfig = api.kubeconfig('admin', { namespace });
    await api.apply(daemonSet({ namespace, name: 'worker' }));
    await api.apply(node({ name: `node.${namespace}` }));
    await api.apply(
      pod({
        namespace,
        name: 'worker-aaaaa',
        node: `node.${namespace}`,
        owner: { kind: 'DaemonSet', name: 'worker' },
      }),
    );
    const dead = { namespace, holder: `worker-zzzzz_${UUID}`, durationSeconds: 1, renewTime: 0 };
    await api.apply(lease({ ...dead, name: 'worker' }));
    await api.apply(
      lease({
        namespace,
        name: 'fine',
        holder: `worker-aaaaa_${UUID}`,
        durationSeconds: 3600,
        renewTime: Date.now(),
      }),
    );
  });

  afterAll(async () => {
    unpacked?.end();
    await api.remove(node({ name: `node.${namespace}` }));
  });

  const leader = (...args: string[]) =>
    unpacked.run('kubectl', ['leader', ...args], { KUBECONFIG: kubeconfig });

  it('comes as an archive of the program and its licences', () => {
    expect(unpacked.files.toSorted()).toEqual(['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'kubectl-leader']);
  });

  it('says its version through kubectl, and by itself', async () => {
    const expected = { code: 0, stdout: `Client Version: v${version}\n`, stderr: '' };
    expect(await leader('version')).toEqual(expected);
    expect(await unpacked.run('kubectl-leader', ['--version'])).toEqual(expected);
  });

  it('heeds no NODE_OPTIONS, and no flag of Node.js', async () => {
    const env = { NODE_OPTIONS: '--require /nonexistent --no-such-option' };
    expect(await unpacked.run('kubectl-leader', ['version'], env)).toMatchObject({ code: 0, stderr: '' });
    const asked = await unpacked.run('kubectl-leader', ['--inspect']);
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('unknown flag: --inspect') });
  });

  it('starts about as fast as kubectl', async () => {
    const least = { leader: Number.POSITIVE_INFINITY, kubectl: Number.POSITIVE_INFINITY };
    const time = async (name: keyof typeof least, program: 'kubectl' | 'kubectl-leader', args: string[]) => {
      const begun = performance.now();
      await unpacked.run(program, args);
      least[name] = Math.min(least[name], performance.now() - begun);
    };
    for (let round = 0; round < 15; round += 1) {
      await time('leader', 'kubectl-leader', ['version']);
      await time('kubectl', 'kubectl', ['version', '--client']);
    }
    // The least of several is the least disturbed by what else the machine does; scripts/bench measures exactly.
    expect(least.leader).toBeLessThan(least.kubectl * 1.5);
  });

  it('lists, as a table and as a document', async () => {
    const { code, stdout, stderr } = await leader('ls');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('rest on clocks alone') });
    expect(stdout).toMatch(/^NAMESPACE +LOCK +HOLDER .* VERDICT\n/);
    const document = await leader('ls', '-n', namespace, '-o', 'json');
    const { items } = JSON.parse(document.stdout) as { items: { name: string; verdict: string }[] };
    expect(items.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'worker Orphaned',
      'fine Healthy',
    ]);
  });

  it('prints YAML, and the help of a plugin', async () => {
    expect((await leader('ls', '-n', namespace, '-o', 'yaml')).stdout).toContain('kind: LockList');
    expect((await leader('ls', '--help')).stdout).toContain('  kubectl leader ls [KIND...] [options]');
  });

  it('exits as it should, and speaks of "kubectl leader"', async () => {
    expect((await leader('ls', '-n', namespace, '--problems', '--exit-code')).code).toBe(2);
    const unknown = await leader('nope');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('unknown command "nope" for "kubectl leader"');
    expect((await leader('ls', '--context', 'nope')).stderr).toContain('context "nope" does not exist');
  });

  it('describes a lock', async () => {
    const { code, stdout } = await leader('describe', 'worker', '-n', namespace, '--observe', '2s');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Verdict: +Orphaned \(watched\)/m);
    expect(stdout).toMatch(/^ +Found: +gone \(DaemonSet pod\)$/m);
  });

  it('completes what kubectl asks it to', async () => {
    const complete = async (...words: string[]) => {
      const asked = await unpacked.run('kubectl', ['__complete', 'leader', ...words], {
        KUBECONFIG: kubeconfig,
      });
      return asked.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')[0]);
    };
    expect(await complete('des')).toEqual(['describe', ':36']);
    expect(await complete('describe', '-n', namespace, 'wo')).toEqual(['worker', ':4']);
    expect(await complete('release', `${namespace}/`)).toEqual([
      `${namespace}/fine`,
      `${namespace}/worker`,
      ':4',
    ]);
    expect(await complete('ls', '--namespace', namespace.slice(0, -1))).toContain(namespace);
  });

  it.skipIf(findOnPath('tmux') === null)('shows the live list and leaves the terminal clean', async () => {
    const tmux = await Tmux.start(api.coordinates.folder, { columns: 160 });
    try {
      const env = Object.entries({ ...unpacked.env, TERM: 'tmux-256color', KUBECONFIG: kubeconfig });
      const words = env.map(([name, value]) => `${name}='${value}'`).join(' ');
      await tmux.enter(`env -i ${words} ${unpacked.program('kubectl')} leader ls -n ${namespace}`);
      await tmux.until(/● live/);
      expect(await tmux.screen()).toMatch(/lease\/worker/);
      await tmux.press('q');
      await tmux.until(/^\$$/m);
      expect(await tmux.modes()).toEqual({ alternateScreen: false, cursor: true, mouse: false });
    } finally {
      await tmux.end();
    }
  });

  it('releases a lock, and keeps a backup in the home folder', async () => {
    const { code, stdout, stderr } = await leader('release', 'worker', '-n', namespace, '--yes', '--no-wait');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain(join(unpacked.env['HOME'] ?? '', '.local/state/kubectl-leader/backups'));
    const freed = await api.read(lease({ namespace, name: 'worker' }));
    expect(freed?.spec).toMatchObject({ holderIdentity: '' });
  });
});
