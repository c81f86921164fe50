import { describe, expect, it } from 'vitest';
import type { Preconditions } from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { LeaderError } from '../../src/core/errors.ts';
import {
  ENDPOINTS,
  LEASES,
  SELF_SUBJECT_ACCESS_REVIEWS,
  SUBJECT_ACCESS_REVIEWS,
} from '../../src/core/resources.ts';
import type { AccessQuestion } from '../../src/sandbox/access-reviews.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeCluster } from './fake-cluster.ts';
import { endpointsLock, lease } from './objects.ts';

const REAL = { dryRun: false };
const DRY = { dryRun: true };

function ofObject({ metadata }: ClusterObject): Preconditions {
  return { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
}

function setUp(): { clock: FakeClock; cluster: FakeCluster; stored: ClusterObject } {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  return { clock, cluster, stored: cluster.create(lease({ name: 'a', holder: 'x' })) };
}

const EMPTIED = { spec: { holderIdentity: '' } };

describe('writes to the fake cluster', () => {
  it('are counted, with their verb and whether they were dry runs', async () => {
    const { cluster, stored } = setUp();
    await cluster.patch(LEASES, 'default', 'a', EMPTIED, ofObject(stored), DRY);
    await cluster.post(LEASES, 'default', lease({ name: 'b' }), REAL);
    await cluster.delete(LEASES, 'default', 'a', ofObject(stored), REAL);
    expect(cluster.requests).toMatchObject([
      {
        verb: 'patch',
        resource: 'leases.coordination.k8s.io',
        namespace: 'default',
        name: 'a',
        dryRun: true,
      },
      { verb: 'create', name: null, dryRun: false },
      { verb: 'delete', name: 'a', dryRun: false },
    ]);
  });

  it('take no revision, and no watch sees them, as dry runs', async () => {
    const { cluster, stored } = setUp();
    const { revision } = cluster.store;
    await cluster.patch(LEASES, 'default', 'a', EMPTIED, ofObject(stored), DRY);
    await cluster.post(LEASES, 'new', lease({ namespace: 'new' }), DRY);
    await cluster.delete(LEASES, 'default', 'a', ofObject(stored), DRY);
    expect(cluster.store.revision).toBe(revision);
  });

  it('meet faults by their verb: refused, failed, and never answered', async () => {
    const { clock, cluster, stored } = setUp();
    const patch = () => cluster.patch(LEASES, 'default', 'a', EMPTIED, ofObject(stored), REAL);
    cluster.forbid({ verb: 'patch' });
    await expect(patch()).rejects.toMatchObject({ code: 'forbidden' });
    cluster.allowAll();
    cluster.fail(new LeaderError('throttled', 'busy'), 1, { verb: 'patch' });
    await expect(patch()).rejects.toMatchObject({ code: 'throttled' });
    const release = cluster.hang({ verb: 'patch' });
    const hanging = patch();
    await clock.settle();
    expect(cluster.peek(LEASES, 'default', 'a')).toEqual(stored);
    release();
    expect((await hanging).object.spec).toMatchObject({ holderIdentity: '' });
  });

  it('happen although their answer is lost', async () => {
    const { cluster, stored } = setUp();
    cluster.loseAnswer({ verb: 'patch' });
    cluster.loseAnswer({ verb: 'delete' }, 1, new LeaderError('timeout', 'late'));
    const patch = () => cluster.patch(LEASES, 'default', 'a', EMPTIED, ofObject(stored), REAL);
    await expect(patch()).rejects.toMatchObject({ code: 'unreachable' });
    expect(cluster.peek(LEASES, 'default', 'a').spec).toMatchObject({ holderIdentity: '' });
    await expect(patch()).rejects.toMatchObject({ code: 'conflict' });
    const now = ofObject(cluster.peek(LEASES, 'default', 'a'));
    await expect(cluster.delete(LEASES, 'default', 'a', now, REAL)).rejects.toMatchObject({
      code: 'timeout',
    });
    expect(() => cluster.peek(LEASES, 'default', 'a')).toThrow('not found');
  });
});

describe('an object that conflicts', () => {
  it('is frozen for PUT and PATCH, whoever sends them, until it is deleted', async () => {
    const { cluster } = setUp();
    const stored = cluster.create(endpointsLock({ name: 'frozen' }));
    cluster.conflictOn(ENDPOINTS, 'default', 'frozen');
    const metadata = { ...stored.metadata, annotations: {} };
    expect(() => cluster.update({ ...stored, metadata })).toThrow('the object has been modified');
    for (const options of [REAL, DRY]) {
      const patch = cluster.patch(ENDPOINTS, 'default', 'frozen', { metadata }, ofObject(stored), options);
      await expect(patch).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(cluster.peek(ENDPOINTS, 'default', 'frozen')).toEqual(stored);
    await cluster.delete(ENDPOINTS, 'default', 'frozen', ofObject(stored), REAL);
    const anew = cluster.create(endpointsLock({ name: 'frozen' }));
    expect(cluster.update({ ...anew, metadata: { ...anew.metadata, labels: { a: 'b' } } })).toMatchObject({
      metadata: { labels: { a: 'b' } },
    });
  });
});

describe('access reviews', () => {
  const spec = {
    resourceAttributes: { verb: 'patch', group: 'coordination.k8s.io', resource: 'leases', namespace: 'n' },
  };
  const own = async (cluster: FakeCluster) =>
    (await cluster.post(SELF_SUBJECT_ACCESS_REVIEWS, null, { spec }, REAL)).object['status'];

  it('allow what is not forbidden', async () => {
    const { cluster } = setUp();
    expect(await own(cluster)).toEqual({ allowed: true });
    cluster.forbid({ verb: 'patch', namespace: 'other' });
    expect(await own(cluster)).toEqual({ allowed: true });
    cluster.forbid({ verb: 'patch', namespace: 'n' });
    expect(await own(cluster)).toEqual({ allowed: false });
  });

  it('are answered by a rule, and stored nowhere', async () => {
    const { cluster } = setUp();
    const { revision } = cluster.store;
    const asked: AccessQuestion[] = [];
    cluster.review((question) => {
      asked.push(question);
      return question.user === null ? { allowed: false, reason: 'no' } : true;
    });
    expect(await own(cluster)).toEqual({ allowed: false, reason: 'no' });
    const other = await cluster.post(SUBJECT_ACCESS_REVIEWS, null, { spec: { ...spec, user: 'bob' } }, REAL);
    expect(other.object['status']).toEqual({ allowed: true });
    const question = {
      verb: 'patch',
      group: 'coordination.k8s.io',
      resource: 'leases',
      namespace: 'n',
      name: '',
    };
    expect(asked).toEqual([
      { user: null, ...question },
      { user: 'bob', ...question },
    ]);
    expect(cluster.store.revision).toBe(revision);
  });
});
