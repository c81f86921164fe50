import { describe, expect, it } from 'vitest';
import {
  EVENTS,
  LEASE_CANDIDATES,
  NODES,
  PODS,
  SECRETS,
  SUBJECT_ACCESS_REVIEWS,
} from '../../src/core/resources.ts';
import { daemonSet, event, lease, node, pod } from '../support/objects.ts';
import {
  csiNode,
  leaseCandidate,
  localVolume,
  routes,
  service,
  tokenSecret,
  validatingWebhook,
  volumeAttachment,
} from '../support/surroundings.ts';
import { look, said, steps } from './describe-stage.ts';
import { Stage, UUID } from './stage.ts';

describe('candidates', () => {
  it('every pod of the workload, and whether its account may take the lock', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const owner = { kind: 'DaemonSet', name: 'worker' };
    stage.cluster.create(pod({ name: 'worker-qqqqq', owner, ready: false }));
    stage.cluster.create(pod({ name: 'other-qqqqq' }));
    const asked: string[] = [];
    stage.cluster.review((question) => {
      asked.push(`${question.user} ${question.verb} ${question.resource}/${question.name}`);
      return true;
    });
    const { contenders, findings } = await look(stage, 'worker', { observeMs: 0 });
    expect(contenders?.pods.map(({ pod: one, isHolder }) => `${one.name} ${isHolder}`)).toEqual([
      'worker-zkb5w true',
      'worker-qqqqq false',
    ]);
    expect(asked).toEqual([
      'system:serviceaccount:default:default get leases/worker',
      'system:serviceaccount:default:default update leases/worker',
    ]);
    expect(contenders?.pods.map(({ denied }) => denied)).toEqual([[], []]);
    expect(contenders?.missingRole).toBeNull();
    expect(findings).toEqual([]);
  });

  it('nobody leads because nobody may: the missing Role is ready', async () => {
    const stage = new Stage();
    stage.cluster.create(daemonSet({ name: 'worker' }));
    stage.cluster.create(pod({ name: 'worker-zkb5w', owner: { kind: 'DaemonSet', name: 'worker' } }));
    stage.cluster.create(lease({ name: 'worker', holder: '', renewTime: stage.clock.now() - 3_600_000 }));
    stage.cluster.review(({ verb }) => verb === 'get');
    const file = await look(stage, 'worker');
    expect(file.report.verdict).toBe('Leaderless');
    expect(said(file)).toBe(
      '! nobody leads because nobody may: service account default/default may not update leases.coordination.k8s.io/worker',
    );
    expect(file.contenders?.missingRole).toContain('resourceNames: ["worker"]');
    expect(steps(file)[0]).toMatch(/^Apply the Role/);
  });

  it('who may not ask is told which right is missing', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.forbid({ verb: 'create', resource: SUBJECT_ACCESS_REVIEWS });
    const { contenders, notes } = await look(stage, 'worker', { observeMs: 0 });
    expect(contenders?.pods[0]?.denied).toBeNull();
    const note = notes.find(({ text }) => text.includes('subjectaccessreviews'));
    expect(note?.text).toContain('whether the candidates may take the lock is not known');
    expect(note?.hint).toContain('verbs ["create"]');
  });

  it('a hand-over is told as one, and one to nobody as what stands in the way', async () => {
    const stage = new Stage();
    stage.cluster.serve(LEASE_CANDIDATES);
    const now = stage.clock.now();
    for (const name of ['a', 'b']) {
      stage.cluster.create(pod({ name }));
      stage.cluster.create(leaseCandidate({ name: `${name}_${UUID}`, lease: 'worker', renewTime: now }));
    }
    const coordinated = lease({ name: 'worker', holder: `a_${UUID}`, renewTime: now - 20_000 });
    Object.assign(coordinated.spec as object, {
      strategy: 'OldestEmulationVersion',
      preferredHolder: `b_${UUID}`,
    });
    stage.cluster.create(coordinated);
    const file = await look(stage, 'worker', { observeMs: 0 });
    expect(file.report.verdict).toBe('Yielding');
    expect(file.contenders?.leaseCandidates?.map(({ preferred }) => preferred)).toEqual([false, true]);
    expect(steps(file)[0]).toMatch(/^Do not release: wait/);
    stage.cluster.remove(LEASE_CANDIDATES, 'default', `b_${UUID}`);
    expect(said(await look(stage, 'worker', { observeMs: 0 }))).toMatch(/^! .*yields to nobody/);
  });
});

