import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeFacts, PodFacts, SearchScope, Trace } from '../../src/core/holder.ts';
import { directoryOf } from '../../src/core/holder-directory.ts';
import type { Tenure } from '../../src/core/holder-fitness.ts';
import { findHolder } from '../../src/core/holder-match.ts';
import type { LockRef } from '../../src/core/lock.ts';
import { printable } from '../../src/core/text.ts';

const UUID = '5e3c9a1e-7f0b-4f6e-9a52-0b6a1f3d2c11';
const NOON = Date.UTC(2026, 0, 15, 12);
const HOUR = 3_600_000;
const EVERYWHERE: SearchScope = { pods: 'everywhere', nodes: 'everywhere' };
const LOCK: LockRef = { kind: 'lease', namespace: 'ops', name: 'operator' };
const RENEWING: Tenure = { lastRenewal: NOON, acquireTime: NOON - HOUR, renewing: true };
const SILENT: Tenure = { ...RENEWING, renewing: false };

function pod(name: string, facts: Partial<PodFacts> = {}): PodFacts {
  return {
    ...{ namespace: 'ops', name, status: 'Running', ready: true, restarts: 0, podIPs: [], node: 'm1' },
    ...{ detailed: true, hostname: null, subdomain: null, hostNetwork: false, deletedAt: null, owner: null },
    ...{ createdAt: NOON - 2 * HOUR, containersStartedAt: [NOON - 2 * HOUR] },
    ...facts,
  };
}

function node(name: string, facts: Partial<NodeFacts> = {}): NodeFacts {
  return { name, ready: true, status: 'Ready', hostnames: [], addresses: [], createdAt: null, ...facts };
}

interface Scene {
  pods?: PodFacts[];
  nodes?: NodeFacts[];
  lock?: LockRef;
  scope?: SearchScope;
  traces?: Trace[];
  tenure?: Tenure;
}

function find(identity: string | null, scene: Scene = {}) {
  const directory = directoryOf(scene.pods ?? [], scene.nodes ?? [node('m1')]);
  const { lock = LOCK, scope = EVERYWHERE, traces = [], tenure = RENEWING } = scene;
  return findHolder(identity, lock, directory, scope, traces, tenure);
}

function refOf(identity: string, scene: Scene): string | null {
  const { ref } = find(identity, scene);
  return ref && [ref.kind, ref.namespace, ref.name].filter((part) => part !== null).join('/');
}

const LONG = `a-pod-whose-name-is-much-longer-than-what-a-host-name-may-be-${'x'.repeat(2)}-0`;

