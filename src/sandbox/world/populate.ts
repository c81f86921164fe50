import { randomUUID } from 'node:crypto';
import type { ClusterObject } from '../../core/cluster-object.ts';
import { NODES } from '../../core/resources.ts';
import type { RecordOptions } from '../objects/locks.ts';
import { configMapLock, endpointsLock, lease } from '../objects/locks.ts';
import type { ObjectOptions } from '../objects/metadata.ts';
import { pod } from '../objects/pods.ts';
import { textAt } from '../selectors.ts';
import { type Election, electing, election, timersOf } from './electing.ts';
import { createWorkload, ownerOf, podOf, suffix } from './workload.ts';
import type { World } from './world.ts';

/** An app that campaigns for a lock, as it has been running for long. */
export interface App {
  kind: 'Deployment' | 'DaemonSet' | 'StatefulSet' | 'static';
  namespace: string;
  name: string;
  /** Not for DaemonSets and static Pods, which run on every node of theirs. */
  replicas?: number;
  /** What it campaigns for; the lock is in its own namespace and has its name unless told otherwise. */
  election: Partial<Election>;
  ageDays?: number;
  /** Since when the leader leads. */
  heldDays?: number;
  transitions?: number;
  /** On which node the leader runs; anywhere by default. */
  leaderOn?: string;
  /** How old the last renewal is, seconds of a real cluster; a moment by default. */
  renewedSecondsAgo?: number;
  /** The identity in the record where its process is no more. */
  holder?: string;
}

function lockObjects(lock: Election['lock'], record: ObjectOptions & RecordOptions): ClusterObject[] {
  const kinds = {
    leases: [lease],
    endpoints: [endpointsLock],
    configmaps: [configMapLock],
    endpointsleases: [endpointsLock, lease],
    configmapsleases: [configMapLock, lease],
  } as const;
  return kinds[lock].map((build) => build(record));
}

function nodesFor(world: World, { kind, leaderOn }: App, replicas: number): string[] {
  const isControlPlane = (name: string): boolean => {
    const { labels = {} } = world.api.store.read(NODES, null, name).metadata;
    return 'node-role.kubernetes.io/control-plane' in labels;
  };
  const ours = world.nodes.filter((name) => isControlPlane(name) === (kind === 'static'));
  if (kind === 'static' || kind === 'DaemonSet') return ours;
  const first = leaderOn === undefined ? Math.floor(world.random() * ours.length) : ours.indexOf(leaderOn);
  return Array.from({ length: replicas }, (_, at) => ours[(first + at) % ours.length] ?? '');
}

function runningPod(world: World, made: ClusterObject, node: string, createdAt: number): ClusterObject {
  const { name = '', namespace = '' } = made.metadata;
  const onHost = textAt(made, 'spec', 'hostNetwork') === 'true';
  const ip = onHost ? world.addressOf(node) : world.address();
  const up = pod({ namespace, name, node, createdAt, startedAt: createdAt, ip });
  return { ...made, spec: { ...(made.spec as object), ...(up.spec as object) }, status: up.status };
}

/** Puts an app into a world as if it had been there for long, its lock held by its first Pod (or on `leaderOn`). */
export function populate(world: World, app: App): void {
  const { kind, namespace, name, replicas = 2, ageDays = 90, heldDays = 3, transitions = 4 } = app;
  const { store } = world.api;
  world.namespace(namespace);
  world.serviceAccount(namespace, name, ageDays);
  const wanted = election({ namespace, name, ...app.election });
  world.namespace(wanted.namespace);
  const createdAt = world.daysAgo(ageDays);
  const nodes = nodesFor(world, app, replicas);
  const podsAt = world.daysAgo(Math.min(ageDays, heldDays + 0.01));
  const owner =
    kind === 'static'
      ? null
      : createWorkload(store, kind, { namespace, name, replicas: nodes.length, createdAt }, world.random);
  const pods = nodes.map((node, at) => {
    if (owner === null) {
      const ofNode = ownerOf({ ...store.read(NODES, null, node), apiVersion: 'v1', kind: 'Node' });
      const made = pod({
        namespace,
        name: `${name}-${node}`,
        node,
        hostNetwork: true,
        labels: { app: name },
      });
      return { node, made: { ...made, metadata: { ...made.metadata, ownerReferences: [ofNode] } } };
    }
    const tail = kind === 'StatefulSet' ? String(at) : suffix(world.random);
    return { node, made: podOf(owner, `${owner.metadata.name}-${tail}`, podsAt) };
  });
  const leader = pods.find(({ node }) => node === app.leaderOn) ?? pods[0];
  const holders = new Map<string, string>();
  let holder = app.holder ?? '';
  if (leader !== undefined && app.holder === undefined) {
    const { name: leaderPod = '' } = leader.made.metadata;
    const host = kind === 'static' ? leader.node : leaderPod;
    holder = wanted.hasUuid ? `${host}_${randomUUID()}` : host;
    holders.set(leaderPod, holder);
  }
  const { leaseDurationMs } = timersOf(wanted, world.pace);
  const record = {
    ...{ namespace: wanted.namespace, name: wanted.name, createdAt, holder, transitions },
    durationSeconds: leaseDurationMs / 1_000,
    acquireTime: world.daysAgo(heldDays) + wanted.clockSkewMs,
    renewTime: store.serverNow() - world.pace.ms(app.renewedSecondsAgo ?? 0) + wanted.clockSkewMs,
  };
  for (const object of lockObjects(wanted.lock, record)) store.create(object, { manager: name });
  world.program(namespace, name, electing(world, { election: wanted, agent: name, holders }));
  for (const { node, made } of pods)
    store.create(runningPod(world, made, node, podsAt), { manager: 'kubelet' });
}
