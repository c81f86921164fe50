import { describe, expect, it } from 'vitest';
import type { LeaderError } from '../../src/core/errors.ts';
import { LEASES, NODES, PODS } from '../../src/core/resources.ts';
import { KubeCluster } from '../../src/kube/cluster.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  failed,
  open,
  type Reply,
  reply,
  ScriptedStream,
  ScriptedTransport,
  status,
} from './scripted-transport.ts';

const SERVER = 'https://api.example:6443';

function clusterOver(
  transport: ScriptedTransport,
  clock = new FakeClock(),
  withoutCredentials: string | null = null,
): KubeCluster {
  const context = {
    context: null,
    server: SERVER,
    namespace: 'default',
    namespaceIsExplicit: false,
    user: null,
    withoutCredentials,
  };
  return new KubeCluster(transport, context, clock, () => 0.5);
}

const QUORUM = { projection: 'full', consistency: 'quorum' } as const;

async function listError(answer: Reply, namespace?: string): Promise<LeaderError> {
  const request = namespace === undefined ? QUORUM : { ...QUORUM, namespace };
  return failed(clusterOver(new ScriptedTransport(answer)).list(LEASES, request));
}

async function getError(answer: Reply): Promise<LeaderError> {
  return failed(clusterOver(new ScriptedTransport(answer)).get(PODS, 'a', 'p', QUORUM));
}

const HTML = '<html><head><title>Sign in</title></head></html>';

describe('what an answer without success becomes', () => {
  const missing = { reason: 'NotFound', details: { name: 'p', kind: 'pods' } };
  const unknown = status(404, 'the server could not find the requested resource', {
    reason: 'NotFound',
    details: {},
  });
  const cases: [string, () => Promise<LeaderError>, string, RegExp][] = [
    [
      '401',
      () => listError(reply(401, status(401, 'Unauthorized'))),
      'unauthorized',
      /does not accept the credentials/,
    ],
    [
      'an object that is not there',
      () => getError(reply(404, status(404, 'pods "p" not found', missing))),
      'not-found',
      /pods "p" not found/,
    ],
    [
      'a collection that is not served',
      () => listError(reply(404, unknown)),
      'not-served',
      /leases.*does not serve it.*v1/,
    ],
    [
      'an object of a kind that is not served',
      () => getError(reply(404, unknown)),
      'not-served',
      /does not serve it/,
    ],
    [
      'a group that is not served',
      () => getError(reply(404, '404 page not found\n')),
      'not-served',
      /does not serve it/,
    ],
    [
      '404 of something that is no API server',
      () => getError(reply(404, HTML)),
      'bad-answer',
      /HTTP 404 \(text\/plain\): <html>/,
    ],
    [
      '400',
      () => listError(reply(400, status(400, 'field label not supported: foo'))),
      'invalid',
      /field label/,
    ],
    ['409', () => getError(reply(409, status(409, 'object has been modified'))), 'conflict', /modified/],
    ['410', () => getError(reply(410, status(410, 'too old'))), 'gone', /too old/],
    ['422', () => getError(reply(422, status(422, 'is invalid'))), 'invalid', /is invalid/],
    ['429', () => listError(reply(429, 'Too many requests')), 'throttled', /Too many requests/],
    [
      '500 of etcd',
      () => listError(reply(500, status(500, 'etcdserver: request timed out'))),
      'server',
      /etcdserver: request timed out/,
    ],
    [
      '502 of a load balancer',
      () => listError(reply(502, HTML)),
      'server',
      /HTTP 502 \(text\/plain\): <html>/,
    ],
    ['503', () => listError(reply(503, status(503, 'etcd unavailable'))), 'server', /etcd unavailable/],
    ['a redirect to a login page', () => listError(reply(302, '')), 'bad-answer', /HTTP 302 .*empty/],
  ];
  it.each(cases)('%s', async (_, ask, code, message) => {
    const error = await ask();
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('403 keeps the words of the server and names the missing right', async () => {
    const said =
      'leases.coordination.k8s.io is forbidden: User "alice" cannot list resource "leases" in API group "coordination.k8s.io" in the namespace "x"';
    const error = await listError(reply(403, status(403, said)), 'x');
    expect(error).toMatchObject({ code: 'forbidden', message: said });
    expect(error.hint).toBe(
      'Missing right: verb "list" on resource "leases.coordination.k8s.io" in namespace "x" (RBAC).',
    );
  });

  it('says which verb and where, also for all namespaces and cluster-scoped resources', async () => {
    const refuse = () => reply(403, status(403, 'no'));
    const cluster = clusterOver(new ScriptedTransport(refuse, refuse));
    expect((await failed(cluster.list(LEASES, QUORUM))).hint).toContain(
      '"list" on resource "leases.coordination.k8s.io" in all namespaces',
    );
    expect((await failed(cluster.get(NODES, null, 'n', QUORUM))).hint).toContain(
      '"get" on resource "nodes" (RBAC)',
    );
  });

  it('names the right to impersonate when that is what is missing', async () => {
    const said =
      'users "bob" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope';
    const error = await listError(reply(403, status(403, said)));
    expect(error.hint).toBe('Missing right: verb "impersonate" on resource "users" (RBAC).');
  });

  it('does not blame RBAC for a 403 that the API server did not send', async () => {
    const error = await listError(reply(403, HTML, { 'content-type': 'text/html' }));
    expect(error).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('HTTP 403 (text/html): <html>'),
    });
    expect(error.hint).toContain('proxy');
  });

  it('makes what a server says safe and short', async () => {
    const error = await listError(reply(500, status(500, `\u001b[2J${'x'.repeat(5000)}\n`)));
    expect(error.message).toContain('^[[2J');
    expect(error.message.length).toBeLessThan(800);
  });
});