describe('which object an identity names', () => {
  const cases: [name: string, identity: string, scene: Scene, ref: string | null, rule: string | null][] = [
    ['a pod', `op-0_${UUID}`, { pods: [pod('op-0')] }, 'pod/ops/op-0', 'pod-name_uuid'],
    ['whole names only', `op-0_${UUID}`, { pods: [pod('op-01')] }, null, null],
    [
      'a pod of another namespace, by a name that is random',
      'op-7d9f6c-x2k4d',
      { pods: [pod('op-7d9f6c-x2k4d', { namespace: 'b' })] },
      'pod/b/op-7d9f6c-x2k4d',
      'pod-name',
    ],
    [
      'the pod of the namespace that the name tells',
      'db-0.db.data.svc.cluster.local',
      { pods: [pod('db-0'), pod('db-0', { namespace: 'data' })] },
      'pod/data/db-0',
      'pod-fqdn',
    ],
    [
      'a pod by its hostname',
      `host_${UUID}`,
      { pods: [pod('op-0', { hostname: 'host' })] },
      'pod/ops/op-0',
      'pod-hostname_uuid',
    ],
    [
      'a pod by its name cut to 63',
      `${LONG.slice(0, 63)}_${UUID}`,
      { pods: [pod(LONG)] },
      `pod/ops/${LONG}`,
      'pod-hostname_uuid',
    ],
    [
      'a pod of cert-manager',
      'cm-7d9f6c-x2k4d-external-cert-manager-controller',
      { pods: [pod('cm-7d9f6c-x2k4d', { namespace: 'cert-manager' })] },
      'pod/cert-manager/cm-7d9f6c-x2k4d',
      'pod-name-cert-manager',
    ],
    [
      'a pod by its address',
      '10.0.0.5:8080',
      { pods: [pod('op-0', { podIPs: ['10.0.0.5'] })] },
      'pod/ops/op-0',
      'address:port',
    ],
    [
      'a node by its address',
      '10.0.0.5',
      { pods: [pod('op-0', { podIPs: ['10.0.0.5'] })], nodes: [node('m1', { addresses: ['10.0.0.5'] })] },
      'node/m1',
      'address',
    ],
    ['a node', `m1_${UUID}`, {}, 'node/m1', 'node-name_uuid'],
    ['a node in capitals', `M1_${UUID}`, {}, 'node/m1', 'node-hostname_uuid'],
    [
      'a node by its hostname label',
      `kernel_${UUID}`,
      { nodes: [node('m1', { hostnames: ['kernel'] })] },
      'node/m1',
      'node-hostname_uuid',
    ],
    [
      'a node by the first label of its name',
      'ip-10-0-0-1',
      { nodes: [node('ip-10-0-0-1.ec2.internal')] },
      'node/ip-10-0-0-1.ec2.internal',
      'node-hostname',
    ],
    [
      'a node by its sanitised name',
      'ip-10-0-0-1-ec2-internal',
      { nodes: [node('ip-10-0-0-1.ec2.internal')] },
      'node/ip-10-0-0-1.ec2.internal',
      'sanitised-name',
    ],
    [
      "the Cilium operator's node",
      'm1-abcdefghij',
      { lock: { ...LOCK, name: 'cilium-operator-resource-lock' } },
      'node/m1',
      'node-name-cilium',
    ],
    ['a pod rather than a node of that name', 'm1', { pods: [pod('m1')] }, 'pod/ops/m1', 'pod-name'],
    [
      'a pod on the host network',
      `m1_${UUID}`,
      { pods: [pod('operator-x2k4d', { hostNetwork: true })] },
      'pod/ops/operator-x2k4d',
      'host-network-pod_uuid',
    ],
    [
      "a pod that shares its node's address",
      `m1_${UUID}`,
      {
        pods: [pod('operator-x2k4d', { hostNetwork: null, podIPs: ['192.0.2.1'] })],
        nodes: [node('m1', { addresses: ['192.0.2.1'] })],
      },
      'pod/ops/operator-x2k4d',
      'host-network-pod_uuid',
    ],
    [
      'the node where no pod is on its network',
      `m1_${UUID}`,
      { pods: [pod('operator-x2k4d')] },
      'node/m1',
      'node-name_uuid',
    ],
    [
      'no pod that is only named like a static one',
      `m1_${UUID}`,
      { pods: [pod('operator-m1', { node: 'm2' })] },
      'node/m1',
      'node-name_uuid',
    ],
    [
      'the node where two pods could be it',
      `m1_${UUID}`,
      { pods: [pod('operator-x2k4d', { hostNetwork: true }), pod('operator-zkb5w', { hostNetwork: true })] },
      'node/m1',
      'node-name_uuid',
    ],
    ['the user’s pod', 'root@op-0/2024/abc', { pods: [pod('op-0')] }, 'pod/ops/op-0', 'pod-name@host'],
    ['nothing', `op-0_${UUID}`, {}, null, null],
  ];
  it.each(cases)('%s', (_, identity, scene, ref, rule) => {
    expect(refOf(identity, scene)).toBe(ref);
    expect(find(identity, scene).rule).toBe(rule);
  });

  it('is a static pod if it is there, else the node', () => {
    const lock = { ...LOCK, namespace: 'kube-system', name: 'kube-scheduler' };
    const own = pod('kube-scheduler-m1', { namespace: 'kube-system', owner: { kind: 'Node', name: 'm1' } });
    expect(find(`m1_${UUID}`, { lock, pods: [own] })).toMatchObject({
      ref: { kind: 'pod', name: 'kube-scheduler-m1' },
      found: 'Running on m1',
      alsoFits: [],
    });
    expect(find(`m1_${UUID}`, { lock })).toMatchObject({ ref: { kind: 'node', name: 'm1' }, found: 'Ready' });
  });
});

