import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { openConnection } from '../../src/kube/connection.ts';
import { readText } from '../../src/kube/link.ts';
import { RequestTrace, sizeText } from '../../src/kube/request-trace.ts';
import type { HttpRequest } from '../../src/kube/transport.ts';
import { type RecordingServer, startRecordingServer } from './recording-server.ts';
import { open, reply, ScriptedStream, ScriptedTransport } from './scripted-transport.ts';

const SERVER = 'https://user:secret@cluster.invalid:6443/prefix/';

function get(path: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', path, ...more };
}

describe('what -v=6 tells', () => {
  let now = 0;
  let lines: string[] = [];
  const trace = (): RequestTrace =>
    new RequestTrace(
      (line) => lines.push(line),
      () => now,
    );

  beforeEach(() => {
    now = 0;
    lines = [];
  });

  test('is a line when an answer is complete: what was asked, how it ended, how long it took, how large it was', async () => {
    const transport = trace().over(new ScriptedTransport(reply(200, 'x'.repeat(4_200))), SERVER);
    const answer = await transport.send(
      get('/api/v1/pods', { query: new URLSearchParams({ limit: '500' }) }),
    );
    expect(lines).toEqual([]);
    now = 12;
    await readText(answer);
    expect(lines).toEqual([
      'GET https://cluster.invalid:6443/prefix/api/v1/pods?limit=500 200 OK in 12 ms, 4.2 kB',
    ]);
  });

  test('never has a header, a body or a login in it', async () => {
    const transport = trace().over(
      new ScriptedTransport(reply(403, { kind: 'Status', message: 'answer-secret' })),
      SERVER,
    );
    const request: HttpRequest = {
      method: 'POST',
      path: '/api/v1/namespaces/x/pods',
      headers: { Authorization: 'Bearer header-secret' },
      body: 'body-secret',
    };
    await readText(await transport.send(request));
    expect(lines.join('\n')).toContain(
      'POST https://cluster.invalid:6443/prefix/api/v1/namespaces/x/pods 403 Forbidden',
    );
    expect(lines.join('\n')).not.toMatch(/secret/);
  });

  test('cannot be made to write escape sequences', async () => {
    const transport = trace().over(new ScriptedTransport(reply(200, {})), SERVER);
    await readText(await transport.send(get('/api/v1/\u001b[2Jpods')));
    expect(lines[0]).toContain('/api/v1/^[[2Jpods');
  });

  test('tells a request that got no answer, and why', async () => {
    const refused = new LeaderError('unreachable', 'connection refused');
    const transport = trace().over(new ScriptedTransport(refused), SERVER);
    await expect(transport.send(get('/api'))).rejects.toBe(refused);
    expect(lines).toEqual(['GET https://cluster.invalid:6443/prefix/api failed in 0 ms: unreachable']);
  });

  test('tells a watch when it opens and when it ends', async () => {
    const stream = new ScriptedStream().push('12345');
    const tracer = trace();
    const transport = tracer.over(new ScriptedTransport(open(stream)), SERVER);
    const answer = await transport.send(get('/api/v1/pods', { streaming: true }));
    expect(lines).toEqual(['GET https://cluster.invalid:6443/prefix/api/v1/pods 200 OK in 0 ms']);
    now = 60_000;
    stream.end();
    await readText(answer);
    expect(lines[1]).toBe('GET https://cluster.invalid:6443/prefix/api/v1/pods ended after 60000 ms, 5 B');
    expect(tracer.figures({ elapsedMs: 60_100, peakBytes: 64 << 20 })).toMatch(
      /^1 requests \(1 watches\), 0 of them one after another, .* 60100 ms, 64 MiB at most$/,
    );
  });

  test('says of an answer that was not read, or broke off, that it is not whole', async () => {
    const broken = new ScriptedStream().push('12').end(new Error('reset'));
    const transport = trace().over(new ScriptedTransport(reply(404, 'no'), open(broken)), SERVER);
    (await transport.send(get('/a'))).discard();
    await expect(readText(await transport.send(get('/b')))).rejects.toThrow('reset');
    expect(lines.map((line) => line.replace(/.*\d ms, /, ''))).toEqual([
      '0 B, not read to its end',
      '2 B, broken off',
    ]);
  });

  test('counts how many requests had to wait for others', async () => {
    const tracer = trace();
    const transport = tracer.over(
      new ScriptedTransport(reply(200, 'a'), reply(200, 'b'), reply(200, 'c')),
      SERVER,
    );
    const [a, b] = [await transport.send(get('/a')), await transport.send(get('/b'))];
    now = 10;
    await readText(a);
    now = 15;
    await readText(b);
    now = 20;
    const c = await transport.send(get('/c'));
    now = 30;
    await readText(c);
    expect(tracer.figures({ elapsedMs: 30, peakBytes: 1 << 20 })).toContain(
      '3 requests, 2 of them one after another',
    );
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [4_250_000, '4.3 MB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('over a connection', () => {
  let server: RecordingServer;

  beforeEach(async () => {
    server = await startRecordingServer(null);
  });
  afterEach(() => server.close());

  test('what came over the network is told beside what the answers held', async () => {
    const lines: string[] = [];
    const tracer = new RequestTrace((line) => lines.push(line), systemClock.mono);
    server.answer = (_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('x'.repeat(1_000_000)));
    };
    const facts = { env: {}, homeDir: '/nonexistent', stdinIsTerminal: false, version: '0' };
    const { transport } = await openConnection({ server: server.url }, facts);
    try {
      await readText(await tracer.over(transport, server.url).send(get('/api')));
    } finally {
      transport.close();
    }
    expect(lines[0]).toMatch(/\/api 200 OK in \d+ ms, 1\.0 MB$/);
    const figures = tracer.figures({ elapsedMs: 1, peakBytes: 1 });
    expect(figures).toMatch(/^1 requests, 1 of them one after another, 1 connections, /);
    expect(figures).toMatch(/, \d\.\d kB received, 1\.0 MB of answers, /);
  });
});
