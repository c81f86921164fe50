import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { node, pod } from '../support/objects.ts';
import type { ApiAccess } from './support/api-access.ts';
import { startConflictProxy } from './support/conflict-proxy.ts';
import { canElect } from './support/elector.ts';
import { sharedControlPlane } from './support/shared.ts';
import { Stage, UUID } from './support/stage.ts';
import { Tmux, type TmuxOptions } from './support/tmux.ts';

const shared = sharedControlPlane();
const ready = canElect(shared, 'tmux');

const CLEAN = { alternateScreen: false, cursor: true, mouse: false };

describe.skipIf(!ready)('the live list in a real terminal', () => {
  const api = shared as ApiAccess;
  const ending: { end(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of ending.splice(0).reverse()) await one.end();
  });

  async function begin(prefix: string, options: TmuxOptions = {}): Promise<{ stage: Stage; tmux: Tmux }> {
    const stage = await Stage.begin(api, prefix);
    ending.push(stage);
    const env = { KUBECONFIG: api.kubeconfig('admin', { namespace: stage.namespace }), ...options.env };
    const tmux = await Tmux.start(api.coordinates.folder, { ...options, env });
    ending.push(tmux);
    return { stage, tmux };
  }

  function command(stage: Stage, ...args: string[]): string {
    return [process.execPath, inject('bundle') ?? '', '-n', stage.namespace, ...args].join(' ');
  }

  /** The shell reads lines and echoes them again, and the terminal is in no special mode. */
  async function expectClean(tmux: Tmux, exitCode: number): Promise<void> {
    await tmux.until(/^\$$/m);
    await tmux.enter('echo exit=$?; stty -a | tr " " "\\n" | grep -x "icanon\\|echo\\|isig"');
    await tmux.until(new RegExp(`^exit=${exitCode}\n(isig\nicanon\necho)$`, 'm'));
    expect(await tmux.modes()).toEqual(CLEAN);
  }

  it('both incidents turn up while one watches; filter, details, quit, and the list stays', async () => {
    const { stage, tmux } = await begin('tui');
    const { namespace } = stage;
    const proxy = await startConflictProxy(api);
    try {
      const home = await stage.node('lost-node');
      const ghost = await stage.daemonPod('volume-provisioner', stage.podSuffix, { node: home });
      await stage.elect('endpoints', 'volume-provisioner', `${ghost}_${UUID}`).until('leading');
      const controller = `${await stage.daemonPod('controller')}_${UUID}`;
      const frozen = stage.elect('endpoints', 'controller', controller, { kubeconfig: proxy.kubeconfig() });
      await frozen.until('leading');
      await stage.leader('leases', 'other');

      await tmux.enter(command(stage));
      await tmux.until(/● live$(?:.*\n)+.*✓ 3 Healthy/m);
      await tmux.until(/Healthy .*\|\|\|\|/);

      await api.remove(pod({ namespace, name: ghost }));
      await api.remove(node({ name: home }));
      proxy.conflictOn(`/api/v1/namespaces/${namespace}/endpoints/controller`);
      await tmux.until(/✗ 1 Ghost {2}✗ 1 Frozen {2}✓ 1 Healthy/);
      expect(await tmux.until(/✗ Frozen .*\.\.\.\./)).toMatch(/✗ Ghost.*\n.*✗ Frozen.*\n.*✓ Healthy/);

      await tmux.press('/', 'g', 'h', 'o');
      await tmux.until(/1 of 3 shown/);
      await tmux.press('Enter', 'd');
      await tmux.until(/Do not delete the lock/);
      await tmux.press('Escape');
      await tmux.until(/^> ✗ Ghost/m);
      await tmux.press('y');
      await tmux.until(/kind: Endpoints/);
      await tmux.press('q');
      await tmux.until(/^> ✗ Ghost/m);
      await tmux.press('Escape');
      await tmux.until(/✗ Frozen/);

      await tmux.press('q');
      const left = await tmux.until(/Healthy\n(.*\n)*\$$/);
      expect(left).toMatch(/NAMESPACE +LOCK +HOLDER .*\n.* Ghost\n.* Frozen\n.* Healthy\n/);
      await expectClean(tmux, 0);
    } finally {
      await stage.stopElectors();
      await proxy.stop();
    }
  });

  it('an orphaned lock is released in its dialog, and the backup is where it says', async () => {
    const { stage, tmux } = await begin('release', { rows: 60 });
    const leader = await stage.leader('leases', 'worker');
    const candidate = await stage.daemonPod('worker', `b${stage.podSuffix.slice(1)}`);
    await stage.kill('worker', leader);

    await tmux.enter(command(stage, 'release'));
    await tmux.until(/^choose a lock to release, r {2}/);
    await tmux.until(/✗ Orphaned .*lease\/worker/);
    await tmux.press('r');
    const asked = await tmux.until(/^Type worker and enter to release it/m);
    expect(asked).toMatch(/Candidates: +1 running/);
    await tmux.press('nope', 'Enter');
    await tmux.until(/That was not its name/);
    await tmux.press(...'worker');
    await tmux.until(/^> worker /m);
    await tmux.press('Enter');
    await tmux.until(/^lease\/worker vacated$/m);
    const standby = stage.elect('leases', 'worker', `${candidate}_${UUID}`);
    await standby.until('leading');
    await tmux.until(new RegExp(`^Taken over by ${candidate}`, 'm'));
    await tmux.press('Escape');
    await tmux.until(/✓ Healthy .*lease\/worker/);
    await tmux.press('d');
    await tmux.until(new RegExp(`${candidate}.* yes `));
    await tmux.press('e');
    await tmux.until(new RegExp(`${candidate}_${UUID} became leader`));
    await tmux.press('q');
    await tmux.until(/MAY LEAD/);
    await tmux.press('q');
    await tmux.until(/✓ Healthy .*lease\/worker/);
    await tmux.press('q');
    const left = await tmux.until(/saved to \S+\n(.*\n)*.*Taken over by /);
    const path = /saved to\s+(\S+\.yaml)/.exec(left.replaceAll('\n', ''))?.[1] ?? '';
    expect(readFileSync(path, 'utf8')).toContain(`holderIdentity: worker-${stage.podSuffix}`);
    await expectClean(tmux, 0);
  });

  it('release LOCK opens its dialog, and its outcome is the exit code', async () => {
    const { stage, tmux } = await begin('named', { rows: 60 });
    const leader = await stage.leader('leases', 'worker');
    const candidate = await stage.daemonPod('worker', `b${stage.podSuffix.slice(1)}`);
    await stage.kill('worker', leader);

    const line = command(stage, 'release', 'lease/worker');
    await tmux.enter(line);
    await tmux.until(/^Release {2}\S+\/lease\/worker(.*\n)*watching \S+\/lease\/worker, /);
    await tmux.until(/^Type worker and enter to release it/m);
    await tmux.press('Escape');
    await tmux.until(/^> ?\*?✗ Orphaned .*lease\/worker/m);
    await tmux.press('q');
    await tmux.until(/lease\/worker: not confirmed, nothing was written/);
    await expectClean(tmux, 3);

    await tmux.enter(`clear; ${line}`);
    await tmux.until(/^Type worker and enter to release it/m);
    await tmux.press(...'worker');
    await tmux.until(/^> worker /m);
    await tmux.press('Enter');
    await tmux.until(/^lease\/worker vacated$/m);
    await stage.elect('leases', 'worker', `${candidate}_${UUID}`).until('leading');
    await tmux.until(new RegExp(`^Taken over by ${candidate}`, 'm'));
    await tmux.press('q');
    await tmux.until(/^> ?\*?✓ Healthy .*lease\/worker/m);
    await tmux.press('q');
    await tmux.until(/lease\/worker .*Healthy\n(.*\n)*.*saved to \S+\n(.*\n)*.*Taken over by /);
    await expectClean(tmux, 0);

    await tmux.enter(`clear; ${command(stage, 'release', 'nothing')}`);
    expect(await tmux.until(/error: no lock \S*nothing/)).not.toMatch(/● live/);
    await expectClean(tmux, 1);
  });

  it('a ghost is deposed in its dialog, the other elector leads, and the lock is Healthy', async () => {
    const { stage, tmux } = await begin('depose', { rows: 60 });
    const { namespace } = stage;
    const ghost = await stage.leader('endpoints', 'worker');
    const candidate = await stage.daemonPod('worker', `b${stage.podSuffix.slice(1)}`);
    const standby = stage.elect('endpoints', 'worker', `${candidate}_${UUID}`);
    await standby.until('leader');
    await tmux.enter(command(stage));
    await tmux.until(/✓ Healthy .* (endpoints|ep)\/worker/);
    await api.remove(pod({ namespace, name: `worker-${stage.podSuffix}` }));
    await tmux.until(/^> ?\*?✗ Ghost .* (endpoints|ep)\/worker/m);

    await tmux.press('x');
    const asked = await tmux.until(/^Type worker and enter to depose its holder/m);
    expect(asked).toContain(candidate);
    await tmux.press(...'worker');
    await tmux.until(/^> worker /m);
    await tmux.press('Enter');
    await tmux.until(/endpoints\/worker taken$/m);
    await ghost.exited;
    await tmux.until(/endpoints\/worker freed$/m);
    const told = await tmux.until(/^Taken over by (.*\n)*.*the old holder did not come back/m);
    expect(told).toContain(`Taken over by ${candidate}_${UUID}`);
    await standby.until('leading');
    await tmux.press('Escape');
    await tmux.until(
      new RegExp(`^> ?\\*?✓ Healthy .* (endpoints|ep)/worker +pod/\\S*${candidate.slice(-5)}`, 'm'),
    );
    expect(await tmux.screen()).not.toMatch(/Flapping|Ghost/);
    await tmux.press('q');
    const left = await tmux.until(/Taken over by (.*\n)*\$$/);
    expect(left).toMatch(/endpoints\/worker .* Healthy$/m);
    await expectClean(tmux, 0);
  });

  it('a live lock is not released, and read-only there is no key for it', async () => {
    const { stage, tmux } = await begin('refused');
    await stage.leader('leases', 'worker');
    await tmux.enter(command(stage));
    await tmux.until(/r release .*x depose/);
    await tmux.press('r');
    await tmux.until(/lease\/worker is not released: /);
    await tmux.press('Escape');
    await tmux.until(/✓ Healthy/);
    await tmux.press('q');
    await expectClean(tmux, 0);
    await tmux.enter(`clear; ${command(stage, '--read-only')}`);
    expect(await tmux.until(/✓ 1 Healthy(.*\n)*.*q quit/)).not.toMatch(/r release|x depose/);
    await tmux.press('q');
    await expectClean(tmux, 0);
  });

  it('is drawn to whatever size the terminal has', async () => {
    const { stage, tmux } = await begin('sizes', { columns: 80, rows: 24 });
    await stage.leader('leases', 'worker');
    await tmux.enter(command(stage));
    await tmux.until(/✓ Healthy .* lease\/worker/);
    for (const [columns, rows] of [
      [40, 12],
      [200, 60],
      [80, 24],
    ] as const) {
      await tmux.resize(columns, rows);
      const shape = `^leader.{${columns - 12},}● live\\n✓ 1 Healthy\\n +VERDICT.*\\n> ✓ Healthy(.*\\n){${rows - 4}}.*q quit$`;
      const lines = (await tmux.until(new RegExp(shape))).split('\n');
      expect(lines[0]).toHaveLength(columns);
      expect(lines.filter((line) => line.includes('lease/worker'))).toHaveLength(1);
    }
    await tmux.press('Enter');
    await tmux.until(/^Evidence/m);
    // Lines that are longer than the new size has cells, and would leave pieces of themselves behind.
    await tmux.resize(40, 24);
    await tmux.until(
      /^\S+ +● live +\S+\n\n✓ Healthy\n {2}the holder is there .*\n {2}Proof: .*\n {2}Pulse: .*\n {2}Time left: .*\n\nEvidence\n {2}- /,
    );
    await tmux.press('C-c');
    await expectClean(tmux, 130);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s leaves the terminal clean', async (signal, code) => {
    const { stage, tmux } = await begin('signals');
    await stage.leader('leases', 'worker');
    await tmux.enter(command(stage));
    await tmux.until(/✓ 1 Healthy/);
    expect(await tmux.modes()).toMatchObject({ alternateScreen: true, cursor: false });
    process.kill(await tmux.pid(/kubectl-leader\.cjs/), signal);
    await tmux.until(/lease\/worker .*Healthy/);
    await expectClean(tmux, code);
  });

  it('is stopped by ctrl-Z, and goes on with fg', async () => {
    const { stage, tmux } = await begin('stopped');
    await stage.leader('leases', 'worker');
    await tmux.enter(command(stage));
    await tmux.until(/✓ 1 Healthy/);
    await tmux.press('C-z');
    await tmux.until(/Stopped/);
    expect(await tmux.modes()).toEqual(CLEAN);
    await tmux.enter('stty -a | grep -c " icanon .* echo "; fg');
    await tmux.until(/^leader.*● live\n✓ 1 Healthy/);
    expect(await tmux.modes()).toMatchObject({ alternateScreen: true, cursor: false });
    await tmux.press('q');
    await expectClean(tmux, 0);
  });

  it('a paste is no storm of keys', async () => {
    const { stage, tmux } = await begin('paste');
    await stage.leader('leases', 'worker');
    await tmux.enter(command(stage));
    await tmux.until(/✓ 1 Healthy/);
    await tmux.paste('q p d\nquit');
    await tmux.until(/pasted text is ignored/);
    await tmux.press('/');
    await tmux.paste('wor\nker');
    await tmux.until(/^\/wor ker/m);
    await tmux.press('Escape');
    await tmux.until(/✓ Healthy/);
    await tmux.press('q');
    await expectClean(tmux, 0);
  });

  it.each([
    ['an output format was asked for', ['-o', 'table'], {}],
    ['the terminal can do nothing', [], { TERM: 'dumb' }],
    ['it is watched first', ['--observe', '1s'], {}],
    ['it goes into a pipe', ['|', 'cat'], {}],
  ])('prints the table at once where %s', async (_, args, env) => {
    const { stage, tmux } = await begin('plain', { columns: 200 });
    await stage.leader('leases', 'worker');
    const shell = Object.entries(env).map(([name, value]) => `${name}=${value} `);
    await tmux.enter(`${shell.join('')}${command(stage, ...args)}`);
    await tmux.until(/NAMESPACE +LOCK .*\n.*lease\/worker .*Healthy\n(.*\n)*\$$/);
    await expectClean(tmux, 0);
  });

  it('says in one line why there is nothing to see, on a clean terminal', async () => {
    const { tmux } = await begin('unreachable');
    const bundle = inject('bundle') ?? '';
    await tmux.enter(`${process.execPath} ${bundle} --server https://127.0.0.1:1`);
    await tmux.until(/^error: .*127\.0\.0\.1:1/m);
    await expectClean(tmux, 1);
  });

  it('obeys NO_COLOR', async () => {
    const { stage, tmux } = await begin('mono', { env: { NO_COLOR: '1' } });
    await stage.leader('leases', 'worker');
    await tmux.enter(command(stage));
    await tmux.until(/✓ 1 Healthy/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is looked for
    expect(await tmux.screenWithColors()).not.toMatch(/\u001b\[[0-9;]*3[0-8]m/);
    await tmux.press('q');
    await expectClean(tmux, 0);
  });
});