describe('what fits as well', () => {
  it('is told, the lock’s own namespace first', () => {
    const holder = find('op-0', { pods: [pod('op-0', { namespace: 'a' }), pod('op-0', { ready: false })] });
    expect(holder.ref).toEqual({ kind: 'pod', namespace: 'ops', name: 'op-0' });
    expect(holder.alsoFits).toEqual([{ kind: 'pod', namespace: 'a', name: 'op-0' }]);
    expect(holder.evidence.map(({ text }) => text)).toContain('the identity fits pod/a/op-0 as well');
  });

  it('never lets a guess accuse: elsewhere the pod that runs comes first', () => {
    const pods = [
      pod('op-7d9f6c-x2k4d', { namespace: 'a', status: 'Failed', ready: false }),
      pod('op-7d9f6c-x2k4d', { namespace: 'b' }),
    ];
    expect(find('op-7d9f6c-x2k4d', { pods })).toMatchObject({ presence: 'alive', ref: { namespace: 'b' } });
  });

  it('a namesake in another namespace is no holder: names such as db-0 recur', () => {
    const pods = [pod('db-0', { namespace: 'elsewhere' })];
    expect(find(`db-0_${UUID}`, { pods })).toMatchObject({
      presence: 'unknown',
      ref: null,
      found: 'perhaps pod/elsewhere/db-0',
      alsoFits: [{ namespace: 'elsewhere', name: 'db-0' }],
    });
    const trace = (namespace: string): Trace => ({
      was: 'StatefulSet pod',
      workload: { kind: 'statefulset', namespace, name: 'db' },
      evidence: { text: 'remembered', grade: 'read', from: 'x' },
    });
    expect(find(`db-0_${UUID}`, { pods, traces: [trace('elsewhere')] }).presence).toBe('unknown');
    expect(find(`db-0_${UUID}`, { pods, traces: [trace('ops')] })).toMatchObject({
      presence: 'gone',
      found: 'gone (StatefulSet pod)',
    });
  });

  it('leaves out the node below the pod', () => {
    const pods = [pod('operator-x2k4d', { hostNetwork: true })];
    expect(find(`m1_${UUID}`, { pods }).alsoFits).toEqual([]);
  });
});

