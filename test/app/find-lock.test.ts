import { describe, expect, it } from 'vitest';
import { findLock } from '../../src/app/find-lock.ts';
import { CONFIGMAPS, ENDPOINTS, LEASES } from '../../src/core/resources.ts';
import { configMapLock, endpointsLock, lease } from '../support/objects.ts';
import { Stage } from './stage.ts';

function find(stage: Stage, text: string, namespace: string | null = null) {
  return findLock(stage.cluster, stage.clock, text, { namespace }, stage.signal.signal);
}

/** What is in the book, and what would be watched. */
async function found(stage: Stage, text: string, namespace: string | null = null) {
  const { book, sources, ref } = await find(stage, text, namespace);
  return {
    ref,
    holds: book.sights().map(({ half }) => `${half.ref.namespace}/${half.ref.kind}/${half.ref.name}`),
    watches: sources.map(({ source, scope }) => `${source.kind} ${scope.namespace} ${scope.fieldSelector}`),
  };
}

describe('finding one lock', () => {
  it('by its name alone, in whatever namespace it is', async () => {
    const stage = new Stage();
    for (const name of ['worker', 'other']) stage.cluster.create(lease({ namespace: 'apps', name }));
    expect(await found(stage, 'worker')).toEqual({
      ref: { kind: 'lease', namespace: 'apps', name: 'worker' },
      holds: ['apps/lease/worker'],
      watches: ['lease apps metadata.name=worker'],
    });
  });

  it('both halves of a multilock, by the name of either', async () => {
    const stage = new Stage();
    stage.cluster.create(lease({ name: 'worker', holder: 'a' }));
    stage.cluster.create(endpointsLock({ name: 'worker', holder: 'a' }));
    for (const text of ['worker', 'lease/worker', 'ep/worker']) {
      const { holds, watches } = await found(stage, text);
      expect(holds.sort()).toEqual(['default/endpoints/worker', 'default/lease/worker']);
      expect(watches).toHaveLength(2);
    }
  });

  it('a lock rather than a sign of life of the same name, and that where there is no lock', async () => {
    const stage = new Stage();
    stage.cluster.create(lease({ namespace: 'kube-node-lease', name: 'node-1', holder: 'node-1' }));
    expect((await found(stage, 'node-1')).ref.namespace).toBe('kube-node-lease');
    stage.cluster.create(lease({ name: 'node-1' }));
    expect((await found(stage, 'node-1')).ref.namespace).toBe('default');
  });

  it('one that only the store knows', async () => {
    const stage = new Stage();
    stage.cluster.setCacheLag(Number.POSITIVE_INFINITY);
    stage.cluster.create(lease({ name: 'worker' }));
    expect((await found(stage, 'worker', 'default')).holds).toEqual(['default/lease/worker']);
  });
});

describe('what cannot be one lock', () => {
  it('several of a name are listed in full, and the namespace tells them apart', async () => {
    const stage = new Stage();
    for (const namespace of ['a', 'b']) stage.cluster.create(lease({ namespace, name: 'worker' }));
    await expect(find(stage, 'worker')).rejects.toMatchObject({
      code: 'usage',
      message: 'worker fits 2 locks',
      hint: 'Name one of them: a/lease/worker, b/lease/worker.',
    });
    expect((await found(stage, 'b/worker')).ref.namespace).toBe('b');
  });

  it('kinds that are no pair are two locks', async () => {
    const stage = new Stage();
    stage.cluster.create(configMapLock({ name: 'worker' }));
    stage.cluster.create(endpointsLock({ name: 'worker' }));
    await expect(find(stage, 'worker')).rejects.toMatchObject({ code: 'usage' });
    expect((await found(stage, 'cm/worker')).holds).toEqual(['default/configmap/worker']);
  });

  it('none: names that were perhaps meant', async () => {
    const stage = new Stage();
    stage.cluster.create(lease({ namespace: 'kube-system', name: 'kube-scheduler' }));
    await expect(find(stage, 'kube-schedule', 'kube-system')).rejects.toMatchObject({
      code: 'not-found',
      message: 'no lock kube-schedule in namespace kube-system',
      hint: 'Did you mean kube-system/lease/kube-scheduler?',
    });
    await expect(find(stage, 'kube-scheduler', 'default')).rejects.toMatchObject({
      hint: 'Did you mean kube-system/lease/kube-scheduler?',
    });
  });
});

describe('few rights', () => {
  it('whoever may read one namespace finds the lock there, and is told what was not searched', async () => {
    const stage = new Stage({ context: { namespace: 'apps' } });
    stage.cluster.create(lease({ namespace: 'apps', name: 'worker' }));
    stage.cluster.forbid({ namespace: null });
    const look = await find(stage, 'worker');
    expect(look.ref.namespace).toBe('apps');
    await expect(find(stage, 'nobody')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/^no lock nobody in what could be read; not allowed to list leases/),
    });
  });

  it('the other half is found where the lock is, though not everything may be searched for it', async () => {
    const stage = new Stage();
    stage.cluster.create(lease({ namespace: 'apps', name: 'worker', holder: 'a' }));
    stage.cluster.create(endpointsLock({ namespace: 'apps', name: 'worker', holder: 'a' }));
    stage.cluster.forbid({ resource: ENDPOINTS, namespace: null });
    const { holds } = await found(stage, 'worker');
    expect(holds.sort()).toEqual(['apps/endpoints/worker', 'apps/lease/worker']);
  });

  it('whoever may get the lock and list nothing finds it', async () => {
    const stage = new Stage();
    stage.cluster.create(lease({ namespace: 'apps', name: 'worker' }));
    stage.cluster.forbid({ verb: 'list' });
    stage.cluster.forbid({ resource: ENDPOINTS });
    stage.cluster.forbid({ resource: CONFIGMAPS });
    const look = await find(stage, 'apps/lease/worker');
    expect(look.book.sights()).toHaveLength(1);
    expect(look.notes.map(({ text }) => text).join('\n')).toMatch(
      /endpoints hold such a lock, or its other half/,
    );
  });

  it('a kind that may not be read is no proof that there is no lock', async () => {
    const stage = new Stage();
    stage.cluster.forbid({ resource: LEASES });
    await expect(find(stage, 'apps/worker')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/in what could be read; .*leases/),
    });
  });

  it('whoever may read nothing is told so', async () => {
    const stage = new Stage();
    stage.cluster.forbid({});
    await expect(find(stage, 'apps/worker')).rejects.toMatchObject({ code: 'forbidden' });
  });
});
