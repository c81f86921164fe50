import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { startRecordingServer } from './recording-server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leader-connection-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MODULE = JSON.stringify(new URL('../../src/kube/connection.ts', import.meta.url).href);

/** What is imported until a connection with this user is ready to send, in a process of its own. */
function importsFor(user: object): string[] {
  const kubeconfig = join(folder, 'config');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1', 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user }],
    }),
  );
  const program = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve: (name, context, next) => { seen.push(name); return next(name, context); } });
    const { openConnection } = await import(${MODULE});
    await openConnection(
      { kubeconfig: ${JSON.stringify(kubeconfig)}, cluster: 'c', user: 'u' },
      { env: {}, homeDir: '/', stdinIsTerminal: false, version: 'test' },
    );
    console.log(JSON.stringify(seen));
  `;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], {
    encoding: 'utf8',
  });
  return JSON.parse(printed) as string[];
}

test('a token or a certificate needs no plugin, no proxy and no client library to be loaded', () => {
  const imports = importsFor({ token: 't' });
  expect(imports).toContain('node:https');
  expect(imports.filter((name) => /child_process|client-node|proxy-tunnel|exec-|zlib/.test(name))).toEqual(
    [],
  );
});

test('an auth provider loads the client library only when a request is sent', () => {
  const imports = importsFor({ 'auth-provider': { name: 'oidc', config: {} } });
  expect(imports).toContain('./auth-provider.ts');
  expect(imports).not.toContain('@kubernetes/client-node');
});

test('a program that has its answer can end, although the connection is kept and there was time left', async () => {
  const server = await startRecordingServer(null);
  onTestFinished(() => server.close());
  const program = `
    const { openConnection } = await import(${MODULE});
    const { transport } = await openConnection(
      { server: ${JSON.stringify(server.url)}, requestTimeout: '1h' },
      { env: {}, homeDir: '/nowhere', stdinIsTerminal: false, version: 'test' },
    );
    const answer = await transport.send({ method: 'GET', path: '/' });
    for await (const chunk of answer.body) console.log(chunk.length);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(server.seen).toHaveLength(1);
});
