import { LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASE_CANDIDATES, NODES, PODS } from '../../src/core/resources.ts';
import { type Stage, UUID } from '../app/stage.ts';
import { configMapLock, daemonSet, endpointsLock, event, lease, node, pod } from '../support/objects.ts';
import {
  leaseCandidate,
  service,
  tokenSecret,
  validatingWebhook,
  volumeAttachment,
} from '../support/surroundings.ts';

/** What happened to the lock `worker` before somebody describes it. */
export type Story = (stage: Stage) => Promise<void>;

const DAY_MS = 86_400_000;
const OWNER = { kind: 'DaemonSet', name: 'worker' };

/** An old cluster's controller manager, whose every update is answered 409. */
const frozen: Story = async (stage) => {
  const place = { name: 'worker', namespace: 'kube-system' };
  stage.cluster.create(node({ name: 'master-2' }));
  const elector = stage.elector(`master-2_${UUID}`, { ...place, lock: 'endpoints' });
  await stage.clock.advance(10_000);
  elector.refuse(new LeaderError('conflict', 'the object has been modified'));
  stage.cluster.conflictOn(ENDPOINTS, 'kube-system', 'worker');
  await stage.clock.advance(5 * DAY_MS);
};

/** A provisioner whose node was removed while its kubelet was down. */
const ghost: Story = async (stage) => {
  stage.cluster.create(node({ name: 'lost' }));
  const account = daemonSet({ name: 'worker', namespace: 'volumes' });
  Object.assign((account.spec as { template: { spec: object } }).template.spec, {
    serviceAccountName: 'provisioner',
  });
  await stage.leader('worker', { namespace: 'volumes', lock: 'endpoints' });
  stage.cluster.apply(account);
  stage.cluster.create(pod({ name: 'worker-qqqqq', namespace: 'volumes', owner: OWNER }));
  const about = { kind: 'Pod', name: 'worker-zkb5w', namespace: 'volumes' };
  const message = 'Successfully assigned volumes/worker-zkb5w to lost';
  stage.cluster.create(event({ name: 'worker-zkb5w.1', about, reason: 'Scheduled', message }));
  stage.cluster.create(volumeAttachment({ name: 'csi-1', node: 'lost' }));
  stage.cluster.create(
    tokenSecret({ name: 'provisioner-token-x', namespace: 'volumes', serviceAccount: 'provisioner' }),
  );
  stage.cluster.remove(PODS, 'volumes', 'worker-zkb5w');
  stage.cluster.remove(NODES, null, 'lost');
  await stage.clock.advance(60_000);
};

const healthy: Story = async (stage) => {
  await stage.leader('worker');
  stage.cluster.create(pod({ name: 'worker-qqqqq', owner: OWNER, node: 'node-1' }));
  await stage.clock.advance(3_600_000);
};

const orphaned: Story = async (stage) => {
  const elector = await stage.leader('worker');
  elector.kill();
  stage.cluster.apply(pod({ name: 'worker-zkb5w', owner: OWNER, phase: 'Failed', reason: 'Evicted' }));
  await stage.clock.advance(600_000);
};

const abandoned: Story = async (stage) => {
  const renewTime = stage.clock.now() - 90 * DAY_MS;
  const holder = `operator-6b7f9d4c8-x2x4z_${UUID}`;
  stage.cluster.create(
    lease({ name: 'worker', holder, renewTime, acquireTime: renewTime, createdAt: renewTime }),
  );
  await stage.clock.advance(1_000);
};

const leaderless: Story = async (stage) => {
  stage.cluster.create(daemonSet({ name: 'worker' }));
  stage.cluster.create(pod({ name: 'worker-zkb5w', owner: OWNER }));
  const renewTime = stage.clock.now() - 3_600_000;
  stage.cluster.create(
    lease({
      name: 'worker',
      holder: '',
      durationSeconds: 1,
      renewTime,
      acquireTime: renewTime,
      transitions: 3,
    }),
  );
  stage.cluster.review(({ verb }) => verb === 'get');
  await stage.clock.advance(1_000);
};

const split: Story = async (stage) => {
  for (const name of ['a', 'b']) stage.cluster.create(pod({ name }));
  stage.elector(`a_${UUID}`, { name: 'worker', lock: 'endpoints' });
  stage.elector(`b_${UUID}`, { name: 'worker', lock: 'leases' });
  await stage.clock.advance(120_000);
};

const invalid: Story = async (stage) => {
  const broken = configMapLock({ name: 'worker' });
  broken.metadata.annotations = {
    'control-plane.alpha.kubernetes.io/leader': '{"holderIdentity": \u001b[2J',
  };
  stage.cluster.create(broken);
  await stage.clock.advance(1_000);
};

const stranger: Story = async (stage) => {
  stage.elector('deploy@laptop.example.com', { name: 'worker' });
  await stage.clock.advance(60_000);
};

const yielding: Story = async (stage) => {
  stage.cluster.serve(LEASE_CANDIDATES);
  const now = stage.clock.now();
  for (const name of ['a', 'b']) {
    stage.cluster.create(pod({ name }));
    const version = name === 'a' ? '1.34.0' : '1.33.0';
    stage.cluster.create(
      leaseCandidate({ name: `${name}_${UUID}`, lease: 'worker', renewTime: now, version }),
    );
  }
  const coordinated = lease({
    name: 'worker',
    holder: `a_${UUID}`,
    renewTime: now - 20_000,
    acquireTime: null,
  });
  Object.assign(coordinated.spec as object, {
    strategy: 'OldestEmulationVersion',
    preferredHolder: `b_${UUID}`,
  });
  stage.cluster.create(coordinated);
  await stage.clock.advance(1_000);
};

/** A living holder, and a webhook, a Service and a Role that keep it from renewing. */
const obstructed: Story = async (stage) => {
  const elector = await stage.leader('worker', { lock: 'endpoints' });
  elector.freeze();
  stage.cluster.create(service({ name: 'worker' }));
  stage.cluster.create(validatingWebhook({ name: 'policy', resources: ['endpoints'], groups: [''] }));
  stage.cluster.create(
    endpointsLock({ namespace: 'old', name: 'worker', renewTime: stage.clock.now() - DAY_MS }),
  );
  stage.cluster.review(() => false);
  await stage.clock.advance(3_600_000);
};

/** Nothing but the lock may be read. */
const forbidden: Story = async (stage) => {
  await stage.leader('worker');
  stage.cluster.forbid({ verb: 'create' });
  stage.cluster.forbid({ namespace: null });
  for (const resource of [PODS, NODES]) stage.cluster.forbid({ resource });
};

export const STORIES = {
  frozen,
  ghost,
  healthy,
  orphaned,
  abandoned,
  leaderless,
  split,
  invalid,
  stranger,
  yielding,
  obstructed,
  forbidden,
} as const satisfies Record<string, Story>;
