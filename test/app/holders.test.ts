import { beforeEach, describe, expect, it } from 'vitest';
import { findHolders } from '../../src/app/holders.ts';
import type { AskedHolder } from '../../src/app/sought.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { decodeObject } from '../../src/core/formats/index.ts';
import { type LockKind, lockId } from '../../src/core/lock.ts';
import * as resources from '../../src/core/resources.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeCluster } from '../support/fake-cluster.ts';
import {
  daemonSet,
  deployment,
  endpointsLock,
  event,
  lease,
  node,
  pod,
  replicaSet,
} from '../support/objects.ts';

const { DAEMONSETS, DEPLOYMENTS, EVENTS, NODES, PODS } = resources;
const UUID = '5e3c9a1e-7f0b-4f6e-9a52-0b6a1f3d2c11';
const NOON = Date.UTC(2026, 0, 15, 12);
const HOUR = 3_600_000;

let clock: FakeClock;
let cluster: FakeCluster;

beforeEach(() => {
  clock = new FakeClock({ now: NOON });
  cluster = new FakeCluster(clock);
  cluster.create(node({ name: 'm1' }));
});

const KINDS: Record<string, LockKind> = { Lease: 'lease', Endpoints: 'endpoints', ConfigMap: 'configmap' };

function asked(object: ClusterObject, how: Partial<AskedHolder> = {}): AskedHolder {
  const kind = KINDS[object.kind!]!;
  const metadata = { uid: 'u', resourceVersion: '1', ...object.metadata };
  const decoded = decodeObject({ ...object, metadata }, kind);
  if (decoded.is !== 'lock') throw new Error('not a lock');
  const lock = { primary: decoded.half, secondary: null, pairing: 'single' } as const;
  return { lock, renewing: true, clockIsOff: false, suspicious: false, ...how };
}

const SILENT = { renewing: false, suspicious: true };

function find(...all: AskedHolder[]) {
  return findHolders(cluster, clock, all, new AbortController().signal);
}

async function findOne(object: ClusterObject, how: Partial<AskedHolder> = {}) {
  const one = asked(object, how);
  const { holders, candidates, notes } = await find(one);
  const id = lockId(one.lock.primary.ref);
  return { holder: holders.get(id)!, candidates: candidates.get(id), notes };
}

function held(holder: string, name = 'operator', namespace = 'ops') {
  return lease({ namespace, name, holder, acquireTime: NOON - HOUR, renewTime: NOON });
}

