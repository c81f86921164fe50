import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

/** Enough of an API server for a list of one lock, and for watches in which nothing ever happens. */
function apiServer(): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    response.setHeader('content-type', 'application/json');
    if (url.searchParams.has('watch')) {
      response.flushHeaders();
      return;
    }
    const item = {
      metadata: { name: 'some-lock', namespace: 'default', uid: 'u', resourceVersion: '1' },
      spec: {
        holderIdentity: 'somebody',
        leaseDurationSeconds: 15,
        renewTime: '2020-01-01T00:00:00.000000Z',
        leaseTransitions: 1,
      },
    };
    if (url.pathname.endsWith('/some-lock')) {
      response.end(JSON.stringify({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...item }));
      return;
    }
    const items = url.pathname.endsWith('/leases') ? [item] : [];
    response.end(
      JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items }),
    );
  });
}

let server: Server;
const started: ChildProcess[] = [];

beforeAll(async () => {
  server = apiServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
});

function start(...argv: string[]) {
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [MAIN, `--server=http://127.0.0.1:${port}`, ...argv], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, stderr: text(child.stderr), ended };
}

describe('the process', () => {
  test('lists and ends by itself', async () => {
    const { child, ended } = start('-o', 'name');
    expect(await text(child.stdout)).toBe('lease.coordination.k8s.io/some-lock\n');
    expect(await ended).toBe(0);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends --watch', async (signal, code) => {
    const { child, stderr, ended } = start('--watch', '-o', 'name');
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(await stderr).not.toContain('error');
  });

  test('SIGINT ends --observe early, with what is known', async () => {
    const watching = new Promise<void>((resolve) => {
      server.on('request', ({ url }) => {
        if (url?.includes('watch=')) resolve();
      });
    });
    const { child, stderr, ended } = start('--observe=1h', '-o', 'name');
    await watching;
    child.kill('SIGINT');
    expect(await text(child.stdout)).toBe('lease.coordination.k8s.io/some-lock\n');
    expect(await ended).toBe(0);
    expect(await stderr).toContain('note: watching was ended early');
  });

  test.each([[['-o', 'json']], [['--watch', '-o', 'name']]])(
    '%j ends quietly when nobody reads it',
    async (argv) => {
      const { child, stderr, ended } = start(...argv);
      child.stdout.destroy();
      expect(await ended).toBe(0);
      expect(await stderr).not.toMatch(/error|EPIPE| at /);
    },
  );

  test.skipIf(process.platform === 'win32')(
    'fails where only the beginning of its output fits into a file',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'leader-process-'));
      try {
        const file = join(folder, 'out');
        const script = 'ulimit -f 1; exec "$@" > "$0"';
        const child = spawn('sh', ['-c', script, file, process.execPath, MAIN, 'ls', '--help']);
        started.push(child);
        const stderr = text(child.stderr);
        expect(await once(child, 'exit')).toEqual([1, null]);
        expect(await stderr).toMatch(/^error: cannot write to standard output: EFBIG.*\n$/);
        expect(statSync(file).size).toBeGreaterThan(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test.skipIf(process.platform !== 'linux')('version fails where it cannot be written', async () => {
    const start = join(import.meta.dirname, '../../src/start.ts');
    const child = spawn('sh', ['-c', 'exec "$@" > /dev/full', 'sh', process.execPath, start, 'version']);
    started.push(child);
    const stderr = text(child.stderr);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await stderr).toMatch(/^error: cannot write to standard output: ENOSPC.*\n$/);
  });

  test('has a line for an error, and no stack', async () => {
    const { stderr, ended } = start('--context', 'nowhere');
    expect(await ended).toBe(1);
    expect(await stderr).toMatch(/^error: .*nowhere.*\n/);
    expect(await stderr).not.toContain('    at ');
  });
});
