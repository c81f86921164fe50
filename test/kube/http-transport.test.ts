import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionFlags } from '../../src/app/ports.ts';
import { credentialsFor } from '../../src/kube/auth-sources.ts';
import { resolveConnection } from '../../src/kube/config-resolve.ts';
import { hostOf } from '../../src/kube/connection-host.ts';
import { HttpTransport, type HttpTransportOptions } from '../../src/kube/http-transport.ts';
import type { HttpAnswer, Transport } from '../../src/kube/transport.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type RecordingServer, startRecordingServer } from './recording-server.ts';

async function text(answer: HttpAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const servers: Server[] = [];

/** Accepts connections and says nothing. */
async function neverAnswering() {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  servers.push(silent);
  await once(silent, 'listening');
  return { silent, port: (silent.address() as AddressInfo).port };
}

describe('the transport', () => {
  let certificates: Certificates;
  let server: RecordingServer;
  const open: Transport[] = [];

  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());
  beforeEach(async () => {
    server = await startRecordingServer(certificates);
  });
  afterEach(async () => {
    for (const each of servers.splice(0)) each.close();
    for (const transport of open.splice(0)) transport.close();
    await server.close();
  });

  /** Users and clusters by flags; `--user` picks one of a kubeconfig with the plugins below. */
  async function connect(
    flags: ConnectionFlags = {},
    limits: Partial<HttpTransportOptions> = {},
  ): Promise<Transport> {
    writeFileSync(
      certificates.path('config'),
      JSON.stringify({
        users: ['rotating', 'certificate'].map((name) => ({
          name,
          user: {
            exec: {
              command: certificates.path(`${name}-plugin`),
              apiVersion: 'client.authentication.k8s.io/v1beta1',
            },
          },
        })),
      }),
    );
    const host = hostOf({
      env: { PATH: process.env['PATH'], KUBECONFIG: certificates.path('config') },
      homeDir: certificates.folder,
      stdinIsTerminal: false,
      version: 'test',
    });
    const trusted = { server: server.url, certificateAuthority: certificates.path('ca.crt') };
    const connection = await resolveConnection({ ...trusted, ...flags }, host);
    const credentials = await credentialsFor(connection.authentication, host);
    const transport = new HttpTransport(connection, credentials, {
      userAgent: 'kubectl-leader/test',
      connectTimeoutMs: 10_000,
      ...limits,
    });
    open.push(transport);
    return transport;
  }

  /** A plugin that returns these statuses one after the other, the last one for ever. */
  function writePlugin(name: string, statuses: readonly object[]): void {
    statuses.forEach((status, index) => {
      const reply = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1', status };
      writeFileSync(certificates.path(`${name}-${index + 1}`), JSON.stringify(reply));
    });
    const base = certificates.path(name);
    writeFileSync(
      `${base}-plugin`,
      `#!/bin/sh\necho >> ${base}-runs; n=$(wc -l < ${base}-runs)\nf=${base}-$((n))\n[ -e $f ] || f=${base}-${statuses.length}\ncat $f\n`,
      { mode: 0o755 },
    );
    writeFileSync(`${base}-runs`, '');
    rmSync(`${base}-${statuses.length + 1}`, { force: true });
  }

  test('sends path, query, headers and body', async () => {
    const transport = await connect({ server: `${server.url}/base/`, token: 't' });
    const answer = await transport.send({
      method: 'PUT',
      path: '/apis/x',
      query: new URLSearchParams({ dryRun: 'All', a: 'b c' }),
      headers: { 'Content-Type': 'application/json' },
      body: '{"é":1}',
    });
    expect([answer.status, await text(answer)]).toEqual([200, '{}']);
    expect(server.seen[0]).toMatchObject({
      method: 'PUT',
      url: '/base/apis/x?dryRun=All&a=b+c',
      authorization: 'Bearer t',
      body: '{"é":1}',
      headers: {
        'content-type': 'application/json',
        'content-length': '8',
        'user-agent': 'kubectl-leader/test',
        host: `127.0.0.1:${server.port}`,
      },
    });
  });

  test('sends each group in a header line of its own', async () => {
    const transport = await connect({ as: 'bob', asGroup: ['a', 'b,c'], token: 't' });
    (await transport.send({ method: 'GET', path: '/' })).discard();
    expect(server.seen[0]?.impersonation).toEqual([
      'impersonate-group: a',
      'impersonate-group: b,c',
      'impersonate-user: bob',
    ]);
  });

  test('unpacks gzip, and does not ask for it in a watch', async () => {
    server.answer = (request, response) => {
      const packed = request.headers['accept-encoding'] === 'gzip';
      if (packed) response.setHeader('Content-Encoding', 'gzip');
      response.end(packed ? gzipSync('packed') : 'plain');
    };
    const transport = await connect();
    expect(await text(await transport.send({ method: 'GET', path: '/' }))).toBe('packed');
    expect(await text(await transport.send({ method: 'GET', path: '/', streaming: true }))).toBe('plain');
  });

  test('a damaged gzip body is an error, not an end', async () => {
    server.answer = (_request, response) => {
      response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipSync('x'.repeat(10_000)).subarray(0, 30));
    };
    const answer = await (await connect()).send({ method: 'GET', path: '/' });
    await expect(text(answer)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('keeps connections for requests with an end, with watches beside them', async () => {
    const transport = await connect();
    const watch = await transport.send({ method: 'GET', path: '/', streaming: true });
    for (const _ of [1, 2, 3]) await text(await transport.send({ method: 'GET', path: '/' }));
    watch.discard();
    const [first, ...others] = server.seen.map((request) => request.connection);
    expect(new Set(others).size).toBe(1);
    expect(others).not.toContain(first);
  });

  test('opens no more than six connections, however many requests there are', async () => {
    const transport = await connect();
    const answers = Array.from({ length: 30 }, async () =>
      text(await transport.send({ method: 'GET', path: '/' })),
    );
    await Promise.all(answers);
    expect(server.seen).toHaveLength(30);
    expect(new Set(server.seen.map((request) => request.connection)).size).toBeLessThanOrEqual(6);
  });

  test('lets the next request in when an answer was discarded, broke off, or its request was aborted', async () => {
    const transport = await connect();
    server.answer = (request, response) => {
      if (request.url === '/breaks') request.socket.destroy();
      else if (request.url !== '/hangs') response.end('x'.repeat(100_000));
    };
    for (let round = 0; round < 7; round += 1) {
      (await transport.send({ method: 'GET', path: '/discarded' })).discard();
      await expect(transport.send({ method: 'PUT', path: '/breaks' })).rejects.toThrow();
      const signal = AbortSignal.timeout(5);
      await expect(transport.send({ method: 'GET', path: '/hangs', signal })).rejects.toThrow();
    }
    expect((await text(await transport.send({ method: 'GET', path: '/' }))).length).toBe(100_000);
  });

  test('an abort lets go of a request that waits for its turn', async () => {
    server.answer = () => undefined;
    const transport = await connect();
    const busy = new AbortController();
    const hanging = Array.from({ length: 6 }, () =>
      transport.send({ method: 'GET', path: '/hangs', signal: busy.signal }),
    );
    const waiting = new AbortController();
    const turn = transport.send({ method: 'GET', path: '/waits', signal: waiting.signal });
    waiting.abort();
    await expect(turn).rejects.toMatchObject({ code: 'interrupted' });
    busy.abort();
    for (const each of hanging) await expect(each).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('repeats a GET, and nothing else, that met a connection which the server had just closed', async () => {
    const transport = await connect();
    let closing = false;
    server.answer = (request, response, recorded) => {
      if (closing && recorded.connection === 1) request.socket.destroy();
      else response.end('fine');
    };
    await text(await transport.send({ method: 'GET', path: '/' }));
    closing = true;
    expect(await text(await transport.send({ method: 'GET', path: '/' }))).toBe('fine');

    const writer = await connect();
    server.answer = (request, response) => {
      if (request.method === 'PUT') request.socket.destroy();
      else response.end('fine');
    };
    await text(await writer.send({ method: 'GET', path: '/' }));
    await expect(writer.send({ method: 'PUT', path: '/', body: '{}' })).rejects.toMatchObject({
      code: 'unreachable',
      message: `The connection to the server 127.0.0.1:${server.port} was closed before the answer was complete`,
    });
    expect(server.seen.filter((request) => request.method === 'PUT')).toHaveLength(1);
  });

  describe('after a 401', () => {
    beforeEach(() => {
      server.answer = (_request, response, recorded) => {
        response.statusCode = recorded.authorization === 'Bearer new' ? 200 : 401;
        response.end('{}');
      };
    });

    test('runs the plugin again and repeats a GET once', async () => {
      writePlugin('rotating', [{ token: 'old' }, { token: 'new' }]);
      const transport = await connect({ user: 'rotating' });
      const answer = await transport.send({ method: 'GET', path: '/' });
      answer.discard();
      expect(answer.status).toBe(200);
      expect(server.seen.map((request) => request.authorization)).toEqual(['Bearer old', 'Bearer new']);
    });

    test('does not repeat a write; the next request has the new credential', async () => {
      writePlugin('rotating', [{ token: 'old' }, { token: 'new' }]);
      const transport = await connect({ user: 'rotating' });
      const statuses: number[] = [];
      for (const method of ['PUT', 'PUT'] as const) {
        const answer = await transport.send({ method, path: '/', body: '{}' });
        answer.discard();
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([401, 200]);
      expect(server.seen).toHaveLength(2);
    });

    test('gives up when the new credential is rejected as well, and at once with a fixed one', async () => {
      writePlugin('rotating', [{ token: 'old' }]);
      for (const [flags, requests] of [
        [{ user: 'rotating' }, 2],
        [{ token: 'old' }, 1],
      ] as const) {
        server.seen = [];
        const answer = await (await connect(flags)).send({ method: 'GET', path: '/' });
        answer.discard();
        expect([answer.status, server.seen.length]).toEqual([401, requests]);
      }
    });
  });

  test('a certificate that a plugin replaced is presented on new connections only', async () => {
    const pair = (name: string): object => ({
      clientCertificateData: certificates.pem(`${name}.crt`).toString('utf8'),
      clientKeyData: certificates.pem(`${name}.key`).toString('utf8'),
    });
    writePlugin('certificate', [pair('jane'), pair('john')]);
    server.answer = (_request, response, recorded) => {
      response.statusCode = server.seen.length === 2 && recorded.certificate === 'jane' ? 401 : 200;
      response.end('{}');
    };
    const transport = await connect({ user: 'certificate' });
    for (const _ of [1, 2, 3]) await text(await transport.send({ method: 'GET', path: '/' }));
    expect(server.seen.map((request) => request.certificate)).toEqual(['jane', 'jane', 'john', 'john']);
    expect(server.seen.map((request) => request.connection)).toEqual([1, 1, 2, 2]);
  });

  describe('takes no longer than', () => {
    test('--request-timeout to the head of the answer', async () => {
      server.answer = () => undefined;
      const transport = await connect({ requestTimeout: '60ms' });
      await expect(transport.send({ method: 'GET', path: '/' })).rejects.toMatchObject({
        code: 'timeout',
        message: `127.0.0.1:${server.port} did not answer within 0.06 s (--request-timeout)`,
      });
    });

    test('--request-timeout to the end of the body, also of a watch', async () => {
      server.answer = (_request, response) => {
        response.write('beginning');
      };
      for (const streaming of [false, true]) {
        const transport = await connect({ requestTimeout: '300ms' });
        const answer = await transport.send({ method: 'GET', path: '/', streaming });
        await expect(text(answer)).rejects.toMatchObject({ code: 'timeout' });
      }
    });

    test('--request-timeout, though the connection is never ready', async () => {
      const { port } = await neverAnswering();
      const transport = await connect({ server: `https://127.0.0.1:${port}`, requestTimeout: '60ms' });
      await expect(transport.send({ method: 'GET', path: '/' })).rejects.toMatchObject({
        message: `127.0.0.1:${port} did not answer within 0.06 s (--request-timeout)`,
      });
    });

    describe('the time allowed for silence', () => {
      const limits = { silenceTimeoutMs: 400 };

      test('before the answer', async () => {
        server.answer = () => undefined;
        const sending = (await connect({}, limits)).send({ method: 'GET', path: '/' });
        await expect(sending).rejects.toMatchObject({
          code: 'timeout',
          message: `the API server at 127.0.0.1:${server.port} did not answer within 0.4 s`,
          hint: expect.stringContaining('--request-timeout'),
        });
      });

      test('and in the middle of it', async () => {
        server.answer = (_request, response) => {
          response.write('beginning');
        };
        const answer = await (await connect({}, limits)).send({ method: 'GET', path: '/' });
        await expect(text(answer)).rejects.toMatchObject({
          code: 'timeout',
          message: expect.stringMatching(/fell silent for 0.4 s in the middle of its answer$/),
        });
      });

      test('but an answer that keeps coming, and a watch, may take longer', async () => {
        server.answer = (_request, response) => {
          const more = setInterval(() => response.write('.'), 100);
          setTimeout(() => response.end(() => clearInterval(more)), 650);
        };
        const slow = await (await connect({}, limits)).send({ method: 'GET', path: '/' });
        expect(await text(slow)).toMatch(/^\.{3,}$/);
        server.answer = (_request, response) => setTimeout(() => response.end('late'), 500);
        const watch = await (await connect({}, limits)).send({ method: 'GET', path: '/', streaming: true });
        expect(await text(watch)).toBe('late');
      });
    });

    test('the time allowed for connecting, when the server never says anything', async () => {
      const { port } = await neverAnswering();
      const transport = await connect({ server: `https://127.0.0.1:${port}` }, { connectTimeoutMs: 60 });
      await expect(transport.send({ method: 'GET', path: '/' })).rejects.toMatchObject({
        code: 'timeout',
        message: `Unable to connect to the server: no connection to 127.0.0.1:${port} within 0.06 s`,
      });
    });
  });

  describe('an abort', () => {
    test('beforehand: nothing is sent', async () => {
      const transport = await connect();
      const signal = AbortSignal.abort();
      await expect(transport.send({ method: 'PUT', path: '/', signal })).rejects.toMatchObject({
        code: 'interrupted',
      });
      expect(server.seen).toEqual([]);
    });

    test('before the answer, and in the middle of it', async () => {
      const transport = await connect();
      const first = new AbortController();
      server.answer = () => first.abort();
      await expect(transport.send({ method: 'GET', path: '/', signal: first.signal })).rejects.toMatchObject({
        code: 'interrupted',
      });

      const second = new AbortController();
      server.answer = (_request, response) => {
        response.write('beginning');
      };
      const answer = await transport.send({
        method: 'GET',
        path: '/',
        streaming: true,
        signal: second.signal,
      });
      const reading = text(answer);
      second.abort();
      await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
    });

    test('while a plugin runs', async () => {
      const abort = new AbortController();
      writeFileSync(certificates.path('rotating-plugin'), '#!/bin/sh\nexec sleep 5\n', { mode: 0o755 });
      const transport = await connect({ user: 'rotating' });
      const sending = transport.send({ method: 'GET', path: '/', signal: abort.signal });
      abort.abort();
      await expect(sending).rejects.toMatchObject({ code: 'interrupted' });
    });
  });

  describe('says what is wrong when', () => {
    test.each<[string, (port: number) => ConnectionFlags, object]>([
      [
        'nobody listens',
        () => ({ server: 'https://127.0.0.1:1' }),
        {
          code: 'unreachable',
          message:
            'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
        },
      ],
      [
        'the name does not exist',
        () => ({ server: 'https://no-such-host.invalid:6443' }),
        {
          code: 'unreachable',
          message: expect.stringMatching(/^Unable to connect to the server: lookup no-such-host\.invalid: /),
        },
      ],
      [
        'the certificate is of an authority that nobody knows',
        () => ({ certificateAuthority: '' }),
        { code: 'tls', message: expect.stringMatching(/signed by unknown authority$/) },
      ],
      [
        'the certificate is for others',
        () => ({ tlsServerName: 'other.example' }),
        {
          code: 'tls',
          message: expect.stringMatching(
            /is valid for 127\.0\.0\.1, localhost, api\.example, not for the name/,
          ),
        },
      ],
      [
        'http is spoken to a server with TLS',
        (port) => ({ server: `http://127.0.0.1:${port}`, certificateAuthority: '' }),
        { code: 'unreachable' },
      ],
      [
        'the token cannot be sent',
        () => ({ token: 's3cret\nX: y' }),
        { code: 'credentials', message: expect.not.stringContaining('s3cret') },
      ],
    ])('%s', async (_name, flags, error) => {
      const transport = await connect(flags(server.port));
      await expect(transport.send({ method: 'GET', path: '/' })).rejects.toMatchObject(error);
    });

    test('TLS is spoken to a server without', async () => {
      const plain = await startRecordingServer(null);
      const transport = await connect({ server: `https://127.0.0.1:${plain.port}` });
      await expect(transport.send({ method: 'GET', path: '/' })).rejects.toMatchObject({
        code: 'tls',
        message: `Unable to connect to the server: tls: 127.0.0.1:${plain.port} does not speak TLS`,
      });
      await plain.close();
    });

    test('a body breaks off', async () => {
      server.answer = (request, response) => {
        response.write('beginning', () => request.socket.destroy());
      };
      const answer = await (await connect()).send({ method: 'GET', path: '/' });
      await expect(text(answer)).rejects.toMatchObject({ code: 'unreachable' });
    });

    test('certificate and key do not belong together', async () => {
      const clientCertificate = certificates.path('jane.crt');
      await expect(
        connect({ clientCertificate, clientKey: certificates.path('john.key') }),
      ).rejects.toMatchObject({
        code: 'config',
        message: expect.stringMatching(/^unable to load the client certificate/),
      });
    });
  });

  test('close() ends the connections, those that are being opened as well', async () => {
    const { silent, port } = await neverAnswering();
    const transport = await connect({ server: `https://127.0.0.1:${port}` });
    const accepted = once(silent, 'connection');
    const sending = transport.send({ method: 'GET', path: '/' });
    const [socket] = await accepted;
    transport.close();
    await expect(sending).rejects.toMatchObject({ code: 'interrupted' });
    await once(socket, 'close');
    await expect(transport.send({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'interrupted' });
  });
});
