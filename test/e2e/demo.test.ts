import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { ScenarioName } from '../../src/sandbox/scenario-names.ts';
import { eventually } from './support/child-process.ts';
import { DemoRun } from './support/demo-run.ts';
import { findOnPath } from './support/find-on-path.ts';
import { itemOf } from './support/stage.ts';
import { Tmux } from './support/tmux.ts';

const bundle = inject('bundle');
const ready = bundle !== null && findOnPath('kubectl') !== null;

const SPEED = 4;

/** Longer than the longest lease of the stories that are watched, at this speed. */
const OBSERVE = ['--observe', '8s'];

describe.skipIf(!ready)(
  'kubectl leader demo, to its end through the public commands',
  { timeout: 240_000 },
  () => {
    /** A test with a demo of its own, which ends with it. */
    function playing(name: ScenarioName, story: (demo: DemoRun) => Promise<void>): () => Promise<void> {
      return async () => {
        const demo = await DemoRun.start(bundle ?? '', name, SPEED);
        try {
          await story(demo);
        } finally {
          await demo.end();
        }
      };
    }

    /** Carries out what the story says to try, and expects it to work. */
    async function tries(demo: DemoRun, told: RegExp, more = ''): Promise<string> {
      const command = `${await demo.command(told)}${more}`;
      const { code, stdout, stderr } = await demo.shell(command);
      expect([command, code, code === 0 ? '' : stderr]).toEqual([command, 0, '']);
      return stdout;
    }

    describe.concurrent('the incidents', () => {
      it(
        'ghost',
        playing('ghost', async (demo) => {
          expect(await tries(demo, /Somebody removed the node/)).toMatch(/orders-db-0 .* Pending/);
          expect(await tries(demo, /Ghost: /)).toMatch(/^Verdict: +Ghost/m);
          expect(itemOf(await demo.list(...OBSERVE), 'endpoints/volume-provisioner')).toMatchObject({
            verdict: 'Ghost',
            grade: 'watched',
            holder: { presence: 'gone', found: 'gone (DaemonSet pod)' },
          });
          await tries(demo, /Depose it/, ' --yes -o json');
          await demo.hears(/Solved/);
          expect(itemOf(await demo.list(...OBSERVE), 'endpoints/volume-provisioner')).toMatchObject({
            verdict: 'Healthy',
            grade: 'watched',
            holder: { presence: 'alive', kind: 'pod' },
          });
        }),
      );

      it(
        'frozen',
        playing('frozen', async (demo) => {
          const label = 'endpoints/kube-controller-manager';
          await demo.hears(/Frozen: /);
          const item = itemOf(await demo.list(...OBSERVE), label);
          expect(item).toMatchObject({ verdict: 'Frozen', grade: 'watched', holder: { presence: 'alive' } });
          expect(item.record.holderIdentity).toMatch(/^master-2_/);
          expect(await tries(demo, /Frozen: /)).toMatch(/^Verdict: +Frozen/m);
          await tries(demo, /deleting it works/, ' --yes');
          await demo.hears(/Solved/);
          expect(itemOf(await demo.list(...OBSERVE), label)).toMatchObject({
            verdict: 'Healthy',
            grade: 'watched',
          });
          const { stdout } = await demo.shell('kubectl -n shop get pods --no-headers');
          expect(stdout.match(/ Running /g)).toHaveLength(5);
        }),
      );

      it(
        'orphaned',
        playing('orphaned', async (demo) => {
          await demo.hears(/Orphaned: /);
          const before = itemOf(await demo.list(), 'lease/backup-operator');
          expect(before).toMatchObject({ verdict: 'Orphaned', holder: { presence: 'failing' } });
          await tries(demo, /What is missing/);
          await demo.hears(/Solved/);
          const after = itemOf(await demo.list(), 'lease/backup-operator');
          expect(after).toMatchObject({ verdict: 'Healthy', holder: { presence: 'alive' } });
          expect(after.holder.name).not.toBe(before.holder.name);
        }),
      );

      it(
        'leaderless',
        playing('leaderless', async (demo) => {
          await demo.hears(/Leaderless: /);
          expect(await demo.verdicts()).toMatchObject({ 'lease/price-sync': 'Leaderless' });
          await tries(demo, /Start the workload/);
          await demo.hears(/Solved/);
          expect(await demo.verdicts(...OBSERVE)).toMatchObject({ 'lease/price-sync': 'Healthy' });
        }),
      );

      it(
        'split',
        playing('split', async (demo) => {
          await demo.hears(/Split: /);
          expect(await demo.verdicts(...OBSERVE)).toMatchObject({ 'endpoints/ledger': 'Split' });
          await tries(demo, /Stop the release/);
          await tries(demo, /Solved/);
          expect(await demo.verdicts(...OBSERVE)).toMatchObject({ 'lease/ledger': 'Healthy' });
        }),
      );

      it(
        'flapping',
        playing('flapping', async (demo) => {
          await demo.hears(/runs? out|more memory/);
          expect(await demo.verdicts('--observe', '15s')).toMatchObject({
            'lease/cart-operator': 'Flapping',
          });
          expect(await tries(demo, /A colleague found it/)).toMatch(/OOMKilled/);
          await demo.hears(/Solved/);
          expect(await demo.verdicts(...OBSERVE)).toMatchObject({ 'lease/cart-operator': 'Healthy' });
        }),
      );

      it(
        'common-cause',
        playing('common-cause', async (demo) => {
          await demo.hears(/The disk of etcd became slow/);
          const { items, notes } = await demo.list('--observe', '10s');
          expect(new Set(items.map(({ verdict }) => verdict))).toEqual(new Set(['Late']));
          expect(notes).toContainEqual(expect.objectContaining({ code: 'common-cause' }));
          expect(items.flatMap(({ advice }) => advice).join('\n')).not.toMatch(/kubectl leader release/);
          await demo.hears(/Solved/);
          expect(new Set(Object.values(await demo.verdicts(...OBSERVE)))).toEqual(new Set(['Healthy']));
        }),
      );

      it(
        'hand-over',
        playing('hand-over', async (demo) => {
          await demo.hears(/Yielding: /);
          await eventually(
            'the lock yields',
            async () => ((await demo.verdicts())['lease/kube-scheduler'] === 'Yielding' ? true : null),
            { everyMs: 50 },
          );
          await demo.hears(/Done: /);
          const item = itemOf(await demo.list(), 'lease/kube-scheduler');
          expect(item).toMatchObject({ verdict: 'Healthy', holder: { name: 'kube-scheduler-master-2' } });
        }),
      );

      it(
        'rbac',
        playing('rbac', async (demo) => {
          expect(await tries(demo, /Orphaned: /)).toMatch(/may not update leases/);
          const seen = await demo.list('--context', 'viewer');
          expect(new Set(seen.items.map(({ holder }) => holder.presence))).toEqual(new Set(['unknown']));
          expect(seen.notes.map(({ text }) => text).join('\n')).toMatch(/pods/);
          await demo.hears(/Solved/);
          expect(await demo.verdicts(...OBSERVE)).toMatchObject({ 'lease/postgres-operator': 'Healthy' });
        }),
      );

      it(
        'healthy',
        playing('healthy', async (demo) => {
          const { items } = await demo.list();
          expect(items.length).toBeGreaterThanOrEqual(40);
          expect(items.filter(({ verdict }) => verdict !== 'Healthy')).toEqual([]);
          expect(new Set(items.map(({ kind }) => kind))).toEqual(
            new Set(['lease', 'endpoints', 'configmap']),
          );
          await demo.hears(/Its standby took over/);
          const after = itemOf(await demo.list(...OBSERVE), 'lease/cart-operator');
          expect(after).toMatchObject({
            verdict: 'Healthy',
            grade: 'watched',
            holder: { presence: 'alive' },
          });
        }),
      );
    });

    it(
      'an unmodified kubectl works against it',
      playing('healthy', async (demo) => {
        const says = async (command: string): Promise<string> => {
          const { code, stdout, stderr } = await demo.shell(command);
          expect([command, code, code === 0 ? '' : stderr]).toEqual([command, 0, '']);
          return stdout;
        };
        expect(await says('kubectl api-resources')).toMatch(
          /^leases +coordination.k8s.io\/v1 +true +Lease$/m,
        );
        expect(await says('kubectl get pods -A -o wide')).toMatch(
          /^shop +cart-operator-\S+ +1\/1 +Running +0 /m,
        );
        expect(await says('kubectl get nodes')).toMatch(/^master-1 +Ready +control-plane /m);
        expect(await says('kubectl get leases -n shop')).toMatch(
          /^NAME +HOLDER +AGE\ncart-operator +cart-operator-/,
        );
        expect(await says('kubectl describe lease -n shop cart-operator')).toMatch(
          /Holder Identity: +cart-operator-/,
        );
        expect(await says('kubectl describe node worker-1')).toMatch(
          /^Lease:\n +HolderIdentity: +worker-1$/m,
        );
        expect(await says('kubectl describe deployment -n shop cart-operator')).toMatch(
          /2 desired .* 2 available/,
        );
        const watch =
          'kubectl get leases -n shop cart-operator -w --output-watch-events --request-timeout 3s || true';
        expect(await says(watch)).toMatch(/ADDED +cart-operator[\s\S]*MODIFIED +cart-operator/);
        await says('kubectl annotate lease -n shop cart-operator note=seen');
        expect(await says('kubectl get lease -n shop cart-operator -o yaml')).toMatch(/note: seen/);
        expect(await says('kubectl auth can-i update leases -n shop')).toBe('yes\n');
        expect(await says('kubectl auth can-i list pods --context viewer || true')).toBe('no\n');
        await says('kubectl create namespace web');
        await says('kubectl create configmap -n web settings --from-literal=color=blue');
        const color = 'kubectl get configmap -n web settings -o jsonpath={.data.color}';
        expect(await says(color)).toBe('blue');
        await says('kubectl get configmap -n web settings -o yaml > "$HOME/kept.yaml"');
        await says('kubectl delete configmap -n web settings');
        await says('kubectl apply -f "$HOME/kept.yaml" || kubectl replace -f "$HOME/kept.yaml"');
        expect(await says(color)).toBe('blue');
        await says('kubectl create deployment -n web web --image registry.invalid/web:1 --replicas 2');
        const running = (place: string): Promise<true> =>
          eventually(`two Pods run: ${place}`, async () => {
            const { stdout } = await demo.shell(`kubectl get pods ${place} --no-headers`);
            return stdout.match(/ 1\/1 +Running /g)?.length === 2 || null;
          });
        await running('-n web');
        await says('kubectl drain worker-1 --ignore-daemonsets --timeout 60s');
        await says('kubectl uncordon worker-1');
        await says('kubectl delete pod -n shop --wait -l app=cart-operator --timeout 20s');
        await running('-n shop -l app=cart-operator');
      }),
    );

    it(
      'is gone without a trace when it is stopped',
      playing('ghost', async (demo) => {
        const folder = dirname(demo.kubeconfig);
        expect(existsSync(folder)).toBe(true);
        demo.child.signal('SIGINT');
        expect(await demo.child.exited).toEqual({ code: 130, signal: null });
        expect(existsSync(folder)).toBe(false);
      }),
    );

    describe.skipIf(findOnPath('tmux') === null)('in the live list alone', () => {
      /** A demo in a terminal, which ends with the story. */
      function onScreen(name: ScenarioName, story: (tmux: Tmux) => Promise<void>): () => Promise<void> {
        return async () => {
          const env = { KUBECONFIG: '/nonexistent' };
          const tmux = await Tmux.start(tmpdir(), { columns: 120, rows: 34, env });
          try {
            await tmux.enter(`${process.execPath} ${bundle} demo ${name} --speed ${SPEED}`);
            await story(tmux);
            await tmux.press('q');
            await tmux.until(/^\$$/m);
          } finally {
            await tmux.end();
          }
        };
      }

      async function confirm(tmux: Tmux, name: string): Promise<void> {
        await tmux.press(name);
        await tmux.until(new RegExp(`^> ${name}`, 'm'));
        await tmux.press('Enter');
      }

      it(
        'the ghost is found and deposed',
        onScreen('ghost', async (tmux) => {
          await tmux.until(/✓ 7 Healthy/);
          await tmux.until(/▸ All is well/);
          await tmux.until(/✗ 1 Ghost {2}✓ 6 Healthy/, 60_000);
          await tmux.until(/▸ Depose it[\s\S]*x deposes its holder/);
          await tmux.press('g', 'x');
          await tmux.until(/Type volume-provisioner and enter/, 60_000);
          await confirm(tmux, 'volume-provisioner');
          await tmux.until(/the old holder did not come back/, 60_000);
          await tmux.until(/▸ Solved/);
          await tmux.press('Escape');
          await tmux.until(/✓ 7 Healthy[\s\S]*volumes .*Running on/);
        }),
      );

      it(
        'the frozen lock is found, vacated in vain, and deleted',
        onScreen('frozen', async (tmux) => {
          await tmux.until(/✗ 1 Frozen {2}✓ 6 Healthy/, 60_000);
          await tmux.until(/▸ No candidate can write[\s\S]*r, then ctrl-d/, 60_000);
          await tmux.press('r');
          await tmux.until(/Type kube-controller-manager and enter to release it/, 60_000);
          await confirm(tmux, 'kube-controller-manager');
          await tmux.until(/ctrl-d examines it again, to delete it instead/, 60_000);
          await tmux.press('C-d');
          await tmux.until(/Type kube-controller-manager and enter to delete it/, 60_000);
          await confirm(tmux, 'kube-controller-manager');
          await tmux.until(/kube-controller-manager deleted\n(Taken over|Taken back) by/, 60_000);
          await tmux.until(/▸ Solved/, 60_000);
          await tmux.press('Escape');
          await tmux.until(/✓ 7 Healthy/);
        }),
      );
    });
  },
);
