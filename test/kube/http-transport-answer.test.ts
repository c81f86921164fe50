import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANONYMOUS } from '../../src/kube/auth.ts';
import { resolveConnection } from '../../src/kube/config-resolve.ts';
import { hostOf } from '../../src/kube/connection-host.ts';
import { HttpTransport } from '../../src/kube/http-transport.ts';
import { readText } from '../../src/kube/link.ts';
import type { HttpAnswer } from '../../src/kube/transport.ts';
import { type RecordingServer, startRecordingServer } from './recording-server.ts';

let server: RecordingServer;
let transport: HttpTransport;

beforeEach(async () => {
  server = await startRecordingServer(null);
  const host = hostOf({ env: {}, homeDir: '/nonexistent', stdinIsTerminal: false, version: 'test' });
  const connection = await resolveConnection({ server: server.url }, host);
  const credentials = { current: async () => ANONYMOUS, refresh: async () => false };
  transport = new HttpTransport(connection, credentials, { userAgent: 'test', connectTimeoutMs: 10_000 });
});

afterEach(async () => {
  transport.close();
  await server.close();
});

function get(signal?: AbortSignal): Promise<HttpAnswer> {
  return transport.send({ method: 'GET', path: '/', signal });
}

/** Another request, from its beginning to its end: whatever was to happen to the first one has happened. */
async function getAnother(): Promise<void> {
  server.answer = (_request, response) => response.end('another');
  expect(await readText(await get())).toBe('another');
}

describe('a body that nobody reads at first', () => {
  test('is there all the same', async () => {
    server.answer = (_request, response) => response.end('all');
    const answer = await get();
    await getAnother();
    expect(await readText(answer)).toBe('all');
  });

  test('is an error, not an end, if it broke off meanwhile', async () => {
    const closed = new Promise((resolve) => {
      server.answer = (request, response) => {
        resolve(once(request.socket, 'close'));
        response.setHeader('Content-Length', 100);
        response.write('beginning', () => request.socket.destroy());
      };
    });
    const answer = await get();
    await closed;
    await getAnother();
    await expect(readText(answer)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test.each([
    ['in the middle of it', (response: ServerResponse) => response.write('beginning')],
    ['when all of it had arrived', (response: ServerResponse) => response.end('all')],
  ])('is an error if its request was aborted meanwhile, %s', async (_when, begin) => {
    const abort = new AbortController();
    server.answer = (_request, response) => begin(response);
    const answer = await get(abort.signal);
    abort.abort();
    await getAnother();
    await expect(readText(answer)).rejects.toMatchObject({ code: 'interrupted' });
  });
});

test('what an abort takes away of a body does not pass for its end', async () => {
  const abort = new AbortController();
  const reading = readText(await get(abort.signal));
  abort.abort();
  await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
});

test('a body that is read to its end leaves its connection to the next request', async () => {
  server.answer = (_request, response) => response.end('x'.repeat(1_000_000));
  expect(await readText(await get())).toHaveLength(1_000_000);
  await getAnother();
  const [read, another] = server.seen.map(({ connection }) => connection);
  expect(another).toBe(read);
});

test('a body that is left in the middle ends its connection', async () => {
  const closed = new Promise((resolve) => {
    server.answer = (request, response) => {
      request.socket.once('close', resolve);
      response.write('x'.repeat(100));
    };
  });
  expect(await readText(await get(), 10)).not.toBe('');
  await closed;
});