describe('holders that are there', () => {
  it('finds a pod in the namespace of its lock', async () => {
    cluster.create(pod({ namespace: 'ops', name: 'op-0', node: 'm1' }));
    const { holder, notes } = await findOne(held(`op-0_${UUID}`));
    expect(holder).toMatchObject({ presence: 'alive', found: 'Running on m1', rule: 'pod-name_uuid' });
    expect(notes).toEqual([]);
  });

  it('finds a pod in another namespace, as of cert-manager', async () => {
    cluster.create(pod({ namespace: 'cert-manager', name: 'cm-7d-x2k4d', node: 'm1' }));
    const lock = held(
      'cm-7d-x2k4d-external-cert-manager-controller',
      'cert-manager-controller',
      'kube-system',
    );
    expect((await findOne(lock)).holder.ref).toEqual({
      kind: 'pod',
      namespace: 'cert-manager',
      name: 'cm-7d-x2k4d',
    });
  });

  it('finds the static pod of a control plane, and the node where there is none', async () => {
    const lock = held(`m1_${UUID}`, 'kube-scheduler', 'kube-system');
    expect((await findOne(lock)).holder).toMatchObject({ ref: { kind: 'node', name: 'm1' }, found: 'Ready' });
    const owner = { kind: 'Node', name: 'm1' };
    cluster.create(
      pod({ namespace: 'kube-system', name: 'kube-scheduler-m1', node: 'm1', hostNetwork: true, owner }),
    );
    expect((await findOne(lock)).holder).toMatchObject({ ref: { kind: 'pod', name: 'kube-scheduler-m1' } });
  });

  it('finds a pod by its own hostname, by a hostname cut short, and by its address', async () => {
    const long = `${'long-'.repeat(13)}name-0`;
    cluster.create(pod({ namespace: 'ops', name: 'op-0', hostname: 'called', node: 'm1', ip: '10.0.0.9' }));
    cluster.create(pod({ namespace: 'ops', name: long, node: 'm1' }));
    cluster.create(pod({ namespace: 'other', name: 'far', node: 'm1', ip: '10.0.0.8' }));
    expect((await findOne(held(`called_${UUID}`))).holder.ref?.name).toBe('op-0');
    expect((await findOne(held(`${long.slice(0, 63)}_${UUID}`))).holder.ref?.name).toBe(long);
    expect((await findOne(held('10.0.0.8:443'))).holder.ref?.name).toBe('far');
  });

  it('finds a node by its hostname label and by its sanitised name', async () => {
    cluster.create(node({ name: 'ip-10-0-0-1.ec2.internal', hostname: 'kernel-name', ip: '10.0.0.1' }));
    expect((await findOne(held(`kernel-name_${UUID}`))).holder.ref?.kind).toBe('node');
    expect((await findOne(held('ip-10-0-0-1-ec2-internal'))).holder.ref?.kind).toBe('node');
  });

  it('sees that a pod was made anew after the last renewal', async () => {
    const made = {
      namespace: 'data',
      name: 'db-0',
      node: 'm1',
      createdAt: NOON + HOUR,
      owner: { kind: 'StatefulSet', name: 'db' },
    };
    cluster.create(pod(made));
    const { holder } = await findOne(held('db-0', 'db', 'data'), SILENT);
    expect(holder).toMatchObject({ presence: 'failing', found: 'Running on m1 (a newer one)' });
  });

  it('calls a restart no fault of a holder that is never renewed by design', async () => {
    const metadata = { uid: 'x' };
    cluster.create(
      pod({
        namespace: 'ops',
        name: 'op-0',
        node: 'm1',
        createdAt: NOON - 2 * HOUR,
        startedAt: NOON,
        metadata,
      }),
    );
    const lock = lease({
      namespace: 'ops',
      name: 'for-life',
      holder: 'op-0',
      acquireTime: NOON - HOUR,
      renewTime: null,
      durationSeconds: null,
      transitions: null,
    });
    lock.metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'op-0', uid: 'x' }];
    expect((await findOne(lock, { renewing: false })).holder.presence).toBe('alive');
  });
});

