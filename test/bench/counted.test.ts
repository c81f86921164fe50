import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectsBeyond } from '../../scripts/benchmarks/objects.ts';
import type { Size } from '../../scripts/benchmarks/sizes.ts';
import { survey } from '../../src/app/survey.ts';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { Snapshot } from '../../src/core/report.ts';
import { KubeCluster } from '../../src/kube/cluster.ts';
import { openConnection } from '../../src/kube/connection.ts';
import { visibleRows } from '../../src/tui/rows.ts';
import { sampleReport } from '../output/sample-reports.ts';
import { type ServedSandbox, servedSandbox } from '../sandbox/served.ts';
import { pod } from '../support/objects.ts';
import { Story } from '../tui/story.ts';

/*
 * What scripts/bench measures, as far as it can be counted: these fail when something grows grossly, on any machine, and
 * never because a machine is slow. The limits leave room; docs/performance.md has the figures.
 */

const SMALL: Size = {
  name: 'small',
  nodes: 3,
  pods: 100,
  leases: 40,
  legacyLocks: 10,
  endpoints: 10,
  configMaps: 10,
  podsInNamespace: 1_000,
};
/** The same ten times. */
const LARGE: Size = {
  name: 'large',
  nodes: 30,
  pods: 1_000,
  leases: 400,
  legacyLocks: 100,
  endpoints: 100,
  configMaps: 100,
  podsInNamespace: 1_000,
};

const EVERYTHING = { namespace: null, labelSelector: null, heartbeats: false };

interface Look {
  snapshot: Snapshot;
  requests: string[];
  bytes: number;
}

/** One look at all locks of a cluster, through the real connection; what it asked for and what it was given. */
async function lookAt(size: Size, alter: (sandbox: ServedSandbox) => void = () => {}): Promise<Look> {
  const sandbox = await servedSandbox();
  try {
    for (const object of objectsBeyond(size, null)) sandbox.api.store.create(object);
    alter(sandbox);
    const facts = { env: {}, homeDir: '/nonexistent', stdinIsTerminal: false, version: '0' };
    const { transport, context } = await openConnection({ kubeconfig: sandbox.access.kubeconfig() }, facts);
    const look = { requests: [] as string[], bytes: 0 };
    const counting = {
      send: async (request: Parameters<typeof transport.send>[0]) => {
        look.requests.push(`${request.path}?${request.query ?? ''}`);
        const { body, ...answer } = await transport.send(request);
        const counted = async function* () {
          for await (const chunk of body) {
            look.bytes += chunk.byteLength;
            yield chunk;
          }
        };
        return { ...answer, body: counted() };
      },
      close: () => transport.close(),
    };
    try {
      const cluster = new KubeCluster(counting, context, systemClock);
      const never = new AbortController().signal;
      return { ...look, snapshot: await survey(cluster, systemClock, EVERYTHING, never), bytes: look.bytes };
    } finally {
      transport.close();
    }
  } finally {
    await sandbox.stop();
  }
}

describe('one look at all locks', () => {
  let small: Look;
  let large: Look;

  beforeAll(async () => {
    small = await lookAt(SMALL);
    large = await lookAt(LARGE);
  });

  test('finds every lock and its holder', () => {
    expect(small.snapshot.reports).toHaveLength(50);
    expect(new Set(small.snapshot.reports.map(({ verdict }) => verdict))).toEqual(new Set(['Healthy']));
    expect(large.snapshot.reports).toHaveLength(500);
  });

  test('of a healthy cluster takes one request a kind', () => {
    expect(small.requests.length).toBeLessThanOrEqual(6);
  });

  test('of ten times as many locks in as many namespaces, some of them bad, takes few more', () => {
    const bad = large.snapshot.reports.filter(({ verdict }) => verdict !== 'Healthy').length;
    expect(bad).toBeGreaterThan(0);
    expect(large.requests.length).toBeLessThanOrEqual(small.requests.length + 15 + 10 * bad);
  });

  test('reads no Pod in full to find healthy holders, and no contents of ConfigMaps', () => {
    const objects = (size: Size): number =>
      size.nodes + size.pods + size.leases + size.legacyLocks + size.endpoints + size.configMaps;
    // A Pod of this cluster in full is more than 2 kB, a ConfigMap too.
    expect(small.bytes / objects(SMALL)).toBeLessThan(300);
    expect(large.bytes / objects(LARGE)).toBeLessThan(300);
    expect(large.bytes / small.bytes).toBeLessThan(12);
  });

  test('does not grow with Pods where no lock is', async () => {
    const beside = await lookAt(SMALL, ({ api }) => {
      for (let index = 0; index < 500; index++)
        api.store.create(pod({ namespace: 'elsewhere', name: `pod-${index}` }));
    });
    expect(beside.requests).toHaveLength(small.requests.length);
    expect(beside.bytes / small.bytes).toBeLessThan(1.1);
  });
});

describe('the live list', () => {
  test('renders no more rows than the screen has, however many locks there are', () => {
    const story = new Story({ columns: 120, rows: 30 });
    const reports = Array.from({ length: 10_000 }, (_, index) => sampleReport({ name: `lock-${index}` }));
    story.show(...reports);
    expect(story.state.locks.size).toBe(10_000);
    for (const key of ['g', 'j', 'G', 'pageup']) {
      story.press(key);
      expect(visibleRows(story.state).length).toBeGreaterThan(20);
      expect(visibleRows(story.state).length).toBeLessThanOrEqual(30);
    }
  });
});

/** Tells on stderr how much of Node.js a run loaded, and how many libraries the bundle compiled. */
const HOOK = `
  let libraries = 0;
  globalThis.Function = new Proxy(Function, {
    construct(target, parts) {
      if (String(parts.at(-1)).length > 10_000) libraries += 1;
      return Reflect.construct(target, parts);
    },
  });
  process.on('exit', () => {
    const modules = process.moduleLoadList.filter((name) => name.startsWith('NativeModule')).length;
    require('node:fs').writeSync(2, '\\n' + JSON.stringify({ modules, libraries }));
  });
`;

describe('the start of the program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leader-counted-'));
  const bundle = join(folder, 'kubectl-leader.cjs');
  const hook = join(folder, 'hook.cjs');

  beforeAll(() => {
    writeFileSync(hook, HOOK);
    const build = resolve(import.meta.dirname, '../../scripts/build.ts');
    const { status, stderr } = spawnSync(process.execPath, [build, bundle], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  function started(...args: string[]): { modules: number; libraries: number } {
    const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'none') };
    const { stderr } = spawnSync(process.execPath, ['--require', hook, ...args], { encoding: 'utf8', env });
    return JSON.parse(stderr.slice(stderr.lastIndexOf('\n'))) as { modules: number; libraries: number };
  }

  test.each([
    { args: ['version'], most: 40 },
    { args: ['--help'], most: 40 },
    { args: ['completion', 'bash'], most: 40 },
    { args: ['ls'], most: 100 },
  ])('$args loads little of Node.js and none of the large libraries', ({ args, most }) => {
    const bare = started('-e', '0');
    const { modules, libraries } = started(bundle, ...args);
    expect(libraries).toBe(0);
    expect(modules - bare.modules).toBeLessThanOrEqual(most);
  });

  test('the bundle does not double unnoticed', () => {
    expect(statSync(bundle).size).toBeLessThan(2_600_000);
  });
});