describe('a success that cannot be read', () => {
  const cases: [string, Reply, RegExp][] = [
    [
      'an HTML page',
      reply(200, HTML, { 'content-type': 'text/html' }),
      /list leases\.coordination\.k8s\.io in all namespaces.*HTTP 200 \(text\/html\): <html>/,
    ],
    [
      'JSON that was cut off',
      reply(200, '{"kind":"LeaseList","items":[{"meta'),
      /not complete JSON.*\{"kind":"LeaseList"/,
    ],
    ['nothing', reply(200, ''), /HTTP 200 \(text\/plain\), empty/],
    ['JSON that is no object', reply(200, '[1]'), /no API object/],
    ['an object that is no list', reply(200, { kind: 'Pod', metadata: {} }), /no list/],
  ];
  it.each(cases)('%s', async (_, answer, message) => {
    const error = await listError(answer);
    expect(error).toMatchObject({ code: 'bad-answer', message: expect.stringMatching(message) });
    expect(error.hint).toContain(SERVER);
  });

  it('a connection that breaks in the middle', async () => {
    const stream = new ScriptedStream().push('{"kind"').end(new Error('socket hang up'));
    const error = await failed(clusterOver(new ScriptedTransport(open(stream))).list(LEASES, QUORUM));
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('socket hang up') });
  });
});

