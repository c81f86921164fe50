import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster, ClusterContext } from '../../src/app/ports.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASES, SELF_SUBJECT_ACCESS_REVIEWS } from '../../src/core/resources.ts';
import { KubeCluster } from '../../src/kube/cluster.ts';
import { openConnection } from '../../src/kube/connection.ts';
import type { Transport } from '../../src/kube/transport.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type RecordingServer, startRecordingServer } from './recording-server.ts';
import {
  failed,
  open,
  type Reply,
  reply,
  ScriptedStream,
  ScriptedTransport,
  status,
} from './scripted-transport.ts';

const CONTEXT: ClusterContext = {
  context: null,
  server: 'https://api.example:6443',
  namespace: 'default',
  namespaceIsExplicit: false,
  user: null,
};
const MEANT = { uid: 'u-1', resourceVersion: '7' };
const REAL = { dryRun: false };
const DRY = { dryRun: true };
const LEASE = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { name: 'a' } };
const MAYBE_WRITTEN = 'It may have been written all the same: look at the object before trying again.';
const DONE = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
const REVIEW = { kind: 'SelfSubjectAccessReview', metadata: {}, status: { allowed: true } };

type Write = (cluster: Cluster, signal?: AbortSignal) => Promise<unknown>;
const PATCH: Write = (cluster, signal) =>
  cluster.patch(LEASES, 'x', 'a', { spec: { holderIdentity: '' } }, MEANT, REAL, signal);
const DELETE: Write = (cluster, signal) => cluster.delete(LEASES, 'x', 'a', MEANT, REAL, signal);
const POST: Write = (cluster, signal) => cluster.post(LEASES, 'x', { metadata: { name: 'a' } }, REAL, signal);
const WRITES: [string, Write][] = [
  ['patch', PATCH],
  ['delete', DELETE],
  ['create', POST],
];

function clusterOver(transport: Transport): KubeCluster {
  return new KubeCluster(transport, CONTEXT, new FakeClock());
}

const refusedWith = (write: Write, answer: Reply): Promise<LeaderError> =>
  failed(write(clusterOver(new ScriptedTransport(answer))));

describe('what is sent', () => {
  async function sent(write: Write, answer: unknown): Promise<Record<string, unknown>> {
    const transport = new ScriptedTransport(reply(200, answer));
    await write(clusterOver(transport));
    const { method, path, headers, body = '' } = transport.asked[0]!;
    return {
      does: `${method} ${path}`,
      query: transport.query(0),
      type: headers?.['Content-Type'],
      body: JSON.parse(body) as unknown,
    };
  }

  it('a merge patch with the preconditions beside its own metadata', async () => {
    const patch = { metadata: { annotations: { lock: null }, uid: 'other' }, spec: { holderIdentity: null } };
    expect(await sent((cluster) => cluster.patch(LEASES, 'x', 'a', patch, MEANT, REAL), LEASE)).toEqual({
      does: 'PATCH /apis/coordination.k8s.io/v1/namespaces/x/leases/a',
      query: { fieldManager: 'kubectl-leader' },
      type: 'application/merge-patch+json',
      body: {
        metadata: { annotations: { lock: null }, uid: 'u-1', resourceVersion: '7' },
        spec: { holderIdentity: null },
      },
    });
  });

  it('a deletion of the object that was meant', async () => {
    expect(await sent((cluster) => cluster.delete(LEASES, 'x', 'a', MEANT, REAL), DONE)).toEqual({
      does: 'DELETE /apis/coordination.k8s.io/v1/namespaces/x/leases/a',
      query: { uid: 'u-1' },
      type: 'application/json',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: 'u-1', resourceVersion: '7' },
        propagationPolicy: 'Background',
      },
    });
  });

  it('a question, with its type added', async () => {
    const ask: Write = (cluster) => cluster.post(SELF_SUBJECT_ACCESS_REVIEWS, null, { spec: {} }, REAL);
    expect(await sent(ask, REVIEW)).toEqual({
      does: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      query: { fieldManager: 'kubectl-leader' },
      type: 'application/json',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} },
    });
  });

  it('dry runs that say so, deletions in their body and for servers that see no body', async () => {
    const dry: [Write, unknown][] = [
      [(cluster) => cluster.patch(LEASES, 'x', 'a', {}, MEANT, DRY), LEASE],
      [(cluster) => cluster.delete(LEASES, 'x', 'a', MEANT, DRY), DONE],
      [(cluster) => cluster.post(LEASES, 'x', {}, DRY), LEASE],
    ];
    for (const [write, answer] of dry) {
      expect(await sent(write, answer)).toMatchObject({ query: { dryRun: 'All' } });
    }
    expect(await sent(...dry[1]!)).toMatchObject({ body: { dryRun: ['All'] } });
  });

  it.each<[string, Write]>([
    ['no uid', (cluster) => cluster.delete(LEASES, 'x', 'a', { ...MEANT, uid: '' }, REAL)],
    ['version 0', (cluster) => cluster.patch(LEASES, 'x', 'a', {}, { ...MEANT, resourceVersion: '0' }, REAL)],
    ['a name that is a path', (cluster) => cluster.delete(LEASES, 'x', 'a/status', MEANT, REAL)],
    ['no namespace', (cluster) => cluster.delete(LEASES, null, 'a', MEANT, REAL)],
    ['no namespace to create in', (cluster) => cluster.post(LEASES, null, {}, REAL)],
    ['an abort beforehand', (cluster) => PATCH(cluster, AbortSignal.abort())],
  ])('nothing, for %s', async (_, write) => {
    const transport = new ScriptedTransport();
    await failed(write(clusterOver(transport)));
    expect(transport.asked).toEqual([]);
  });
});

