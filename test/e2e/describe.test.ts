import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonSet, endpointsLock, event, lease, node, pod } from '../support/objects.ts';
import {
  csiNode,
  routes,
  service,
  tokenSecret,
  validatingWebhook,
  volumeAttachment,
} from '../support/surroundings.ts';
import type { ApiAccess } from './support/api-access.ts';
import { eventually } from './support/child-process.ts';
import { startConflictProxy } from './support/conflict-proxy.ts';
import { canElect } from './support/elector.ts';
import { sharedControlPlane } from './support/shared.ts';
import { type Item, type Stage, stagesOn, UUID } from './support/stage.ts';

const shared = sharedControlPlane();
const ready = canElect(shared, 'kubectl');

/** A case in JSON, as far as these tests read it. */
interface Case {
  kind: string;
  watchedSeconds: number;
  lock: Item;
  objects: { reads: string; writers: { manager: string }[] | null; renewalsSeen: number }[];
  holder: { pod: { name: string } | null; owners: { kind: string; name: string }[] };
  history: { events: { text: string }[] } | null;
  candidates: { pods: { name: string; denied: unknown[] | null }[]; missingRole: string | null } | null;
  findings: { code: string; serious: boolean; text: string }[];
  probe: { outcome: string; text: string }[];
  ghost: {
    places: { node: string; likely: boolean; exists: boolean | null; evidence: { text: string }[] }[];
    tokens: { secret: string }[] | null;
  } | null;
  nextSteps: { text: string; command: string | null }[];
  notes: { text: string; hint: string | null }[];
}

