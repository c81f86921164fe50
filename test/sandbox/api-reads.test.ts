import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEASES } from '../../src/core/resources.ts';
import { configMapLock, deployment, endpointsLock, lease, node, pod } from '../support/objects.ts';
import { tokenSecret } from '../support/surroundings.ts';
import { type Answer, type ServedSandbox, servedSandbox } from './served.ts';

const LEASES_PATH = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

describe('reading from the API server of the sandbox', () => {
  let sandbox: ServedSandbox;
  beforeAll(async () => {
    sandbox = await servedSandbox();
  });
  afterAll(async () => sandbox.stop());

  const get = (
    path: string,
    headers: Record<string, string> = {},
    user: 'admin' | 'alice' = 'admin',
  ): Promise<Answer> => sandbox.ask('GET', path, { headers, user });

  describe('what it says of itself', () => {
    it.each([
      ['/version', { major: '1' }],
      ['/api', { kind: 'APIVersions', versions: ['v1'] }],
      ['/apis', { kind: 'APIGroupList' }],
      ['/apis/apps', { kind: 'APIGroup', preferredVersion: { groupVersion: 'apps/v1' } }],
      ['/api/v1', { kind: 'APIResourceList', groupVersion: 'v1' }],
      ['/apis/coordination.k8s.io/v1', { groupVersion: 'coordination.k8s.io/v1' }],
      ['/openapi/v3', { paths: { 'api/v1': {} } }],
    ])('%s', async (path, expected) => {
      expect(await get(path)).toMatchObject({ status: 200, body: expected });
    });

    it('resources with their short names, verbs and parts', async () => {
      const { resources } = (await get('/apis/apps/v1')).body as { resources: Record<string, unknown>[] };
      const deployments = resources.filter(({ name }) => String(name).startsWith('deployments'));
      expect(deployments).toMatchObject([
        { name: 'deployments', kind: 'Deployment', shortNames: ['deploy'], namespaced: true },
        { name: 'deployments/status' },
        { name: 'deployments/scale', kind: 'Scale' },
      ]);
    });

    it.each([
      ['/nothing'],
      ['/apis/unknown.example.com/v1'],
      ['/apis/apps/v1/nothings'],
      ['/api/v1/namespaces/default/pods/x/log'],
      ['/api/v1/namespaces/default/nodes'],
    ])('what it does not serve is no page: %s', async (path) => {
      expect(await get(path)).toMatchObject({ status: 404, body: '404 page not found\n' });
    });
  });

  describe('who asks', () => {
    it.each([
      ['nobody', {}],
      ['a wrong token', { authorization: 'Bearer nonsense' }],
      ['something else', { authorization: 'Basic YTpi' }],
    ])('is not let in: %s', async (_, headers) => {
      expect(await sandbox.ask('GET', '/version', { headers, user: null })).toMatchObject({
        status: 401,
        body: { kind: 'Status', reason: 'Unauthorized' },
      });
    });

    it('acts as somebody else only with the right to', async () => {
      const as = { 'impersonate-user': 'alice' };
      const refused = { status: 403, body: { reason: 'Forbidden' } };
      expect(await get(LEASES_PATH, as)).toMatchObject({
        ...refused,
        body: { message: expect.stringContaining('User "alice" cannot list resource "leases"') },
      });
      expect(await get(LEASES_PATH, { 'impersonate-user': 'admin' }, 'alice')).toMatchObject({
        ...refused,
        body: { message: expect.stringContaining('cannot impersonate') },
      });
    });

    it('may do what was granted, where it was granted, and no more', async () => {
      sandbox.api.access.grant('alice', [
        {
          verbs: ['get', 'list'],
          groups: ['coordination.k8s.io'],
          resources: ['leases'],
          namespaces: ['default'],
        },
      ]);
      const status = async (path: string): Promise<number> => (await get(path, {}, 'alice')).status;
      expect(await status(LEASES_PATH)).toBe(200);
      expect(await status('/apis/coordination.k8s.io/v1/leases')).toBe(403);
      expect(await status(LEASES_PATH.replace('default', 'kube-system'))).toBe(403);
      expect(await status(`${LEASES_PATH}?watch=true`)).toBe(403);
      sandbox.api.access.grant('alice', []);
    });
  });

  describe('forms', () => {
    it('rows as kubectl prints them, of every kind', async () => {
      const { store } = sandbox.api;
      store.create(lease({ name: 'rows', holder: 'me' }));
      store.create(endpointsLock({ name: 'rows' }));
      store.create(configMapLock({ name: 'rows' }));
      store.create(deployment({ name: 'rows', replicas: 2, readyReplicas: 1 }));
      store.create(pod({ name: 'rows' }));
      store.create(node({ name: 'rows' }));
      const cells = async (path: string): Promise<Record<string, unknown>> => {
        const { columnDefinitions, rows } = (await get(path, { accept: TABLE })).body as {
          columnDefinitions: { name: string }[];
          rows: { cells: unknown[] }[];
        };
        return Object.fromEntries(columnDefinitions.map(({ name }, at) => [name, rows[0]?.cells[at]]));
      };
      expect(await cells(`${LEASES_PATH}/rows`)).toMatchObject({ Name: 'rows', Holder: 'me' });
      const core = '/api/v1/namespaces/default';
      expect(await cells(`${core}/endpoints/rows`)).toMatchObject({ Endpoints: '<none>' });
      expect(await cells(`${core}/configmaps/rows`)).toMatchObject({ Data: 0 });
      expect(await cells(`${core}/pods/rows`)).toMatchObject({ Ready: '1/1', Status: 'Running' });
      expect(await cells('/api/v1/nodes/rows')).toMatchObject({ Status: 'Ready', Roles: '<none>' });
      expect(await cells('/apis/apps/v1/namespaces/default/deployments/rows')).toMatchObject({
        Ready: '1/2',
      });
    });

    it('what goes with a row is as was asked for', async () => {
      const first = async (include: string): Promise<unknown> => {
        const { body } = await get(`${LEASES_PATH}/rows?includeObject=${include}`, { accept: TABLE });
        return (body as { rows: { object?: { kind: string } }[] }).rows[0]?.object?.kind;
      };
      expect([await first('None'), await first('Metadata'), await first('Object')]).toEqual([
        undefined,
        'PartialObjectMetadata',
        'Lease',
      ]);
    });

    it('a form that it does not have is not acceptable', async () => {
      expect(await get(LEASES_PATH, { accept: 'application/vnd.kubernetes.protobuf' })).toMatchObject({
        status: 406,
        body: { reason: 'NotAcceptable' },
      });
    });

    it('a Secret never shows what is in it', async () => {
      const secret = { ...tokenSecret({ name: 's', serviceAccount: 'a' }), data: { token: 'c2VjcmV0' } };
      sandbox.api.store.create(secret);
      for (const path of ['/api/v1/secrets', '/api/v1/namespaces/default/secrets/s']) {
        expect(JSON.stringify((await get(path)).body)).not.toContain('c2VjcmV0');
      }
    });
  });

  describe('lists', () => {
    it('come in pages of one moment, until that moment is forgotten', async () => {
      const { store } = sandbox.api;
      const place = LEASES_PATH.replace('default', 'paged');
      for (const name of ['a', 'b', 'c']) store.create(lease({ namespace: 'paged', name }));
      const page = async (query: string) => {
        const { status, body } = await get(`${place}?${query}`);
        const { metadata, items = [] } = body as {
          metadata: { continue?: string; resourceVersion: string };
          items?: { metadata: { name: string } }[];
        };
        return { status, metadata, names: items.map((item) => item.metadata.name) };
      };
      const first = await page('limit=2');
      store.create(lease({ namespace: 'paged', name: 'late' }));
      const next = `limit=2&continue=${first.metadata.continue}`;
      expect([first.names, (await page(next)).names]).toEqual([['a', 'b'], ['c']]);
      store.compact();
      expect(await page(next)).toMatchObject({ status: 410 });
      for (const bad of ['limit=2&continue=nonsense', 'limit=two']) {
        expect(await page(bad)).toMatchObject({ status: 400 });
      }
      expect(await page('resourceVersion=99999999')).toMatchObject({ status: 504 });
      expect((await page('limit=2&resourceVersion=0')).names).toEqual(['a', 'b', 'c', 'late']);
    });

    it.each([['fieldSelector=spec.holderIdentity%3Dx'], ['labelSelector=a+%3D%3D%3D+b+c']])(
      'a selector that nobody understands is a bad request: %s',
      async (query) => {
        expect((await get(`${LEASES_PATH}?${query}`)).status).toBe(400);
      },
    );

    it('from the cache may be as old as it was told to be, never older than what was shown', async () => {
      const { store, cache } = sandbox.api;
      store.apply(lease({ name: 'stale', holder: 'old' }));
      cache.lag(Number.POSITIVE_INFINITY);
      store.apply(lease({ name: 'stale', holder: 'new' }));
      const holder = async (query: string): Promise<unknown> =>
        ((await get(`${LEASES_PATH}/stale${query}`)).body as { spec: Record<string, unknown> }).spec[
          'holderIdentity'
        ];
      expect([await holder(''), await holder('?resourceVersion=0')]).toEqual(['new', 'old']);
      cache.lag(0);
      expect(await holder('?resourceVersion=0')).toBe('new');
    });
  });

  it('its clock is its own', async () => {
    sandbox.api.store.serverSkewMs = 3_600_000;
    const { headers } = await get('/version');
    sandbox.api.store.serverSkewMs = 0;
    const ahead = Date.parse(headers['date'] ?? '') - Date.now();
    expect(Math.abs(ahead - 3_600_000)).toBeLessThan(30_000);
    expect(sandbox.api.store.list(LEASES).length).toBeGreaterThan(0);
  });
});
