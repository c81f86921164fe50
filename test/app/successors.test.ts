import { expect, it } from 'vitest';
import { examineLock } from '../../src/app/examine-lock.ts';
import { findLock } from '../../src/app/find-lock.ts';
import { findSuccessors, type Successors } from '../../src/app/successors.ts';
import { PODS } from '../../src/core/resources.ts';
import { daemonSet, node, pod } from '../support/objects.ts';
import { Stage, UUID } from './stage.ts';

async function successorsOf(stage: Stage, lock: string, namespace: string): Promise<Successors> {
  const { cluster, clock, signal } = stage;
  const look = await stage.run(findLock(cluster, clock, lock, { namespace }, signal.signal));
  const { report } = await stage.run(examineLock(cluster, clock, look, { observeMs: null }, signal.signal));
  return stage.run(findSuccessors(cluster, report, signal.signal));
}

function names({ candidates }: Successors): string[] | null {
  return candidates?.map(({ name }) => name) ?? null;
}

it('are the other Pods of the workload that run and are ready', async () => {
  const stage = new Stage();
  await stage.leader('worker');
  stage.cluster.apply(daemonSet({ name: 'worker' }));
  const owner = { kind: 'DaemonSet', name: 'worker' };
  stage.cluster.create(pod({ name: 'worker-ccccc', owner }));
  stage.cluster.create(pod({ name: 'worker-ddddd', owner, ready: false }));
  stage.cluster.create(pod({ name: 'other-fffff' }));
  expect(names(await successorsOf(stage, 'worker', 'default'))).toEqual(['worker-ccccc']);
});

it("of a component in static Pods are the other nodes' ones", async () => {
  const stage = new Stage();
  const place = { namespace: 'kube-system', name: 'kube-scheduler' };
  for (const host of ['m1', 'm2']) {
    stage.cluster.create(node({ name: host }));
    stage.cluster.create(
      pod({ namespace: 'kube-system', name: `kube-scheduler-${host}`, node: host, hostNetwork: true }),
    );
  }
  stage.elector(`m1_${UUID}`, place);
  await stage.clock.advance(5_000);
  expect(names(await successorsOf(stage, 'kube-scheduler', 'kube-system'))).toEqual(['kube-scheduler-m2']);
});

it('that may not be looked for are not known, which is said and is not the same as none', async () => {
  const stage = new Stage();
  await stage.leader('worker');
  stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
  stage.cluster.forbid({ resource: PODS });
  expect(names(await successorsOf(stage, 'worker', 'default'))).toBeNull();
});
