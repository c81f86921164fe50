import { describe, expect, it } from 'vitest';
import type { ClusterContext, ListRequest } from '../../src/app/ports.ts';
import { CONFIGMAPS, LEASES, NODES, PODS, type Resource } from '../../src/core/resources.ts';
import { KubeCluster } from '../../src/kube/cluster.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Reply, reply, ScriptedTransport, status } from './scripted-transport.ts';

const CONTEXT: ClusterContext = {
  context: 'test',
  server: 'https://api.example:6443',
  namespace: 'default',
  namespaceIsExplicit: false,
  user: null,
};
const QUORUM: ListRequest = { projection: 'full', consistency: 'quorum' };
const CACHED: ListRequest = { projection: 'metadata', consistency: 'cached' };

function clusterOver(transport: ScriptedTransport, clock = new FakeClock()): KubeCluster {
  return new KubeCluster(transport, CONTEXT, clock, () => 0.5);
}

function page(names: readonly string[], more: Record<string, unknown> = {}, headers = {}): Reply {
  const items = names.map((name) => ({ metadata: { name }, spec: { of: name } }));
  return reply(
    200,
    { kind: 'LeaseList', apiVersion: 'x', metadata: { resourceVersion: '7', ...more }, items },
    headers,
  );
}

function table(rows: unknown[][], columns: string[], more: Record<string, unknown> = {}): Reply {
  return reply(200, {
    kind: 'Table',
    metadata: more,
    columnDefinitions: columns.map((name) => ({ name, type: 'string' })),
    rows: rows.map((cells) => ({ cells, object: null })),
  });
}

describe('where requests go', () => {
  const cases: [string, Resource, string | undefined, string][] = [
    ['a core resource everywhere', PODS, undefined, '/api/v1/pods'],
    ['a core resource in a namespace', PODS, 'a', '/api/v1/namespaces/a/pods'],
    ['a group', LEASES, undefined, '/apis/coordination.k8s.io/v1/leases'],
    ['a group in a namespace', LEASES, 'a', '/apis/coordination.k8s.io/v1/namespaces/a/leases'],
    ['a cluster-scoped resource', NODES, undefined, '/api/v1/nodes'],
    ['a name that needs escaping', PODS, 'a b?', '/api/v1/namespaces/a%20b%3F/pods'],
  ];
  it.each(cases)('%s', async (_, resource, namespace, path) => {
    const transport = new ScriptedTransport(page([]));
    await clusterOver(transport).list(resource, namespace === undefined ? QUORUM : { ...QUORUM, namespace });
    expect(transport.asked[0]).toMatchObject({ method: 'GET', path });
  });

  it('never sends a namespace that would reach another path', async () => {
    const transport = new ScriptedTransport();
    for (const namespace of ['', '.', '..', 'a/pods']) {
      await expect(clusterOver(transport).list(PODS, { ...QUORUM, namespace })).rejects.toMatchObject({
        code: 'usage',
      });
    }
    await expect(clusterOver(transport).list(NODES, { ...QUORUM, namespace: 'a' })).rejects.toMatchObject({
      code: 'usage',
    });
    expect(transport.asked).toEqual([]);
  });
});

