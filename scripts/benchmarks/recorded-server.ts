/**
 * An API server for sizes that no control plane on one machine holds: the sandbox's answers, each made once, kept
 * compressed, and given again and again. `node recorded-server.ts SHARE` prints the coordinates as JSON, and serves until
 * its standard input ends.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { Api } from '../../src/sandbox/api/api.ts';
import { type RunningServer, serve } from '../../src/sandbox/api/http-server.ts';
import type { ControlPlaneCoordinates } from '../../test/e2e/support/api-access.ts';
import { namespaces, objectsBeyond } from './objects.ts';
import { extraLarge } from './sizes.ts';

interface Answer {
  status: number;
  type: string;
  compressed: Buffer;
}

const size = extraLarge(Number(process.argv[2] ?? '1'));
const token = randomUUID();

function apiWith(objects: Iterable<ClusterObject>): Api {
  const api = new Api(systemClock, randomUUID);
  api.access.admit('admin', token, 'everything');
  for (const object of namespaces(size)) api.store.create({ ...object, status: { phase: 'Active' } });
  for (const object of objects) api.store.create(object);
  return api;
}

const objects = [...objectsBeyond(size, null)];
const sandbox = await serve(apiWith(objects));
const agent = new Agent({ keepAlive: true, ca: sandbox.authority });
const byNamespace = Map.groupBy(objects, ({ metadata }) => metadata.namespace ?? '');
const parts = new Map<string, Promise<RunningServer>>();

/** What is asked of one namespace is answered from its objects alone: going through all of them takes seconds each time. */
async function serverFor(url: string): Promise<string> {
  const [, namespace] = /\/namespaces\/([^/?]+)\//.exec(url) ?? [];
  if (namespace === undefined) return sandbox.url;
  const certificate = { certificate: sandbox.authority, key: sandbox.key };
  const part = parts.get(namespace) ?? serve(apiWith(byNamespace.get(namespace) ?? []), certificate);
  parts.set(namespace, part);
  return (await part).url;
}

const recorded = new Map<string, Promise<Answer>>();

async function ask(
  url: string,
  { accept = '', authorization = '' }: IncomingMessage['headers'],
): Promise<Answer> {
  const server = await serverFor(url);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(new URL(url, server), { agent, headers: { accept, authorization } }, resolve);
    asked.once('error', reject);
    asked.end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return {
    status: answer.statusCode ?? 500,
    type: answer.headers['content-type'] ?? 'application/json',
    // As fast as the API server compresses.
    compressed: await promisify(gzip)(Buffer.concat(chunks), { level: 1 }),
  };
}

const server = createServer({ cert: sandbox.authority, key: sandbox.key }, (asked, response) => {
  const { url = '/', headers } = asked;
  const key = `${url} ${headers.accept} ${headers.authorization}`;
  const known = recorded.get(key) ?? ask(url, headers);
  recorded.set(key, known);
  known.then(
    ({ status, type, compressed }) => {
      response.writeHead(status, {
        'content-type': type,
        'content-encoding': 'gzip',
        'content-length': compressed.length,
      });
      response.end(compressed);
    },
    () => response.destroy(),
  );
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const folder = mkdtempSync(join(tmpdir(), 'leader-recorded-'));
const coordinates: ControlPlaneCoordinates = {
  server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
  certificateFile: join(folder, 'ca.crt'),
  certificateKeyFile: join(folder, 'ca.key'),
  folder,
  tokens: { admin: token },
  assets: '',
};
writeFileSync(coordinates.certificateFile, sandbox.authority);
writeFileSync(coordinates.certificateKeyFile, sandbox.key, { mode: 0o600 });
console.log(JSON.stringify(coordinates));
process.stdin.resume().once('end', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