describe('a refused write', () => {
  it.each(WRITES)(
    '%s without the right keeps the words of the server and names the right',
    async (verb, write) => {
      const said = `leases.coordination.k8s.io "a" is forbidden: User "alice" cannot ${verb} resource "leases" in API group "coordination.k8s.io" in the namespace "x"`;
      expect(await refusedWith(write, reply(403, status(403, said)))).toMatchObject({
        code: 'forbidden',
        message: said,
        hint: `Missing right: verb "${verb}" on resource "leases.coordination.k8s.io" in namespace "x" (RBAC).`,
      });
    },
  );

  it.each([400, 403, 404, 409, 422, 429, 500])(
    'by a webhook, with HTTP %i, points at the webhook',
    async (code) => {
      const said = 'admission webhook "leases.\u001b[31mexample.com" denied the request: hands off';
      for (const [, write] of WRITES) {
        const error = await refusedWith(write, reply(code, status(code, said)));
        expect(error).toMatchObject({
          code: 'forbidden',
          message: expect.stringMatching(/^cannot \w+ leases.*denied the request: hands off$/),
          hint: expect.stringContaining('webhook "leases.^[[31mexample.com" refused it, not RBAC'),
        });
      }
    },
  );

  const others: [string, Write, Reply, { code: string; hint: unknown }][] = [
    [
      'a policy',
      PATCH,
      reply(
        422,
        status(
          422,
          `leases.coordination.k8s.io "a" is forbidden: ValidatingAdmissionPolicy 'no-leases' with binding 'b' denied request: hands off`,
        ),
      ),
      { code: 'forbidden', hint: expect.stringContaining('ValidatingAdmissionPolicy "no-leases"') },
    ],
    [
      'a webhook that cannot be reached',
      DELETE,
      reply(
        500,
        status(500, 'Internal error occurred: failed calling webhook "w": Post "https://w.x.svc": timed out'),
      ),
      { code: 'server', hint: expect.stringContaining('webhook "w" does not answer') },
    ],
    [
      'a webhook that knows no dry run',
      PATCH,
      reply(400, status(400, 'admission webhook "w" does not support dry run')),
      { code: 'invalid', hint: expect.stringContaining('A dry run cannot ask the admission webhook "w"') },
    ],
    [
      'a namespace that is being deleted',
      POST,
      reply(403, status(403, 'leases "a" is forbidden: unable to create new content in namespace x')),
      { code: 'forbidden', hint: expect.stringContaining('not RBAC') },
    ],
    [
      'another version',
      DELETE,
      reply(409, status(409, 'the object has been modified')),
      { code: 'conflict', hint: 'It changed meanwhile: look at it again.' },
    ],
    [
      'another object of that name',
      PATCH,
      reply(422, status(422, 'field is immutable', { details: { causes: [{ field: 'metadata.uid' }] } })),
      { code: 'conflict', hint: 'It changed meanwhile: look at it again.' },
    ],
    [
      'one that exists',
      POST,
      reply(409, status(409, 'leases "a" already exists')),
      { code: 'conflict', hint: 'It exists already.' },
    ],
    [
      'an object that is gone',
      DELETE,
      reply(404, status(404, 'leases "a" not found', { details: { name: 'a' } })),
      { code: 'not-found', hint: null },
    ],
    [
      'an invalid value',
      PATCH,
      reply(422, status(422, 'is invalid', { details: { causes: [{ field: 'spec.leaseTransitions' }] } })),
      { code: 'invalid', hint: null },
    ],
  ];
  it.each(others)('because of %s', async (_, write, answer, error) => {
    expect(await refusedWith(write, answer)).toMatchObject(error);
  });

  it('that could not be decoded says why, without the object that it would have made', async () => {
    const said = ` "" is invalid: patch: Invalid value: "{\\"kind\\":\\"Lease\\"}": cannot parse "Z" as ".000000"`;
    const error = await refusedWith(PATCH, reply(422, status(422, said)));
    expect(error.message).toBe(
      'cannot patch leases.coordination.k8s.io "a" in namespace "x": cannot parse "Z" as ".000000"',
    );
  });
});