describe('holders that are gone', () => {
  beforeEach(() => {
    cluster.create(daemonSet({ namespace: 'volumes', name: 'volume-provisioner' }));
  });

  const ghost = endpointsLock({
    namespace: 'volumes',
    name: 'volume-provisioner',
    holder: `volume-provisioner-zkb5w_${UUID}`,
  });

  it('knows a ghost of a DaemonSet by its name', async () => {
    const { holder } = await findOne(ghost);
    expect(holder).toMatchObject({
      presence: 'gone',
      found: 'gone (DaemonSet pod)',
      workload: { kind: 'daemonset', namespace: 'volumes', name: 'volume-provisioner' },
    });
  });

  it('never calls a holder gone that it may not look for', async () => {
    cluster.forbid({ resource: PODS });
    const { holder, notes } = await findOne(ghost);
    expect(holder).toMatchObject({ presence: 'unknown', found: 'not allowed to look' });
    expect(notes.map(({ code }) => code)).toContain('unreadable');
    expect(cluster.requests.filter(({ resource }) => resource !== 'pods' && resource !== 'nodes')).toEqual(
      [],
    );
    const [note] = notes;
    expect(note?.text).toBe(
      'not allowed to list pods in all namespaces: holders that are pods there cannot be told from missing ones',
    );
    expect(note?.hint).toContain('ClusterRole with apiGroups [""], resources ["pods"], verbs ["list"]');
  });

  it('never calls a holder gone after looking into one namespace only', async () => {
    cluster.forbid({ resource: PODS, namespace: null });
    expect((await findOne(ghost)).holder).toMatchObject({ presence: 'unknown', found: 'not in volumes' });
    cluster.create(pod({ namespace: 'volumes', name: 'volume-provisioner-zkb5w', node: 'm1' }));
    expect((await findOne(ghost)).holder).toMatchObject({ presence: 'alive' });
  });

  it('makes unknown what may go by a host name in a namespace that does not answer', async () => {
    const timeout = new LeaderError('timeout', 'the server did not answer in time');
    const lock = held('stranger');
    expect((await findOne(lock)).holder.presence).toBe('unmatched');
    cluster.fail(timeout, 99, { verb: 'list', resource: PODS, namespace: 'ops' });
    const { holder, notes } = await findOne(lock);
    expect(holder).toMatchObject({ presence: 'unknown', found: 'could not look' });
    expect(notes[0]?.text).toContain('could not list pods in ops');
  });

  it('never calls a holder gone when reading failed', async () => {
    cluster.fail(new LeaderError('timeout', 'the server did not answer in time'), 99, { resource: PODS });
    const { holder, notes } = await findOne(ghost);
    expect(holder.presence).toBe('unknown');
    expect(notes[0]?.text).toContain('the server did not answer in time');
  });

  it('asks the store before it calls a holder gone', async () => {
    cluster.setCacheLag(Number.POSITIVE_INFINITY);
    cluster.create(pod({ namespace: 'volumes', name: 'volume-provisioner-zkb5w', node: 'm1' }));
    expect((await findOne(ghost)).holder).toMatchObject({ presence: 'alive' });
  });

  it('believes the store that a holder is gone, not the cache', async () => {
    cluster.create(pod({ namespace: 'volumes', name: 'volume-provisioner-zkb5w', node: 'm1' }));
    cluster.setCacheLag(Number.POSITIVE_INFINITY);
    cluster.remove(PODS, 'volumes', 'volume-provisioner-zkb5w');
    expect((await findOne(ghost, SILENT)).holder).toMatchObject({ presence: 'gone' });
  });

  it('asks the store before it calls a pod’s node gone', async () => {
    cluster.create(pod({ namespace: 'ops', name: 'op-0', node: 'm2' }));
    expect((await findOne(held('op-0'))).holder.found).toBe('Running on m2 (node gone)');
    cluster.setCacheLag(Number.POSITIVE_INFINITY);
    cluster.create(node({ name: 'm2' }));
    expect((await findOne(held('op-0'))).holder.found).toBe('Running on m2');
  });

  it('knows a pod of a workload in another namespace', async () => {
    const { holder } = await findOne(held(`volume-provisioner-zkb5w_${UUID}`, 'lock', 'kube-system'));
    expect(holder).toMatchObject({ presence: 'gone', workload: { namespace: 'volumes' } });
  });

  it('knows a node by what names it still', async () => {
    const lock = held(`m9_${UUID}`, 'kube-controller-manager', 'kube-system');
    expect((await findOne(lock)).holder).toMatchObject({ presence: 'unmatched', found: 'not found' });
    cluster.create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 'm9' } });
    expect((await findOne(lock)).holder).toMatchObject({ presence: 'gone', found: 'gone (node)' });
  });

  const remains: [name: string, object: ClusterObject][] = [
    ['a pod that is still assigned to it', pod({ namespace: 'kube-system', name: 'lost', node: 'm9' })],
    [
      'an event',
      event({ namespace: 'default', about: { kind: 'Node', name: 'm9' }, reason: 'RemovingNode' }),
    ],
    ['a heartbeat', lease({ namespace: 'kube-node-lease', name: 'm9', holder: 'm9' })],
    [
      'a volume',
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: 'csi-1' },
        spec: { nodeName: 'm9' },
      },
    ],
  ];
  it.each(remains)('knows a node by %s', async (_, object) => {
    cluster.create(object);
    const { holder } = await findOne(held(`m9_${UUID}`, 'kube-controller-manager', 'kube-system'));
    expect(holder).toMatchObject({ presence: 'gone', found: 'gone (node)' });
  });

  it('says unmatched of what was never here, and goes on without what it may not read', async () => {
    for (const resource of [DAEMONSETS, DEPLOYMENTS, EVENTS]) cluster.forbid({ resource });
    const { holder, notes } = await findOne(held(`stranger_${UUID}`));
    expect(holder).toMatchObject({ presence: 'unmatched', found: 'not found' });
    expect(notes.length).toBeGreaterThan(0);
    expect(new Set(notes.map(({ text }) => text)).size).toBe(notes.length);
  });

  it('ends with an interruption', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(findHolders(cluster, clock, [asked(ghost)], stop.signal)).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('nodes that may not be read', () => {
  it('are a note, and no reason to call anything missing', async () => {
    cluster.forbid({ resource: NODES });
    const { holder, notes } = await findOne(held(`m1_${UUID}`));
    expect(holder).toMatchObject({ presence: 'unknown', found: 'not allowed to look' });
    expect(notes.filter(({ text }) => text.includes('nodes'))).toHaveLength(1);
  });
});

describe('candidates', () => {
  beforeEach(() => {
    cluster.create(deployment({ namespace: 'ops', name: 'operator' }));
    const owner = { kind: 'Deployment', name: 'operator' };
    cluster.create(replicaSet({ namespace: 'ops', name: 'operator-7d9f6c', owner }));
  });

  function replica(suffix: string, more: Parameters<typeof pod>[0] = {}) {
    const owner = { kind: 'ReplicaSet', name: 'operator-7d9f6c' };
    cluster.create(pod({ namespace: 'ops', name: `operator-7d9f6c-${suffix}`, node: 'm1', owner, ...more }));
  }

  it('are the other pods of the workload that run and are ready', async () => {
    for (const suffix of ['aaaaa', 'x2k4d', 'zkb5w']) replica(suffix);
    replica('bbbbb', { ready: false });
    replica('ccccc', { phase: 'Failed' });
    expect((await findOne(held(`operator-7d9f6c-x2k4d_${UUID}`), SILENT)).candidates).toBe(1);
    // The holder's pod is gone: its workload's pods are all candidates.
    expect((await findOne(held(`operator-7d9f6c-ddddd_${UUID}`), SILENT)).candidates).toBe(2);
  });

  it('include the holder where another process runs in it by now, and nobody on a lost node', async () => {
    replica('x2k4d', { startedAt: NOON + HOUR });
    cluster.create(node({ name: 'dark', ready: null }));
    replica('zkb5w', { node: 'dark' });
    const found = await findOne(held(`operator-7d9f6c-x2k4d_${UUID}`), SILENT);
    expect(found.holder.found).toBe('Running on m1 (restarted since)');
    expect(found.candidates).toBe(1);
  });

  it('are not asked for while the lock is renewed', async () => {
    replica('x2k4d');
    expect((await findOne(held(`operator-7d9f6c-x2k4d_${UUID}`))).candidates).toBeUndefined();
  });

  it('are none where nothing runs and no workload names its pods so', async () => {
    expect((await findOne(held(`operator-7d9f6c-x2k4d_${UUID}`), SILENT)).candidates).toBe(0);
    expect((await findOne(held(`removed-7d9f6c-x2k4d_${UUID}`), SILENT)).candidates).toBe(0);
  });

  it('cannot be told of a stranger, nor without the right to look', async () => {
    expect((await findOne(held('stranger'), SILENT)).candidates).toBeNull();
    cluster.forbid({ resource: DAEMONSETS });
    expect((await findOne(held(`removed-7d9f6c-x2k4d_${UUID}`), SILENT)).candidates).toBeNull();
    cluster.forbid({ resource: PODS });
    expect((await findOne(held(`operator-7d9f6c-x2k4d_${UUID}`), SILENT)).candidates).toBeNull();
  });

  it('of a vacant lock are those of the last leader’s workload, or of the one named like the lock', async () => {
    for (const suffix of ['x2k4d', 'zkb5w']) replica(suffix);
    const vacant = { renewing: false };
    expect((await findOne(held('', 'operator-lock'), vacant)).candidates).toBe(2);
    expect((await findOne(held('', '5b374a9e.example.io'), vacant)).candidates).toBeNull();
    const about = { kind: 'Lease', namespace: 'ops', name: '5b374a9e.example.io' };
    cluster.create(event({ about, message: `operator-7d9f6c-x2k4d_${UUID} stopped leading` }));
    expect((await findOne(held('', '5b374a9e.example.io'), vacant)).candidates).toBe(2);
  });

  it('of a control plane are its static pods on other nodes', async () => {
    for (const name of ['m1', 'm2', 'm3']) {
      cluster.apply(node({ name }));
      cluster.create(
        pod({ namespace: 'kube-system', name: `kube-scheduler-${name}`, node: name, hostNetwork: true }),
      );
    }
    expect((await findOne(held(`m1_${UUID}`, 'kube-scheduler', 'kube-system'), SILENT)).candidates).toBe(2);
  });
});

describe('requests', () => {
  it('are none for locks that nobody could look up', async () => {
    await find(asked(held(UUID)), asked(held('leaderelection.k8s.io/unknown', 'b')));
    expect(cluster.requests).toEqual([]);
  });

  it('are few for thousands of locks, and read no pods in full but those that look bad', async () => {
    const all: AskedHolder[] = [];
    for (let space = 0; space < 10; space += 1) {
      for (let index = 0; index < 200; index += 1) {
        const name = `op-${space}-${index}`;
        cluster.create(pod({ namespace: `ns-${space}`, name, node: 'm1', ready: index !== 0 }));
        all.push(
          asked(
            lease({ namespace: `ns-${space}`, name, holder: `${name}_${UUID}`, acquireTime: NOON - HOUR }),
          ),
        );
      }
    }
    all.push(asked(held('nowhere-x2k4d')));
    const { holders } = await find(...all);
    expect([...holders.values()].filter(({ presence }) => presence === 'alive')).toHaveLength(1990);
    expect([...holders.values()].filter(({ presence }) => presence === 'failing')).toHaveLength(10);
    expect(cluster.requests.filter(({ projection }) => projection === 'rows')).toHaveLength(12);
    expect(
      cluster.requests.filter(({ verb, resource }) => verb === 'get' && resource === 'pods'),
    ).toHaveLength(11);
    expect(cluster.requests.length).toBeLessThan(50);
  });

  describe('when there are many locks', () => {
    const crowd = () => {
      const names = Array.from({ length: 20 }, (_, index) => `crowd-${index}`);
      for (const name of names) cluster.create(pod({ namespace: 'ops', name, node: 'm1' }));
      return names.map((name) => asked(held(name, name)));
    };

    it('still see a restart after the last renewal of a silent one', async () => {
      cluster.create(pod({ namespace: 'ops', name: 'op-0', node: 'm1', startedAt: NOON + HOUR }));
      const silent = asked(held('op-0'), SILENT);
      const { holders } = await find(silent, ...crowd());
      expect(holders.get('ops/lease/operator')?.found).toBe('Running on m1 (restarted since)');
    });

    it('still see that a pod is younger than the term of its name', async () => {
      cluster.create(pod({ namespace: 'ops', name: 'db-0', node: 'm1', createdAt: NOON - HOUR }));
      const young = { namespace: 'ops', name: 'db', holder: `db-0_${UUID}` };
      const lock = lease({ ...young, acquireTime: NOON - 9 * HOUR, renewTime: NOON });
      const { holders } = await find(asked(lock), ...crowd());
      expect(holders.get('ops/lease/db')).toMatchObject({ presence: 'gone', found: 'gone (earlier pod)' });
    });
  });

  it('keep the fuller facts when printed rows are read later', async () => {
    cluster.create(pod({ namespace: 'ops', name: 'db-0', node: 'm1', createdAt: NOON - HOUR }));
    const young = { namespace: 'ops', name: 'db', holder: `db-0_${UUID}` };
    const lock = lease({ ...young, acquireTime: NOON - 9 * HOUR, renewTime: NOON });
    for (let index = 0; index < 1001; index += 1)
      cluster.create(pod({ namespace: 'ops', name: `other-${index}` }));
    cluster.forbid({ resource: PODS, verb: 'get' });
    // A lock on a node makes the holders be judged again after the rows were read.
    cluster.create(pod({ namespace: 'kube-system', name: 'kube-scheduler-m1', node: 'm1' }));
    const onNode = asked(held(`m1_${UUID}`, 'kube-scheduler', 'kube-system'));
    const { holders } = await find(asked(lock), asked(held('nowhere')), onNode);
    expect(holders.get('ops/lease/db')?.presence).toBe('gone');
  });

  it('are bounded when holders live in other namespaces than their locks', async () => {
    const all: AskedHolder[] = [];
    for (let index = 0; index < 100; index += 1) {
      const name = `op-${index}-x2k4d`;
      cluster.create(pod({ namespace: `ns-${index % 5}`, name, node: 'm1' }));
      all.push(asked(held(name, `lock-${index}`, 'kube-system')));
    }
    const { holders } = await find(...all);
    expect([...holders.values()].every(({ presence }) => presence === 'alive')).toBe(true);
    expect(cluster.requests.length).toBeLessThan(20);
  });

  it('never are more than a handful at once', async () => {
    cluster.latencyMs = 10;
    const all = Array.from({ length: 40 }, (_, index) =>
      asked(held(`op-${index}-x2k4d`, `lock-${index}`, `ns-${index}`)),
    );
    let most = 0;
    let now = 0;
    const counted = new Proxy(cluster, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          now += 1;
          most = Math.max(most, now);
          try {
            return await Reflect.apply(value, target, args);
          } finally {
            now -= 1;
          }
        };
      },
    });
    await clock.runUntil(findHolders(counted, clock, all, new AbortController().signal));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
    const workloads = cluster.requests.filter(({ resource }) => resource === 'daemonsets.apps');
    expect(workloads.length).toBeLessThan(20);
  });
});
