import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionFlags } from '../../src/app/ports.ts';
import { openConnection } from '../../src/kube/connection.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { startHttpProxy, startSocksProxy } from './proxies.ts';
import { type RecordingServer, startRecordingServer } from './recording-server.ts';

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

describe('through a proxy', () => {
  let certificates: Certificates;
  let server: RecordingServer;
  let plain: RecordingServer;
  const cleanup: (() => void)[] = [];

  beforeAll(async () => {
    certificates = makeCertificates();
    server = await startRecordingServer(certificates);
    plain = await startRecordingServer(null);
  });
  afterAll(async () => {
    await Promise.all([server.close(), plain.close()]);
    certificates.remove();
  });
  afterEach(() => {
    for (const each of cleanup.splice(0)) each();
    server.seen = [];
    plain.seen = [];
  });

  async function send(
    flags: ConnectionFlags,
    proxyUrl: string,
    env: Record<string, string> = {},
  ): Promise<number> {
    const cluster = {
      server: `https://api.example:${server.port}`,
      'certificate-authority': 'ca.crt',
      ...(proxyUrl === '' ? {} : { 'proxy-url': proxyUrl }),
    };
    const kubeconfig = certificates.path('config');
    writeFileSync(kubeconfig, JSON.stringify({ clusters: [{ name: 'far', cluster }] }));
    const { transport } = await openConnection(
      { kubeconfig, cluster: 'far', token: 't', ...flags },
      { env, homeDir: certificates.folder, stdinIsTerminal: false, version: 'test' },
    );
    cleanup.push(() => transport.close());
    const answer = await transport.send({ method: 'GET', path: '/probe' });
    answer.discard();
    return answer.status;
  }

  test('CONNECT: the proxy resolves the name and sees no token, the certificate is checked', async () => {
    const proxy = await startHttpProxy(null);
    cleanup.push(proxy.close);
    expect(await send({}, `http://127.0.0.1:${proxy.port}`)).toBe(200);
    expect(proxy.asked).toEqual([`CONNECT api.example:${server.port} by nobody`]);
    expect(server.seen).toMatchObject([
      { url: '/probe', authorization: 'Bearer t', serverName: 'api.example' },
    ]);
    await expect(
      send({ tlsServerName: 'other.example' }, `http://127.0.0.1:${proxy.port}`),
    ).rejects.toMatchObject({ code: 'tls' });
  });

  test('CONNECT with a login', async () => {
    const proxy = await startHttpProxy(null);
    cleanup.push(proxy.close);
    expect(await send({}, `http://ann:p%40ss@127.0.0.1:${proxy.port}`)).toBe(200);
    expect(proxy.asked).toEqual([`CONNECT api.example:${server.port} by ${basic('ann:p@ss')}`]);
  });

  test('HTTPS_PROXY is taken where the kubeconfig names none', async () => {
    const proxy = await startHttpProxy(null);
    cleanup.push(proxy.close);
    expect(await send({}, '', { HTTPS_PROXY: `127.0.0.1:${proxy.port}` })).toBe(200);
    expect(proxy.asked).toHaveLength(1);
  });

  test('a proxy with TLS is only trusted with a certificate that the system knows', async () => {
    const proxy = await startHttpProxy(certificates);
    cleanup.push(proxy.close);
    await expect(send({}, `https://127.0.0.1:${proxy.port}`)).rejects.toMatchObject({
      code: 'tls',
      message: expect.stringContaining(`127.0.0.1:${proxy.port} is signed by unknown authority`),
    });
    expect(proxy.asked).toEqual([]);
  });

  test('plain http is forwarded, not tunnelled', async () => {
    const proxy = await startHttpProxy(null);
    cleanup.push(proxy.close);
    const flags = { server: `http://plain.example:${plain.port}` };
    expect(await send(flags, `http://ann:x@127.0.0.1:${proxy.port}`)).toBe(200);
    expect(proxy.asked).toEqual([`GET http://plain.example:${plain.port}/probe by ${basic('ann:x')}`]);
    expect(plain.seen).toMatchObject([{ url: '/probe', authorization: null }]);
  });

  test('SOCKS5: the proxy resolves the name', async () => {
    const proxy = await startSocksProxy(null);
    cleanup.push(proxy.close);
    expect(await send({}, `socks5://127.0.0.1:${proxy.port}`)).toBe(200);
    expect(
      await send({ server: `http://plain.example:${plain.port}` }, `socks5://127.0.0.1:${proxy.port}`),
    ).toBe(200);
    expect(proxy.asked).toEqual([
      `api.example:${server.port} by nobody`,
      `plain.example:${plain.port} by nobody`,
    ]);
    expect([server.seen.length, plain.seen.length]).toEqual([1, 1]);
  });

  test('SOCKS5 with a login', async () => {
    const proxy = await startSocksProxy('ann:p@ss');
    cleanup.push(proxy.close);
    expect(await send({}, `socks5://ann:p%40ss@127.0.0.1:${proxy.port}`)).toBe(200);
    expect(proxy.asked).toEqual([`api.example:${server.port} by ann:p@ss`]);
  });

  describe('that does not help, the error names it and shows no password', () => {
    test.each([
      ['407 Proxy Authentication Required', /wants a user name and a password, or other ones \(407\)$/],
      ['403 Forbidden', /refused to open a tunnel to api\.example:\d+ \(HTTP status 403\)$/],
    ])('%s', async (refusal, message) => {
      const proxy = await startHttpProxy(null, refusal);
      cleanup.push(proxy.close);
      const failure = send({}, `http://ann:s3cret@127.0.0.1:${proxy.port}`);
      await expect(failure).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(message),
      });
      await expect(failure).rejects.not.toThrow(/s3cret/);
      await expect(failure).rejects.toThrow(`the proxy 127.0.0.1:${proxy.port} `);
      await expect.poll(() => proxy.asked).toContain('closed');
    });

    test.each<[string, string | null, number, string, RegExp]>([
      ['a login is missing', 'ann:x', 0, '', /wants a user name and a password$/],
      ['the login is wrong', 'ann:x', 0, 'ann:s3cret@', /does not accept the user name and password$/],
      [
        'the target is refused',
        null,
        5,
        '',
        /refused to connect to api\.example: the connection was refused$/,
      ],
    ])('SOCKS5: %s', async (_name, login, reply, credentials, message) => {
      const proxy = await startSocksProxy(login, reply);
      cleanup.push(proxy.close);
      await expect(send({}, `socks5://${credentials}127.0.0.1:${proxy.port}`)).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(message),
      });
    });

    test('nobody listens there', async () => {
      await expect(send({}, 'http://127.0.0.1:1')).rejects.toMatchObject({
        code: 'unreachable',
        message:
          'The connection to the proxy 127.0.0.1:1 was refused - did you specify the right host or port?',
      });
    });

    test.each(['http', 'socks5'])('%s: it hangs up, or talks about something else', async (scheme) => {
      for (const greeting of ['', 'SSH-2.0-OpenSSH\r\n\r\n']) {
        const other = createServer((socket) => {
          socket.on('error', () => undefined);
          socket.end(greeting);
        }).listen(0, '127.0.0.1');
        await once(other, 'listening');
        cleanup.push(() => other.close());
        const { port } = other.address() as AddressInfo;
        await expect(send({}, `${scheme}://127.0.0.1:${port}`)).rejects.toMatchObject({
          code: 'unreachable',
          message: expect.stringContaining(`the proxy 127.0.0.1:${port} `),
        });
      }
    });
  });
});