describe('a server that asks to wait', () => {
  const empty = () => reply(200, { kind: 'LeaseList', metadata: {}, items: [] });
  const busy = (code: number, headers: Record<string, string>) => () => reply(code, 'busy', headers);

  it.each([
    ['429, seconds', 429, { 'retry-after': '2' }, 2000],
    ['503, seconds', 503, { 'retry-after': '1' }, 1000],
    [
      'a date, by the clock of the server',
      429,
      { 'retry-after': 'Tue, 20 Jan 2026 10:00:03 GMT', date: 'Tue, 20 Jan 2026 10:00:00 GMT' },
      3000,
    ],
  ])('is asked again after that time: %s', async (_, code, headers, wait) => {
    const clock = new FakeClock();
    const transport = new ScriptedTransport(busy(code, headers), empty);
    const answer = clusterOver(transport, clock).list(LEASES, QUORUM);
    await clock.advance(wait - 1);
    expect(transport.asked).toHaveLength(1);
    await clock.advance(1);
    expect((await answer).items).toEqual([]);
  });

  it.each([
    ['5 answers', '0', 5],
    ['10 s', '4', 3],
    ['a wait that would be too long', '60', 1],
  ])('is given up after %s', async (_, seconds, asked) => {
    const clock = new FakeClock();
    const transport = new ScriptedTransport(...Array(5).fill(busy(429, { 'retry-after': seconds })));
    const error = await clock.runUntil(failed(clusterOver(transport, clock).list(LEASES, QUORUM)));
    expect(error).toMatchObject({ code: 'throttled', retryAfterMs: Number(seconds) * 1000 });
    expect(transport.asked).toHaveLength(asked);
  });

  it('is not asked again when it does not say when', async () => {
    const transport = new ScriptedTransport(busy(503, {}));
    expect((await failed(clusterOver(transport).list(LEASES, QUORUM))).code).toBe('server');
  });

  it('is left at once when the wait is aborted', async () => {
    const clock = new FakeClock();
    const transport = new ScriptedTransport(busy(429, { 'retry-after': '5' }));
    const stop = new AbortController();
    const error = failed(clusterOver(transport, clock).list(LEASES, QUORUM, stop.signal));
    await clock.settle();
    stop.abort();
    expect((await error).code).toBe('interrupted');
    expect(transport.asked).toHaveLength(1);
  });
});

describe('an abort', () => {
  it('ends a read in the middle of its answer', async () => {
    const stream = new ScriptedStream().push('{"kind"');
    const transport = new ScriptedTransport(open(stream));
    const stop = new AbortController();
    const error = failed(clusterOver(transport).list(LEASES, QUORUM, stop.signal));
    await new FakeClock().settle();
    stop.abort();
    expect((await error).code).toBe('interrupted');
    expect(transport.inFlight).toBe(0);
  });

  it('sends nothing when it came before', async () => {
    const transport = new ScriptedTransport();
    const error = await failed(clusterOver(transport).list(LEASES, QUORUM, AbortSignal.abort()));
    expect(error.code).toBe('interrupted');
    expect(transport.asked).toEqual([]);
  });
});

describe('a request that nobody signed', () => {
  const WHY = 'Context "x" names no user.';
  const forbidden = (user: string): Reply =>
    reply(
      403,
      status(403, `pods is forbidden: User "${user}" cannot list resource "pods" at the cluster scope`),
    );

  async function hint(answer: Reply, withoutCredentials: string | null): Promise<string | null> {
    const cluster = clusterOver(new ScriptedTransport(answer), new FakeClock(), withoutCredentials);
    return (await failed(cluster.list(PODS, QUORUM))).hint;
  }

  it('is told why, instead of which right is missing', async () => {
    expect(await hint(forbidden('system:anonymous'), WHY)).toBe(WHY);
    expect(await hint(reply(401, status(401, 'Unauthorized')), WHY)).toBe(WHY);
  });

  it('a user whose credentials nobody knows is told so', async () => {
    expect(await hint(forbidden('system:anonymous'), null)).toMatch(/no credentials that it knows/);
  });

  it('somebody who is known lacks a right, however the request was sent', async () => {
    expect(await hint(forbidden('ann'), WHY)).toMatch(/^Missing right: verb "list" on resource "pods"/);
  });
});

it('a server that wants TLS and was asked in plain text', async () => {
  const error = await listError(reply(400, 'Client sent an HTTP request to an HTTPS server.\n'));
  expect(error.code).toBe('tls');
  expect(error.message).toMatch(/^cannot list leases\S* in all namespaces: .* was asked over plain http$/);
  expect(error.hint).toMatch(/^The server speaks https/);
});