describe('presence of what was found', () => {
  const after = NOON + HOUR;
  const cases: [name: string, scene: Scene, presence: string, found: string][] = [
    ['running and ready', { pods: [pod('op-0')] }, 'alive', 'Running on m1'],
    ['readiness unknown', { pods: [pod('op-0', { ready: null })] }, 'alive', 'Running on m1'],
    ['not ready', { pods: [pod('op-0', { ready: false })] }, 'failing', 'Running on m1 (not ready)'],
    [
      'crash-looping, though renewed',
      { pods: [pod('op-0', { status: 'CrashLoopBackOff' })] },
      'failing',
      'CrashLoopBackOff on m1',
    ],
    ['evicted', { pods: [pod('op-0', { status: 'Evicted', ready: false })] }, 'failing', 'Evicted on m1'],
    ['completed', { pods: [pod('op-0', { status: 'Completed' })] }, 'failing', 'Completed on m1'],
    ['terminating', { pods: [pod('op-0', { status: 'Terminating' })] }, 'failing', 'Terminating on m1'],
    [
      'pending',
      { pods: [pod('op-0', { status: 'Pending', ready: false, node: null })] },
      'failing',
      'Pending',
    ],
    [
      'on a node that is gone',
      { pods: [pod('op-0', { node: 'm9' })] },
      'failing',
      'Running on m9 (node gone)',
    ],
    [
      'on a node that is not ready',
      { pods: [pod('op-0')], nodes: [node('m1', { ready: false, status: 'NotReady' })] },
      'failing',
      'Running on m1 (node NotReady)',
    ],
    [
      'on a node that may not be looked at',
      { pods: [pod('op-0', { node: 'm9' })], scope: { pods: 'everywhere', nodes: 'forbidden' } },
      'alive',
      'Running on m9',
    ],
    [
      'restarted after the last renewal',
      { pods: [pod('op-0', { containersStartedAt: [after] })], tenure: SILENT },
      'failing',
      'Running on m1 (restarted since)',
    ],
    [
      'restarted, but renewed',
      { pods: [pod('op-0', { containersStartedAt: [after] })] },
      'alive',
      'Running on m1',
    ],
    [
      'restarted before the last renewal',
      { pods: [pod('op-0', { containersStartedAt: [NOON - 1] })], tenure: SILENT },
      'alive',
      'Running on m1',
    ],
    [
      'created after the last renewal',
      { pods: [pod('op-0', { createdAt: after, containersStartedAt: [after] })], tenure: SILENT },
      'failing',
      'Running on m1 (a newer one)',
    ],
    [
      'a mirror made after the last renewal',
      { pods: [pod('op-0', { createdAt: after, owner: { kind: 'Node', name: 'm1' } })], tenure: SILENT },
      'alive',
      'Running on m1',
    ],
    [
      'nothing known of renewals',
      {
        pods: [pod('op-0', { createdAt: after })],
        tenure: { lastRenewal: null, acquireTime: null, renewing: false },
      },
      'alive',
      'Running on m1',
    ],
  ];
  it.each(cases)('%s', (_, scene, presence, found) => {
    expect(find(`op-0_${UUID}`, scene)).toMatchObject({ presence, found });
  });

  it.each([
    ['its only container', [after], /^its container .*: the process that held the lock has ended$/],
    ['all of them', [after, after + 1], /^one of .*: the process that held the lock has ended$/],
    ['one of two', [NOON - HOUR, after], /^one of .*: if the process that held the lock ran in that one/],
  ])('tells what a restart of %s means', (_, containersStartedAt, expected) => {
    const { evidence } = find(`op-0_${UUID}`, {
      pods: [pod('op-0', { containersStartedAt })],
      tenure: SILENT,
    });
    expect(evidence[0]?.text).toMatch(expected);
  });

  it.each([
    ['Ready', true, 'alive'],
    ['Ready,SchedulingDisabled', true, 'alive'],
    ['NotReady', false, 'failing'],
    ['NotReady', null, 'failing'],
  ] as const)('of a node that is %s', (status, ready, presence) => {
    const nodes = [node('m1', { ready, status })];
    expect(find(`m1_${UUID}`, { nodes })).toMatchObject({ presence, found: status });
  });

  it('of a node that was made after the last renewal', () => {
    const nodes = [node('m1', { createdAt: NOON + HOUR })];
    expect(find(`m1_${UUID}`, { nodes, tenure: SILENT })).toMatchObject({ presence: 'failing' });
  });
});

describe('a pod that was made anew while its predecessor goes on renewing', () => {
  const newer = pod('db-0', { createdAt: NOON - HOUR / 2, owner: { kind: 'StatefulSet', name: 'db' } });

  it('is not the holder: that one is gone, and renews', () => {
    const holder = find(`db-0_${UUID}`, { pods: [newer] });
    expect(holder).toMatchObject({
      presence: 'gone',
      ref: null,
      found: 'gone (earlier StatefulSet pod)',
      alsoFits: [{ kind: 'pod', namespace: 'ops', name: 'db-0' }],
      workload: { kind: 'statefulset', namespace: 'ops', name: 'db' },
    });
  });

  const excuses: [name: string, identity: string, scene: Scene][] = [
    ['without a UUID a new process goes on with the term', 'db-0', {}],
    [
      'within the tolerance of clocks',
      `db-0_${UUID}`,
      { tenure: { ...RENEWING, acquireTime: NOON - HOUR / 2 - 30_000 } },
    ],
    [
      'when the record’s clock is plainly behind',
      `db-0_${UUID}`,
      { tenure: { ...RENEWING, lastRenewal: NOON - HOUR } },
    ],
    [
      'when it is a mirror, made anew around a living process',
      `db-0_${UUID}`,
      { pods: [{ ...newer, owner: { kind: 'Node', name: 'm1' } }] },
    ],
    ['without an acquire time', `db-0_${UUID}`, { tenure: { ...RENEWING, acquireTime: null } }],
  ];
  it.each(excuses)('is the holder %s', (_, identity, scene) => {
    expect(find(identity, { pods: [newer], ...scene })).toMatchObject({ presence: 'alive' });
  });
});

