import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASES, PODS, REPLICASETS } from '../../src/core/resources.ts';
import { deployment, endpointsLock, lease, node, pod, replicaSet } from '../support/objects.ts';
import { type Answer, type Question, type ServedSandbox, servedSandbox } from './served.ts';

const LEASES_PATH = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const CORE = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

describe('writing to the API server of the sandbox', () => {
  let sandbox: ServedSandbox;
  beforeAll(async () => {
    sandbox = await servedSandbox();
  });
  afterAll(async () => sandbox.stop());

  const ask = (method: string, path: string, body?: unknown, more: Question = {}): Promise<Answer> =>
    sandbox.ask(method, path, { ...(body !== undefined && { body }), ...more });
  const object = ({ body }: Answer): ClusterObject => body as ClusterObject;
  let count = 0;
  /** A Lease of its own, as it is stored. */
  const newLease = (): ClusterObject => {
    count += 1;
    return sandbox.api.store.create(lease({ name: `l${count}`, holder: 'x' }));
  };
  const pathOf = ({ metadata }: ClusterObject): string => `${LEASES_PATH}/${metadata.name}`;

  describe('creating', () => {
    it('gives uid, version and times of its own, and a name where only its beginning is known', async () => {
      const sent = lease({ metadata: { uid: 'mine' } });
      const { name: _name, ...metadata } = sent.metadata;
      const made = object(
        await ask('POST', LEASES_PATH, { ...sent, metadata: { ...metadata, generateName: 'gen-' } }),
      );
      expect(made.metadata.name).toMatch(/^gen-[a-z0-9]{5}$/);
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(Date.parse(made.metadata.creationTimestamp ?? '')).toBeGreaterThan(Date.now() - 60_000);
    });

    it('does not take a status for granted, but that of Nodes', async () => {
      const made = object(await ask('POST', `${CORE}/pods`, pod({ name: 'new' })));
      expect(made.status).toEqual({ phase: 'Pending' });
      const brought = node({ name: 'new' });
      expect(object(await ask('POST', '/api/v1/nodes', brought)).status).toEqual(brought.status);
    });

    it('names who writes: the field manager, or the program', async () => {
      const agent = { headers: { 'user-agent': 'kubectl/v1.36 (linux)' } };
      const made = object(await ask('POST', LEASES_PATH, lease({ name: 'agent' }), agent));
      expect(made.metadata.managedFields?.[0]?.manager).toBe('kubectl');
      const named = object(
        await ask('POST', `${LEASES_PATH}?fieldManager=me`, lease({ name: 'named' }), agent),
      );
      expect(named.metadata.managedFields?.[0]?.manager).toBe('me');
    });

    it.each([
      [
        'a namespace that is not there',
        LEASES_PATH.replace('default', 'nowhere'),
        { metadata: { name: 'a' } },
        404,
      ],
      ['a version', LEASES_PATH, { metadata: { name: 'a', resourceVersion: '1' } }, 400],
      ['another namespace', LEASES_PATH, { metadata: { name: 'a', namespace: 'other' } }, 400],
      ['another kind', LEASES_PATH, { kind: 'Pod', metadata: { name: 'a' } }, 400],
      ['no name', LEASES_PATH, { metadata: {} }, 422],
      ['a name that cannot be', LEASES_PATH, { metadata: { name: 'A B' } }, 422],
      ['what cannot be decoded', LEASES_PATH, { metadata: { name: 'a' }, spec: { holderIdentity: 5 } }, 400],
      [
        'a number that is none',
        `${APPS}/deployments`,
        { metadata: { name: 'a' }, spec: { replicas: 'two' } },
        400,
      ],
      ['no object', LEASES_PATH, [], 400],
    ])('is refused with %s', async (_, path, body, status) => {
      expect(await ask('POST', path, body)).toMatchObject({ status, body: { kind: 'Status', code: status } });
    });

    it.each([
      ['without a selector', {}, 'spec.selector'],
      [
        'whose Pods it would not find',
        { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'c' } } } },
        'spec.template.metadata.labels',
      ],
    ])('a workload is refused %s, and where that stands is told', async (_, spec, field) => {
      const { status, body } = await ask('POST', `${APPS}/daemonsets`, { metadata: { name: 'w' }, spec });
      expect(status).toBe(422);
      expect(body).toMatchObject({ details: { kind: 'DaemonSet', name: 'w', causes: [{ field }] } });
    });

    it('says that it exists', async () => {
      const { metadata } = newLease();
      expect(await ask('POST', LEASES_PATH, lease({ name: metadata.name ?? '' }))).toMatchObject({
        status: 409,
        body: { reason: 'AlreadyExists', details: { name: metadata.name, kind: 'leases' } },
      });
    });
  });

  describe('replacing', () => {
    it.each([
      ['an old version', { resourceVersion: '1' }, 409],
      ['another uid', { uid: 'other' }, 409],
      ['no version, which Leases need', { resourceVersion: undefined }, 422],
      ['another name', { name: 'other' }, 400],
    ])('is refused with %s', async (_, metadata, status) => {
      const stored = newLease();
      const sent = { ...stored, metadata: { ...stored.metadata, ...metadata } };
      expect((await ask('PUT', pathOf(stored), sent)).status).toBe(status);
    });

    it('a status and the rest are written each by itself', async () => {
      const { store } = sandbox.api;
      const stored = store.create(pod({ name: 'parts' }));
      const sent = {
        ...stored,
        metadata: { ...stored.metadata, labels: { a: 'b' } },
        status: { phase: 'Failed' },
      };
      const main = object(await ask('PUT', `${CORE}/pods/parts`, sent));
      expect([main.metadata.labels, main.status]).toEqual([{ a: 'b' }, stored.status]);
      const again = { ...main, metadata: { ...main.metadata, labels: {} }, status: { phase: 'Failed' } };
      const status = object(await ask('PUT', `${CORE}/pods/parts/status`, again));
      expect([status.metadata.labels, status.status]).toEqual([{ a: 'b' }, { phase: 'Failed' }]);
    });
  });

  describe('patching', () => {
    it.each([
      ['merge', MERGE, { spec: { holderIdentity: 'y' } }],
      ['strategic merge', STRATEGIC, { spec: { holderIdentity: 'y' } }],
      ['JSON', JSON_PATCH, [{ op: 'replace', path: '/spec/holderIdentity', value: 'y' }]],
    ])('by a %s patch', async (_, headers, body) => {
      const stored = newLease();
      const patched = object(await ask('PATCH', pathOf(stored), body, { headers }));
      expect(patched.spec).toEqual({ ...(stored.spec as object), holderIdentity: 'y' });
    });

    it.each([
      ['a strategic merge of lists', STRATEGIC, { metadata: { finalizers: ['a'] } }, 415],
      ['a directive', STRATEGIC, { spec: { $patch: 'replace' } }, 415],
      ['server-side apply', { 'content-type': 'application/apply-patch+yaml' }, {}, 415],
      ['a JSON patch that does not fit', JSON_PATCH, [{ op: 'remove', path: '/nope' }], 422],
      ['another uid', MERGE, { metadata: { uid: 'other' } }, 422],
      ['an old version', MERGE, { metadata: { resourceVersion: '1' } }, 409],
    ])('is refused: %s', async (_, headers, body, status) => {
      const stored = newLease();
      expect((await ask('PATCH', pathOf(stored), body, { headers })).status).toBe(status);
      expect(sandbox.api.store.read(LEASES, 'default', stored.metadata.name ?? '')).toEqual(stored);
    });

    it('by its scale a workload changes its replicas only', async () => {
      sandbox.api.store.create(deployment({ name: 'scaled', replicas: 1 }));
      const scale = object(
        await ask('PATCH', `${APPS}/deployments/scaled/scale`, { spec: { replicas: 3 } }, { headers: MERGE }),
      );
      expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
      expect(object(await ask('GET', `${APPS}/deployments/scaled`)).spec).toMatchObject({
        replicas: 3,
        selector: { matchLabels: { app: 'scaled' } },
      });
      const bad = { spec: { replicas: -1 } };
      expect((await ask('PATCH', `${APPS}/deployments/scaled/scale`, bad, { headers: MERGE })).status).toBe(
        422,
      );
    });
  });

  describe('deleting', () => {
    it('of a Pod on a node only asks its kubelet to, unless it is forced', async () => {
      const { store } = sandbox.api;
      store.create(pod({ name: 'ending' }));
      const asked = object(await ask('DELETE', `${CORE}/pods/ending`));
      expect(asked.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
      expect(store.find(PODS, 'default', 'ending')).toEqual(store.read(PODS, 'default', 'ending'));
      expect(object(await ask('DELETE', `${CORE}/pods/ending`)).metadata.deletionTimestamp).toBe(
        asked.metadata.deletionTimestamp,
      );
      expect(await ask('DELETE', `${CORE}/pods/ending?gracePeriodSeconds=0`)).toMatchObject({
        body: { kind: 'Status', status: 'Success' },
      });
      expect(store.find(PODS, 'default', 'ending')).toBeNull();
    });

    it('takes what is owned along only where the owner is not to leave it behind', async () => {
      const { store } = sandbox.api;
      const owner = store.create(deployment({ name: 'owner' }));
      store.create(
        replicaSet({
          name: 'owned',
          owner: { kind: 'Deployment', name: 'owner', uid: owner.metadata.uid ?? '' },
        }),
      );
      const orphaning = { propagationPolicy: 'Orphan' };
      const refused = await ask('DELETE', `${APPS}/deployments/owner`, {
        ...orphaning,
        preconditions: { uid: 'other' },
      });
      expect([refused.status, store.read(REPLICASETS, 'default', 'owned').metadata.ownerReferences]).toEqual([
        409,
        [expect.objectContaining({ uid: owner.metadata.uid })],
      ]);
      await ask('DELETE', `${APPS}/deployments/owner`, orphaning);
      expect(object(await ask('GET', `${APPS}/replicasets/owned`)).metadata.ownerReferences).toEqual([]);
    });

    it('of a namespace ends everything in it', async () => {
      const { store } = sandbox.api;
      store.create(endpointsLock({ namespace: 'doomed', name: 'a' }));
      await ask('DELETE', '/api/v1/namespaces/doomed');
      expect([store.find(ENDPOINTS, 'doomed', 'a'), store.list(LEASES).length > 0]).toEqual([null, true]);
    });

    it('of a whole collection is not offered', async () => {
      expect(await ask('DELETE', LEASES_PATH)).toMatchObject({
        status: 405,
        body: { kind: 'Status', code: 405, reason: 'MethodNotAllowed' },
      });
    });

    it.each([
      ['another uid', { preconditions: { uid: 'other' } }, 409],
      ['an old version', { preconditions: { resourceVersion: '1' } }, 409],
      ['a dry run', { dryRun: ['All'] }, 200],
    ])('leaves the object with %s', async (_, body, status) => {
      const stored = newLease();
      expect((await ask('DELETE', pathOf(stored), body)).status).toBe(status);
      expect(sandbox.api.store.find(LEASES, 'default', stored.metadata.name ?? '')).toEqual(stored);
    });
  });

  describe('what goes wrong on cue', () => {
    it.each([
      ['conflict', 409, 'Conflict'],
      ['forbidden', 403, 'Forbidden'],
      ['server', 500, 'InternalError'],
      ['timeout', 504, 'Timeout'],
    ] as const)('%s', async (code, status, reason) => {
      const stored = newLease();
      const mend = sandbox.api.faults.fail(new LeaderError(code, 'on cue'), {
        verb: 'get',
        resource: LEASES,
      });
      expect(await ask('GET', pathOf(stored))).toMatchObject({ status, body: { reason, message: 'on cue' } });
      mend();
      expect((await ask('GET', pathOf(stored))).status).toBe(200);
    });

    it('a server that is busy says for how long', async () => {
      const stored = newLease();
      const busy = new LeaderError('throttled', 'busy', { retryAfterMs: 2_500 });
      sandbox.api.faults.fail(busy, { resource: LEASES, user: 'admin' }, 1);
      const answer = await ask('GET', pathOf(stored));
      expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3']);
      expect((await ask('GET', pathOf(stored))).status).toBe(200);
    });

    it('one object that nobody can update, until it is made anew', async () => {
      const stored = newLease();
      const name = stored.metadata.name ?? '';
      sandbox.api.store.freeze(LEASES, 'default', name);
      const put = async (): Promise<number> =>
        (
          await ask('PUT', pathOf(stored), {
            ...sandbox.api.store.read(LEASES, 'default', name),
            spec: { holderIdentity: 'z' },
          })
        ).status;
      expect(await put()).toBe(409);
      await ask('DELETE', pathOf(stored));
      sandbox.api.store.create(lease({ name }));
      expect(await put()).toBe(200);
    });

    it('an answer that never comes, to one user, about one object', async () => {
      const stored = newLease();
      const mend = sandbox.api.faults.hang({ name: stored.metadata.name ?? '', verb: 'get' });
      const hanging = ask('GET', pathOf(stored));
      expect((await ask('GET', pathOf(newLease()))).status).toBe(200);
      mend();
      expect((await hanging).status).toBe(200);
    });

    it('a write that is done, and whose answer is lost', async () => {
      const stored = newLease();
      const name = stored.metadata.name ?? '';
      const gone = new LeaderError('unreachable', 'the line is dead');
      sandbox.api.faults.loseAnswer(gone, { name, verb: 'patch' }, 1);
      const patch = ask('PATCH', pathOf(stored), { spec: { holderIdentity: 'y' } }, { headers: MERGE });
      await expect(patch).rejects.toThrow();
      expect(sandbox.api.store.read(LEASES, 'default', name).spec).toMatchObject({ holderIdentity: 'y' });
    });
  });
});