describe.skipIf(!ready)('kubectl leader describe, with real electors', () => {
  const api = shared as ApiAccess;
  const begin = stagesOn(api);

  async function look(
    stage: Stage,
    name: string,
    args: readonly string[] = [],
    options: Parameters<Stage['run']>[1] = {},
  ): Promise<Case> {
    const words = ['describe', `${stage.namespace}/${name}`, '-o', 'json', ...args];
    const { code, stdout, stderr } = await stage.run(words, options);
    if (code !== 0) throw new Error(`describe exited with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Case;
  }

  function texts({ findings }: Case): string {
    return findings.map(({ serious, text }) => `${serious ? '!' : '-'} ${text}`).join('\n');
  }

  /** Applies the Role that a case prints, and gives the case once it has taken effect. */
  async function grantMissing(stage: Stage, name: string, barred: Case): Promise<Case> {
    const manifest = join(api.coordinates.folder, `${stage.namespace}-role.yaml`);
    writeFileSync(manifest, barred.candidates?.missingRole ?? '');
    const { code, stderr } = await api.kubectl(['apply', '--validate=false', '-f', manifest]);
    if (code !== 0) throw new Error(`kubectl apply exited with ${code}: ${stderr}`);
    return eventually('the grant takes effect', async () => {
      const found = await look(stage, name, ['--observe', '0']);
      return found.candidates?.missingRole === null ? found : null;
    });
  }

  it('a lock that is well: watched until three renewals were seen, both halves, everything else in 2 s', async () => {
    const stage = await begin('well');
    await stage.leader('endpointsleases', 'worker');
    const begun = performance.now();
    const found = await look(stage, 'worker');
    const tookSeconds = (performance.now() - begun) / 1000;
    expect(found).toMatchObject({
      kind: 'LockCase',
      lock: { verdict: 'Healthy', grade: 'watched', pairing: 'multilock' },
      holder: { pod: { name: `worker-${stage.podSuffix}` }, owners: [{ kind: 'daemonset', name: 'worker' }] },
      nextSteps: [],
      notes: [],
    });
    expect(found.objects.map(({ reads }) => reads)).toEqual(['agree', 'agree']);
    expect(found.objects[0]?.renewalsSeen).toBeGreaterThanOrEqual(3);
    expect(found.objects[0]?.writers?.map(({ manager }) => manager)).toContain('elector');
    expect(found.history?.events.map(({ text }) => text)).toContain(
      `worker-${stage.podSuffix}_${UUID} became leader`,
    );
    expect(found.watchedSeconds).toBeLessThan(6);
    // The plugin's own start, through kubectl, is in it.
    expect(tookSeconds - found.watchedSeconds).toBeLessThan(4);
  });

  it('reads like kubectl describe, for one lock and for several', async () => {
    const stage = await begin('text');
    for (const name of ['a', 'b']) await stage.leader('leases', name);
    const { code, stdout, stderr } = await stage.run(['describe', 'lease/a', 'b', '-n', stage.namespace]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^Lock: .*$/gm)).toHaveLength(2);
    for (const title of ['Record', 'Holder', 'Renewal', 'History', 'Candidates', 'Evidence'])
      expect(stdout.match(new RegExp(`^${title}:$`, 'gm'))).toHaveLength(2);
  });

  it('ctrl-C ends the watching, and the case is told', async () => {
    const stage = await begin('interrupted');
    await stage.leader('leases', 'worker');
    const words = ['describe', `${stage.namespace}/worker`, '--observe', '10m'];
    const describing = stage.start(words);
    const renewed = async (): Promise<number> => {
      const stored = await api.read(lease({ namespace: stage.namespace, name: 'worker' }));
      return Date.parse((stored?.spec as { renewTime: string } | undefined)?.renewTime ?? '');
    };
    const begun = await renewed();
    // Long enough for it to have connected, and for renewals to be seen.
    await eventually('renewals', async () => ((await renewed()) - begun > 3_000 ? true : null));
    describing.signal('SIGINT');
    await describing.line(/^Verdict: +Healthy \(watched\)/, 10_000);
    await describing.line(/watching was ended early/, 10_000);
    expect(await describing.exited).toEqual({ code: 0, signal: null });
  });

  describe('the incidents', () => {
    it('frozen: every update is answered 409, and the probe shows it', async () => {
      const stage = await begin('frozen');
      const proxy = await startConflictProxy(api);
      try {
        const identity = `${await stage.daemonPod('controller')}_${UUID}`;
        const holder = stage.elect('endpoints', 'controller', identity, { kubeconfig: proxy.kubeconfig() });
        await holder.until('leading');
        proxy.conflictOn(`/api/v1/namespaces/${stage.namespace}/endpoints/controller`);
        await holder.until('stopped');
        const through = { kubeconfig: proxy.kubeconfig() };
        const plain = await look(stage, 'controller', [], through);
        expect(plain).toMatchObject({ lock: { verdict: 'Frozen', grade: 'watched' }, probe: [] });
        const before = await api.read(endpointsLock({ namespace: stage.namespace, name: 'controller' }));
        const probed = await look(stage, 'controller', ['--probe'], through);
        expect(probed.probe).toMatchObject([{ outcome: 'conflict' }]);
        expect(probed.nextSteps.map(({ command }) => command)).toContain(
          `kubectl leader release ${stage.namespace}/endpoints/controller --strategy delete`,
        );
        expect(await look(stage, 'controller', ['--probe', '--observe', '0'])).toMatchObject({
          probe: [{ outcome: 'accepted' }],
        });
        expect(await api.read(endpointsLock({ namespace: stage.namespace, name: 'controller' }))).toEqual(
          before,
        );
      } finally {
        await stage.stopElectors();
        await proxy.stop();
      }
    });

    it('ghost: its machine, its token, and the cures in order', async () => {
      const stage = await begin('ghost');
      const { namespace } = stage;
      const home = await stage.node('lost-node');
      const workload = daemonSet({ namespace, name: 'provisioner' });
      Object.assign((workload.spec as { template: { spec: object } }).template.spec, {
        serviceAccountName: 'provisioner',
      });
      const name = await stage.daemonPod('provisioner', stage.podSuffix, { node: home });
      await api.apply(workload);
      const ghost = stage.elect('endpoints', 'provisioner', `${name}_${UUID}`);
      await ghost.until('leading');
      const about = { kind: 'Pod', name, namespace, apiVersion: 'v1' };
      const message = `Successfully assigned ${namespace}/${name} to ${home}`;
      const remembered = [
        event({ namespace, name: `${name}.1`, about, reason: 'Scheduled', message, at: Date.now() }),
        volumeAttachment({ name: `csi-${namespace}`, node: home }),
        csiNode(home),
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'provisioner' } },
        tokenSecret({ namespace, name: 'provisioner-token-x', serviceAccount: 'provisioner' }),
      ];
      for (const object of remembered) await api.apply(object);
      await api.remove(pod({ namespace, name }));
      await api.remove(node({ name: home }));
      try {
        const barred = await look(stage, 'provisioner', ['--observe', '0']);
        expect(barred.nextSteps[1]?.text).toMatch(/^Apply the Role/);
        await grantMissing(stage, 'provisioner', barred);
        const found = await look(stage, 'provisioner');
        expect(found).toMatchObject({
          lock: { verdict: 'Ghost', grade: 'watched' },
          ghost: {
            places: [{ node: home, likely: true, exists: false }],
            tokens: [{ secret: 'provisioner-token-x' }],
          },
        });
        expect(found.ghost?.places[0]?.evidence.map(({ text }) => text)).toEqual([
          'an event Scheduled tells that its pod ran there',
          'a volume is still attached to it',
          'its volume drivers are still recorded',
        ]);
        expect(found.nextSteps.map(({ command, text }) => command ?? text)).toEqual([
          expect.stringMatching(/^Do not delete the lock/),
          `kubectl leader depose ${namespace}/endpoints/provisioner`,
          expect.stringContaining(home),
          `kubectl -n ${namespace} delete secret provisioner-token-x`,
          `kubectl leader release ${namespace}/endpoints/provisioner`,
        ]);
      } finally {
        for (const object of remembered) await api.remove(object);
      }
    });
  });

  it('nobody leads because nobody may, and the Role that is printed cures it', async () => {
    const stage = await begin('rights');
    const { namespace } = stage;
    await stage.daemonPod('worker');
    const free = { holder: '', durationSeconds: 1, renewTime: Date.now() - 600_000 };
    await api.apply(lease({ namespace, name: 'worker', ...free }));
    const barred = await look(stage, 'worker', ['--observe', '0']);
    expect(barred.lock.verdict).toBe('Leaderless');
    expect(texts(barred)).toMatch(/^! nobody leads because nobody may/);
    const cured = await grantMissing(stage, 'worker', barred);
    expect(cured.candidates?.pods[0]?.denied).toEqual([]);
    expect(texts(cured)).not.toContain('may not');
  });

  it('a Service of the same name, and a webhook that nobody answers', async () => {
    const stage = await begin('obstacles');
    const { namespace } = stage;
    const holder = `${await stage.daemonPod('worker')}_${UUID}`;
    await api.apply(endpointsLock({ namespace, name: 'worker', holder, renewTime: Date.now() - 600_000 }));
    await api.apply(service({ namespace, name: 'worker' }));
    await api.apply(service({ namespace, name: 'policy' }));
    const webhook = validatingWebhook({
      name: `policy-${namespace}`,
      resources: ['endpoints'],
      groups: [''],
      behind: { namespace, name: 'policy' },
      // Only this test's lock is meant: nothing of the others is to be refused.
      more: { objectSelector: { matchLabels: { obstacle: namespace } } },
    });
    await api.apply(webhook);
    const labelled = endpointsLock({
      namespace,
      name: 'labelled',
      holder,
      renewTime: Date.now() - 600_000,
      labels: { obstacle: namespace },
    });
    try {
      await api.apply(labelled);
      const shadowed = await look(stage, 'worker', ['--observe', '0']);
      expect(texts(shadowed)).toMatch(/! a Service has the lock's name/);
      expect(texts(shadowed)).not.toContain('webhook');
      const hooked = await eventually('the webhook takes effect', async () => {
        const found = await look(stage, 'labelled', ['--observe', '0', '--probe']);
        return found.probe[0]?.outcome === 'accepted' ? null : found;
      });
      expect(texts(hooked)).toMatch(/! webhook policy-.* refuses every renewal/);
      await api.apply(routes({ namespace, name: 'policy' }, ['192.0.2.7']));
      expect(texts(await look(stage, 'labelled', ['--observe', '0']))).toMatch(/- webhook policy-/);
    } finally {
      await api.remove(webhook);
    }
  });

  it('a user who may read nothing but the lock gets its case', async () => {
    const stage = await begin('bob');
    await stage.leader('leases', 'worker');
    const rules = [
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: ['worker'],
        verbs: ['get', 'list', 'watch'],
      },
    ];
    await api.grant('alice', rules, stage.namespace);
    const found = await eventually('the grant takes effect', () =>
      look(stage, 'lease/worker', [], { user: 'alice' }).catch(() => null),
    );
    expect(found.lock).toMatchObject({ verdict: 'Healthy', grade: 'watched', unproven: true });
    expect(found.notes.map(({ text }) => text).join('\n')).toMatch(/pods[\s\S]*events/);
    expect(found.history).toBeNull();
  });

  it('a name that fits several locks is refused with their names, one that fits none with near ones', async () => {
    const [stage, other] = [await begin('twin'), await begin('twin')];
    const name = `lock-${stage.namespace}`;
    for (const { namespace } of [stage, other]) await api.apply(lease({ namespace, name, holder: 'x' }));
    const several = await stage.run(['describe', name]);
    expect(several.code).toBe(1);
    for (const { namespace } of [stage, other])
      expect(several.stderr).toContain(`${namespace}/lease/${name}`);
    const none = await stage.run(['describe', `${stage.namespace}/${name}x`]);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain(`Did you mean ${stage.namespace}/lease/${name}`);
  });
});
