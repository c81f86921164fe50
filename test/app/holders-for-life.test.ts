import { describe, expect, it } from 'vitest';
import { survey } from '../../src/app/survey.ts';
import { PODS } from '../../src/core/resources.ts';
import { lease, pod } from '../support/objects.ts';
import { EVERYWHERE, reportOf, Stage } from './stage.ts';

function look(stage: Stage) {
  return stage.run(survey(stage.cluster, stage.clock, EVERYWHERE, stage.signal.signal));
}

/** A Lease that is held for the life of its Pod, which owns it. */
function forLife(name: string, uid: string) {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: `${name}-0`, uid };
  const unrenewed = { durationSeconds: null, renewTime: null, transitions: null };
  return lease({ name, holder: `${name}-0`, ...unrenewed, metadata: { ownerReferences: [owner] } });
}

/** With a crowd of other holders, Pods are read by their printed rows, which show no uid. */
const CROWDS: [name: string, size: number][] = [
  ['among few', 0],
  ['among many', 20],
  ['among very many', 60],
];

describe.each(CROWDS)('a lock that is held for the life of a pod, %s', (_, size) => {
  function stageOf(uid: string | null, lockUid = 'first'): Stage {
    const stage = new Stage();
    if (uid !== null) stage.cluster.create(pod({ name: 'worker-0', metadata: { uid } }));
    stage.cluster.create(forLife('worker', lockUid));
    for (let index = 0; index < size; index += 1) {
      stage.cluster.create(pod({ name: `other${index}-0`, metadata: { uid: `uid-${index}` } }));
      stage.cluster.create(forLife(`other${index}`, `uid-${index}`));
    }
    return stage;
  }

  it('is held while that very pod runs', async () => {
    const snapshot = await look(stageOf('first'));
    expect(snapshot.reports.every(({ verdict }) => verdict === 'Held')).toBe(true);
    expect(snapshot.notes).toEqual([]);
  });

  it('is orphaned when the pod is gone', async () => {
    const report = reportOf(await look(stageOf(null)), 'lease/worker');
    expect(report).toMatchObject({ verdict: 'Orphaned', holder: { presence: 'gone', found: 'gone (pod)' } });
    expect(report.evidence.map(({ text }) => text)).toContain(
      'the lock has a pod of that name for its owner',
    );
  });

  it('is orphaned when today’s pod of that name is another one', async () => {
    const report = reportOf(await look(stageOf('second')), 'lease/worker');
    expect(report).toMatchObject({
      verdict: 'Orphaned',
      holder: {
        presence: 'gone',
        found: 'gone (earlier pod)',
        alsoFits: [{ kind: 'pod', name: 'worker-0' }],
      },
    });
  });

  it('accuses nobody where the pods may not be read', async () => {
    const stage = stageOf('second');
    stage.cluster.forbid({ resource: PODS });
    expect(reportOf(await look(stage), 'lease/worker')).toMatchObject({ verdict: 'Held', unproven: true });
  });
});

it('a renewed lock is its renewer’s, whichever pod created it', async () => {
  const stage = new Stage();
  stage.cluster.create(pod({ name: 'worker-0', metadata: { uid: 'second' } }));
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'worker-0', uid: 'first' };
  const renewTime = stage.clock.now();
  const lock = { name: 'worker', holder: 'worker-0', renewTime, metadata: { ownerReferences: [owner] } };
  stage.cluster.create(lease(lock));
  expect(reportOf(await look(stage), 'lease/worker').verdict).toBe('Healthy');
});