describe('what is in the way', () => {
  it('a Service of the same name', async () => {
    const stage = new Stage();
    (await stage.leader('worker', { lock: 'endpoints' })).freeze();
    stage.cluster.create(service({ name: 'worker' }));
    await stage.clock.advance(30_000);
    stage.cluster.create(
      validatingWebhook({
        name: 'slow',
        resources: ['endpoints'],
        groups: [''],
        more: { clientConfig: { url: 'https://policy.example.com' } },
      }),
    );
    const file = await look(stage, 'worker', { observeMs: 0 });
    // What explains the trouble comes before what is only worth knowing.
    expect(said(file)).toMatch(/^! a Service has the lock's name.*\n- webhook slow/);
    expect(steps(file).join('\n')).toContain('kubectl -n default get service worker');
  });

  it.each([
    ['nobody behind it, and it must answer', 'Fail', [], /^! .*refuses every renewal/],
    ['nobody behind it, and it may be left out', 'Ignore', [], /^- .*may wait up to 5 s/],
    ['somebody behind it', 'Fail', ['192.0.2.7'], /^- .*is asked about every renewal/],
  ] as const)('a webhook with %s', async (_name, failurePolicy, addresses, expected) => {
    const stage = new Stage();
    (await stage.leader('worker')).freeze();
    await stage.clock.advance(30_000);
    const behind = { namespace: 'policy', name: 'policy' };
    for (const object of [
      service(behind),
      routes(behind, addresses),
      validatingWebhook({ name: 'policy', failurePolicy }),
      validatingWebhook({ name: 'other', resources: ['pods'], groups: [''] }),
    ])
      stage.cluster.create(object);
    const text = said(await look(stage, 'worker', { observeMs: 0 }));
    expect(text).toMatch(expected);
    expect(text).not.toContain('other.example.com');
  });

  it('the same name in another namespace, and a holder from another one', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.create(lease({ namespace: 'old', name: 'worker', renewTime: stage.clock.now() - 60_000 }));
    stage.cluster.create(lease({ namespace: 'kube-system', name: 'far', holder: 'worker-zkb5w' }));
    expect(said(await look(stage, 'default/worker', { observeMs: 0 }))).toMatch(
      /- there is a lock worker in namespace old too, held by manager-0, renewed 6\d s ago/,
    );
    expect(said(await look(stage, 'far', { observeMs: 0 }))).toContain(
      'the holder runs in namespace default and the lock is in kube-system',
    );
  });

  it('a name that two workloads share', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    stage.cluster.create(daemonSet({ name: 'copycat' }));
    stage.cluster.create(
      event({
        name: 'worker.1',
        about: { kind: 'Lease', name: 'worker' },
        message: `copycat-zkb5w_${UUID} became leader`,
      }),
    );
    expect(said(await look(stage, 'worker', { observeMs: 0 }))).toMatch(
      /^! daemonset default\/worker and daemonset default\/copycat campaign for one lock/,
    );
  });
});

describe('a ghost', () => {
  async function haunted(): Promise<Stage> {
    const stage = new Stage();
    stage.cluster.create(node({ name: 'lost' }));
    await stage.leader('worker', { lock: 'endpoints' });
    const about = { kind: 'Pod', name: 'worker-zkb5w' };
    const message = 'Successfully assigned default/worker-zkb5w to lost';
    stage.cluster.create(event({ name: 'worker-zkb5w.1', about, reason: 'Scheduled', message }));
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    stage.cluster.remove(NODES, null, 'lost');
    return stage;
  }

  it('is tracked to the machine that events, volumes and a heartbeat remember', async () => {
    const stage = await haunted();
    stage.cluster.create(volumeAttachment({ name: 'csi-1', node: 'lost' }));
    stage.cluster.create(localVolume({ name: 'pv-1', node: 'lost' }));
    stage.cluster.create(csiNode('elsewhere'));
    stage.cluster.create(volumeAttachment({ name: 'csi-2', node: 'node-1' }));
    stage.cluster.create(
      lease({ namespace: 'kube-node-lease', name: 'lost', holder: 'lost', renewTime: stage.clock.now() }),
    );
    const file = await look(stage, 'worker');
    expect(file.report.verdict).toBe('Ghost');
    expect(file.ghost?.places.map(({ node: name, likely, exists }) => [name, likely, exists])).toEqual([
      ['lost', true, false],
      ['elsewhere', false, false],
    ]);
    expect(file.ghost?.places[0]?.evidence).toHaveLength(4);
    expect(file.ghost?.places[0]?.lastHeartbeat).not.toBeNull();
  });

  it('its token is found without being read, and the cures are in order', async () => {
    const stage = await haunted();
    const account = daemonSet({ name: 'worker' });
    Object.assign((account.spec as { template: { spec: object } }).template.spec, {
      serviceAccountName: 'provisioner',
    });
    stage.cluster.apply(account);
    stage.cluster.create(tokenSecret({ name: 'provisioner-token-x', serviceAccount: 'provisioner' }));
    stage.cluster.create(tokenSecret({ name: 'other-token-x', serviceAccount: 'other' }));
    const file = await look(stage, 'worker');
    expect(file.ghost?.tokens?.map(({ secret }) => secret)).toEqual(['provisioner-token-x']);
    const secrets = stage.cluster.requests.filter(({ resource }) => resource === 'secrets');
    expect(secrets.map(({ projection }) => projection)).toEqual(['metadata']);
    expect(steps(file)).toEqual([
      expect.stringMatching(/^Do not delete the lock/),
      expect.stringMatching(/kubectl leader depose default\/endpoints\/worker$/),
      expect.stringMatching(/^Or stop its container, or the machine, on lost: it ran there$/),
      expect.stringMatching(/kubectl -n default delete secret provisioner-token-x$/),
      expect.stringMatching(/kubectl leader release default\/endpoints\/worker$/),
    ]);
  });

  it('that left no trace, and Secrets that may not be read', async () => {
    const stage = await haunted();
    stage.cluster.remove(EVENTS, 'default', 'worker-zkb5w.1');
    stage.cluster.forbid({ resource: SECRETS });
    const { ghost, notes } = await look(stage, 'worker');
    expect(ghost).toMatchObject({ places: [], tokens: null });
    expect(notes.map(({ text }) => text).join()).toContain(
      'whether a ghost has a token of its own is not known',
    );
  });
});