describe('list', () => {
  it('joins pages, names every item, and asks the cache for the first page only', async () => {
    const transport = new ScriptedTransport(
      page(['a', 'b'], { continue: 'T1' }),
      page(['c'], { continue: 'T2' }),
      page(['d']),
    );
    const selectors = { labelSelector: 'app=x', fieldSelector: 'metadata.namespace!=kube-node-lease' };
    const answer = await clusterOver(transport).list(LEASES, { ...CACHED, ...selectors, projection: 'full' });
    expect(answer.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(answer.items[3]).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'd' },
      spec: { of: 'd' },
    });
    expect(answer.resourceVersion).toBe('7');
    expect([0, 1, 2].map((index) => transport.query(index))).toEqual([
      { limit: '2000', resourceVersion: '0', ...selectors },
      { limit: '2000', continue: 'T1', ...selectors },
      { limit: '2000', continue: 'T2', ...selectors },
    ]);
  });

  it('reads whole objects in smaller pages than metadata', async () => {
    const transport = new ScriptedTransport(page([]), page([]), page([]));
    const cluster = clusterOver(transport);
    await cluster.list(PODS, QUORUM);
    await cluster.list(PODS, { ...QUORUM, projection: 'metadata' });
    await cluster.list(PODS, { ...QUORUM, projection: 'names' });
    expect([0, 1, 2].map((index) => transport.query(index)['limit'])).toEqual(['500', '2000', '2000']);
  });

  it('cuts to names what a server sent in JSON', async () => {
    const transport = new ScriptedTransport(page(['a', 'b']));
    const { items } = await clusterOver(transport).list(PODS, { ...CACHED, projection: 'names' });
    expect(items).toEqual(['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } })));
    const accept = transport.asked[0]?.headers?.['Accept'];
    expect(accept).toMatch(
      /^application\/vnd\.kubernetes\.protobuf;as=PartialObjectMetadataList;.*,application\/json$/,
    );
  });

  it('reads by quorum without a resourceVersion', async () => {
    const transport = new ScriptedTransport(page([]));
    await clusterOver(transport).list(LEASES, QUORUM);
    expect(transport.query(0)).toEqual({ limit: '2000' });
  });

  it('reads everything at once when a continue token expired', async () => {
    const transport = new ScriptedTransport(
      page(['a'], { continue: 'T1' }),
      reply(410, status(410, 'expired', { reason: 'Expired', metadata: { continue: 'T9' } })),
      page(['a', 'b']),
    );
    const answer = await clusterOver(transport).list(LEASES, QUORUM);
    expect(answer.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(transport.query(2)).toEqual({});
  });

  it('asks for metadata, and cuts full objects of a server that cannot', async () => {
    const transport = new ScriptedTransport(page(['a']));
    const { items } = await clusterOver(transport).list(CONFIGMAPS, CACHED);
    expect(items).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]);
    expect(transport.asked[0]?.headers?.['Accept']).toBe(
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    );
  });

  it('survives items of unexpected shape', async () => {
    const items = [null, 5, 'x', [], {}, { metadata: null }, { metadata: { name: 'good' } }];
    const transport = new ScriptedTransport(reply(200, { kind: 'PodList', metadata: {}, items }));
    const answer = await clusterOver(transport).list(PODS, QUORUM);
    expect(answer.items.map(({ metadata }) => metadata.name)).toEqual(['good']);
  });

  it('takes null items for none', async () => {
    const transport = new ScriptedTransport(reply(200, { kind: 'PodList', metadata: {}, items: null }));
    expect((await clusterOver(transport).list(PODS, QUORUM)).items).toEqual([]);
  });

  it('does not follow a page that leads to itself', async () => {
    const transport = new ScriptedTransport(page(['a'], { continue: 'T' }), page(['a'], { continue: 'T' }));
    await expect(clusterOver(transport).list(LEASES, QUORUM)).rejects.toMatchObject({ code: 'bad-answer' });
  });

  it('reads the server clock of the quickest page', async () => {
    const clock = new FakeClock();
    const slow = page(['a'], { continue: 'T' }, { date: 'Tue, 20 Jan 2026 10:00:00 GMT' });
    const quick = page(['b'], {}, { date: 'Tue, 20 Jan 2026 10:00:02 GMT' });
    const transport = new ScriptedTransport(slow, quick);
    const began = clock.mono();
    transport.send = delayed(transport, clock, 900);
    const { serverTime } = await clusterOver(transport, clock).list(LEASES, QUORUM);
    expect(serverTime).toEqual({
      at: Date.UTC(2026, 0, 20, 10, 0, 2),
      receivedAt: began + 900,
      roundTripMs: 0,
    });
  });
});