describe('a write whose answer is lost', () => {
  const broken = () => open(new ScriptedStream().push('{"kind"').end(new Error('socket hang up')));
  const cases: [string, () => Reply | LeaderError, string, string | null][] = [
    ['breaks off', broken, 'unreachable', MAYBE_WRITTEN],
    ['is given up by the transport', () => new LeaderError('timeout', 'late'), 'timeout', MAYBE_WRITTEN],
    ['is 502', () => reply(502, '<html>'), 'unreachable', MAYBE_WRITTEN],
    ['is 504', () => reply(504, status(504, 'Timeout: request did not complete')), 'timeout', MAYBE_WRITTEN],
    [
      'is a timeout of etcd',
      () => reply(500, status(500, 'etcdserver: request timed out')),
      'timeout',
      MAYBE_WRITTEN,
    ],
    [
      'cannot come, because nobody listens',
      () =>
        new LeaderError('unreachable', 'refused', {
          hint: 'Check it.',
          cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
        }),
      'unreachable',
      'Check it.',
    ],
    [
      'asks to wait',
      () => reply(429, 'busy', { 'retry-after': '1' }),
      'throttled',
      'The API server is busy: try again in a moment.',
    ],
  ];
  it.each(cases)(
    'is sent once, and says what is known, when the answer %s',
    async (_, answer, code, hint) => {
      for (const [, write] of WRITES) {
        const transport = new ScriptedTransport(answer());
        expect(await failed(write(clusterOver(transport)))).toMatchObject({ code, hint });
        expect(transport.asked).toHaveLength(1);
        expect(transport.inFlight).toBe(0);
      }
    },
  );

  it('is interrupted by an abort in the middle of the answer', async () => {
    for (const [, write] of WRITES) {
      const stop = new AbortController();
      const error = failed(
        write(clusterOver(new ScriptedTransport(open(new ScriptedStream().push('{')))), stop.signal),
      );
      await new FakeClock().settle();
      stop.abort();
      expect((await error).code).toBe('interrupted');
    }
  });

  it('is not taken for done when a login page answers', async () => {
    for (const [, write] of WRITES) {
      expect((await refusedWith(write, reply(200, '<html>Sign in</html>'))).code).toBe('bad-answer');
    }
  });
});

describe('over a real connection', () => {
  async function connect(): Promise<{ server: RecordingServer; cluster: Cluster }> {
    const server = await startRecordingServer(null);
    const facts = { env: {}, homeDir: '/nowhere', stdinIsTerminal: false, version: 'test' };
    const { transport, context } = await openConnection({ server: server.url }, facts);
    onTestFinished(async () => {
      transport.close();
      await server.close();
    });
    return { server, cluster: new KubeCluster(transport, context, new FakeClock()) };
  }

  it('a deletion says how long its body is, or its preconditions would be taken for the next request', async () => {
    const { server, cluster } = await connect();
    for (const _ of [1, 2]) await DELETE(cluster);
    expect(server.seen).toHaveLength(2);
    for (const { body, headers } of server.seen) {
      expect(JSON.parse(body)).toMatchObject({ preconditions: MEANT });
      expect(headers['content-length']).toBe(String(body.length));
      expect(headers['transfer-encoding']).toBeUndefined();
    }
  });

  it.each(WRITES)('%s is not repeated when an idle connection turns out to be closed', async (_, write) => {
    const { server, cluster } = await connect();
    await DELETE(cluster);
    server.answer = (request) => request.socket.destroy();
    expect(await failed(write(cluster))).toMatchObject({ code: 'unreachable', hint: MAYBE_WRITTEN });
    expect(server.seen).toHaveLength(2);
  });
});