describe('a holder that is nowhere', () => {
  const evidence = {
    text: 'a name that daemonset ops/op gives',
    grade: 'read',
    from: 'daemonset ops/op',
  } as const;
  const wasPod: Trace = {
    was: 'DaemonSet pod',
    workload: { kind: 'daemonset', namespace: 'ops', name: 'op' },
    evidence,
  };
  const wasNode: Trace = { was: 'node', workload: null, evidence };
  const pods = (scope: SearchScope['pods']): SearchScope => ({ pods: scope, nodes: 'everywhere' });
  const noNodes: SearchScope = { pods: 'everywhere', nodes: 'forbidden' };
  const cases: [name: string, identity: string | null, scene: Scene, presence: string, found: string][] = [
    ['nobody', null, {}, 'nobody', '<none>'],
    ['nobody, as client-go writes it', '', {}, 'nobody', '<none>'],
    ['with a trace', `op-x_${UUID}`, { traces: [wasPod] }, 'gone', 'gone (DaemonSet pod)'],
    ['without a trace', `op-x_${UUID}`, {}, 'unmatched', 'not found'],
    [
      'pods forbidden',
      `op-x_${UUID}`,
      { scope: pods('forbidden'), traces: [wasPod] },
      'unknown',
      'not allowed to look',
    ],
    [
      'pods unreadable',
      `op-x_${UUID}`,
      { scope: pods('unreadable'), traces: [wasPod] },
      'unknown',
      'could not look',
    ],
    [
      'pods of one namespace only',
      `op-x_${UUID}`,
      { scope: pods({ namespaces: ['ops'] }), traces: [wasPod] },
      'unknown',
      'not in ops',
    ],
    ['nodes forbidden', `op-x_${UUID}`, { scope: noNodes }, 'unknown', 'not allowed to look'],
    [
      'nodes forbidden, but it was a pod',
      `op-x_${UUID}`,
      { scope: noNodes, traces: [wasPod] },
      'gone',
      'gone (DaemonSet pod)',
    ],
    [
      'nodes forbidden, and it was a node',
      `m9_${UUID}`,
      { scope: noNodes, traces: [wasNode] },
      'unknown',
      'not allowed to look',
    ],
    ['a node that is gone', `m9_${UUID}`, { traces: [wasNode] }, 'gone', 'gone (node)'],
    ['a bare UUID', UUID, { scope: pods('forbidden') }, 'unknown', 'opaque identity'],
    ['a laptop', 'jane@laptop', {}, 'unmatched', 'outside the cluster'],
    [
      'somebody who deposes, looked for nowhere',
      `kubectl-leader-depose_jane@laptop_${UUID}`,
      { scope: pods('forbidden') },
      'unmatched',
      'being deposed by jane@laptop',
    ],
    ['another cluster is never called dead', 'east/op-0', {}, 'unknown', 'another cluster?'],
  ];
  it.each(cases)('%s', (_, identity, scene, presence, found) => {
    expect(find(identity, scene)).toMatchObject({ presence, found, ref: null });
  });

  it('names its workload and shows what is left of it', () => {
    const holder = find(`op-x_${UUID}`, { traces: [wasPod] });
    expect(holder.workload).toEqual(wasPod.workload);
    expect(holder.was).toBe('DaemonSet pod');
    expect(holder.evidence).toContainEqual(evidence);
  });
});

it('shows nothing of a cluster unescaped, and takes any text', () => {
  const nasty = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u001b[2Jx', 'a\nb', 'op-0', 'm1'));
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, (identity, name, status, on) => {
      const scene: Scene = {
        pods: [pod(name, { status, node: on, podIPs: [identity], namespace: status })],
        nodes: [node(on, { status, hostnames: [identity] })],
      };
      const { found, evidence } = find(identity, scene);
      for (const shown of [found, ...evidence.flatMap(({ text, from }) => [text, from])]) {
        expect(printable(shown)).toBe(shown);
      }
    }),
    { numRuns: 500 },
  );
});