/** The first answer takes `ms`, the others none. */
function delayed(transport: ScriptedTransport, clock: FakeClock, ms: number): ScriptedTransport['send'] {
  const send = transport.send.bind(transport);
  return async (request) => {
    if (transport.asked.length === 0) await clock.advance(ms);
    return send(request);
  };
}

describe('get', () => {
  const FULL = { projection: 'full', consistency: 'quorum' } as const;

  it('gives the object with the server clock', async () => {
    const pod = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p' }, status: { phase: 'Running' } };
    const transport = new ScriptedTransport(reply(200, pod, { date: 'Tue, 20 Jan 2026 10:00:00 GMT' }));
    const answer = await clusterOver(transport).get(PODS, 'a', 'p', FULL);
    expect(answer.object).toEqual(pod);
    expect(answer.serverTime?.at).toBe(Date.UTC(2026, 0, 20, 10));
    expect(transport.asked[0]).toMatchObject({ path: '/api/v1/namespaces/a/pods/p' });
    expect(transport.query(0)).toEqual({});
  });

  it('gives metadata under the real kind, from the cache if asked', async () => {
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'n' } };
    const transport = new ScriptedTransport(reply(200, partial));
    const { object } = await clusterOver(transport).get(NODES, null, 'n', {
      projection: 'metadata',
      consistency: 'cached',
    });
    expect(object).toEqual({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
    expect(transport.query(0)).toEqual({ resourceVersion: '0' });
  });

  it('knows without asking that nothing has a name that no object can have', async () => {
    const transport = new ScriptedTransport();
    for (const name of ['', '..', 'x/log', 'a%2Fb']) {
      await expect(clusterOver(transport).get(PODS, 'a', name, FULL)).rejects.toMatchObject({
        code: 'not-found',
      });
    }
    expect(transport.asked).toEqual([]);
  });

  it('does not take another object for the one that was asked for', async () => {
    const transport = new ScriptedTransport(page(['a']));
    await expect(clusterOver(transport).get(PODS, 'a', 'p', FULL)).rejects.toMatchObject({
      code: 'bad-answer',
    });
  });
});

describe('rows', () => {
  it('gives cells by column, page by page', async () => {
    const transport = new ScriptedTransport(
      table([['a', 'Running', 0]], ['Name', 'Status', 'Restarts'], { continue: 'T' }),
      table([['b', 'Evicted', 3]], ['Name', 'Status', 'Restarts']),
    );
    const answer = await clusterOver(transport).rows(PODS, { namespace: 'x', labelSelector: 'app=a' });
    expect(answer.rows).toEqual([
      { Name: 'a', Status: 'Running', Restarts: 0 },
      { Name: 'b', Status: 'Evicted', Restarts: 3 },
    ]);
    expect(transport.query(0)).toMatchObject({
      includeObject: 'None',
      labelSelector: 'app=a',
      resourceVersion: '0',
    });
    expect(transport.query(1)).toMatchObject({ includeObject: 'None', continue: 'T' });
    expect(transport.asked[0]?.headers?.['Accept']).toMatch(/as=Table;v=v1;.*as=Table;v=v1beta1/);
  });

  it('survives rows of unexpected shape', async () => {
    const transport = new ScriptedTransport(
      reply(200, {
        kind: 'Table',
        columnDefinitions: [{ name: 'Name' }, null, { name: 'Status' }],
        rows: [null, { cells: 5 }, { cells: ['a', 1] }, { cells: [{ x: 1 }, 1, null] }],
      }),
    );
    const { rows } = await clusterOver(transport).rows(PODS, {});
    expect(rows.map(({ Name, Status }) => [Name, Status])).toEqual([
      ['a', null],
      ['{"x":1}', null],
    ]);
  });

  it.each([
    ['objects instead of a table', page(['a'])],
    ['406', reply(406, status(406, 'only the following media types are accepted: application/json'))],
  ])('says that rows are not served: %s', async (_, answer) => {
    const transport = new ScriptedTransport(answer);
    await expect(clusterOver(transport).rows(PODS, {})).rejects.toMatchObject({ code: 'not-served' });
  });
});
