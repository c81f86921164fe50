/**
 * Measures the live list with generated locks, through the real program part from watch events to the terminal's bytes:
 * how long a key takes to become a frame, and what it costs to leave the list open. `node scripts/bench-tui.ts [seconds]`
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import type { Cluster, WatchEvent } from '../src/app/ports.ts';
import { systemClock } from '../src/cli/system-clock.ts';
import type { ClusterObject } from '../src/core/cluster-object.ts';
import type { LeaderError } from '../src/core/errors.ts';
import { formatMicroTime } from '../src/core/time.ts';
import type { ListOptions, ListOutcome } from '../src/tui/run.tsx';

// What is left after a collection shows a leak within minutes; the process as a whole would take hours.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const NODES_IN_CLUSTER = 200;
const SIZE = { columns: 160, rows: 50 };
const KEYS = 400;

process.env['NODE_ENV'] = 'production';

type ShowList = (options: ListOptions, signal: AbortSignal) => Promise<ListOutcome>;

interface Program {
  showList: ShowList;
  LeaderError: typeof LeaderError;
}

/** Node.js reads no JSX: the list is bundled first, its libraries stay where they are. */
async function loadProgram(): Promise<Program & { remove: () => Promise<void> }> {
  const root = join(import.meta.dirname, '..');
  const folder = join(root, 'node_modules', '.bench');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, 'list.js');
  await build({
    stdin: {
      contents: "export * from './src/tui/run.tsx'; export { LeaderError } from './src/core/errors.ts';",
      resolveDir: root,
    },
    ...{ outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external', jsx: 'automatic' },
  });
  const program = (await import(outfile)) as Program;
  return { ...program, remove: () => rm(folder, { recursive: true, force: true }) };
}

const program = await loadProgram();

function lease(index: number, version: number): ClusterObject {
  const now = formatMicroTime(Date.now());
  const holder = `node-${index % NODES_IN_CLUSTER}_59a1b2c3-31b2-44f5-8a1f-0f1b3f6f7a11`;
  // Read from a text as it would come off the wire: that is part of what a renewal costs.
  return JSON.parse(
    JSON.stringify({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: `controller-${String(index).padStart(5, '0')}`,
        namespace: `team-${index % 50}`,
        uid: `uid-${index}`,
        resourceVersion: String(version),
        creationTimestamp: '2026-01-01T00:00:00Z',
        managedFields: [{ manager: 'elector', operation: 'Update', time: now }],
      },
      spec: {
        holderIdentity: holder,
        leaseDurationSeconds: 15,
        acquireTime: now,
        renewTime: now,
        leaseTransitions: 3,
      },
    }),
  ) as ClusterObject;
}

/** A cluster of nothing but Leases, each renewed every `everyMs`, evenly spread. */
function generated(count: number, everyMs: number): Cluster {
  const answer = { serverTime: { at: Date.now(), receivedAt: performance.now(), roundTripMs: 1 } };
  const unused = (): Promise<never> =>
    Promise.reject(new program.LeaderError('not-found', 'not in this bench'));
  return {
    context: {
      context: 'bench',
      server: 'https://bench.invalid',
      namespace: 'default',
      namespaceIsExplicit: false,
      user: null,
    },
    list: async (resource) => ({
      items: resource.plural === 'leases' ? Array.from({ length: count }, (_, index) => lease(index, 1)) : [],
      resourceVersion: '1',
      ...answer,
    }),
    rows: async (resource) => ({
      rows:
        resource.plural === 'nodes'
          ? Array.from({ length: NODES_IN_CLUSTER }, (_, index) => ({
              Name: `node-${index}`,
              Status: 'Ready',
            }))
          : [],
    }),
    async *watch(resource, _request, signal): AsyncGenerator<WatchEvent> {
      yield { type: 'connected', at: performance.now() };
      if (resource.plural !== 'leases') {
        await systemClock.sleep(2 ** 31 - 1, signal);
        return;
      }
      const perTurn = Math.ceil(count / (everyMs / 20));
      let next = 0;
      for (let turn = 1; !signal.aborted; turn++) {
        for (let sent = 0; sent < perTurn; sent++) {
          yield { type: 'modified', object: lease(next, 1 + turn), at: performance.now() };
          next = (next + 1) % count;
        }
        await systemClock.sleep(20, signal);
      }
    },
    get: unused,
    patch: unused,
    delete: unused,
    post: unused,
  };
}

class FakeTerminal extends Writable {
  readonly isTTY = true;
  readonly columns = SIZE.columns;
  readonly rows = SIZE.rows;
  bytes = 0;
  onWrite: () => void = () => {};

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    this.onWrite();
    done();
  }
}

function keyboard(): PassThrough {
  return Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => {},
    ref: () => {},
    unref: () => {},
  });
}

function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`;
}

/** Opens the list on `count` locks, runs `measure`, and leaves it. */
async function withList(
  count: number,
  everyMs: number,
  measure: (screen: FakeTerminal, press: (key: string) => void) => Promise<void>,
): Promise<void> {
  const stdout = new FakeTerminal();
  const stdin = keyboard();
  const leave = new AbortController();
  const shown = program.showList(
    {
      cluster: generated(count, everyMs),
      clock: systemClock,
      scope: { namespace: null, labelSelector: null, heartbeats: false },
      terminal: {
        stdin: stdin as unknown as NodeJS.ReadStream,
        stdout: stdout as unknown as NodeJS.WriteStream,
        stop: () => Promise.resolve(),
        onCrash: () => () => {},
      },
      spareRows: 0,
      setting: {
        color: true,
        screenReader: false,
        place: 'bench',
        namespace: null,
        verdicts: null,
        kinds: null,
        readOnly: true,
        choosing: false,
      },
      writing: { save: () => Promise.reject(new Error('nothing is written')), identity: () => '' },
    },
    leave.signal,
  );
  await systemClock.sleep(4_000);
  await measure(stdout, (key) => stdin.write(key));
  leave.abort();
  await shown;
}

async function keysToFrames(count: number, everyMs: number): Promise<void> {
  await withList(count, everyMs, async (screen, press) => {
    const times: number[] = [];
    const cpuTimes: number[] = [];
    const keys = ['j', 'j', 'j', '\u001b[6~', 'k', 'G', 'g', '\u001b[6~'];
    for (let at = 0; at < KEYS; at++) {
      const begun = performance.now();
      const cpu = process.cpuUsage();
      const drawn = new Promise<void>((resolve) => {
        screen.onWrite = resolve;
      });
      press(keys[at % keys.length] ?? 'j');
      await Promise.race([drawn, systemClock.sleep(200)]);
      times.push(performance.now() - begun);
      const { user, system } = process.cpuUsage(cpu);
      cpuTimes.push((user + system) / 1000);
      await systemClock.sleep(30 + (at % 13) * 3);
    }
    const spread = (values: readonly number[]): string =>
      `median ${percentile(values, 0.5)}, 99th percentile ${percentile(values, 0.99)}, worst ${percentile(values, 1)}`;
    console.log(
      `key to frame, ${count} locks renewed every ${everyMs / 1000} s, ${SIZE.columns}x${SIZE.rows}:`,
    );
    console.log(`  by the clock:     ${spread(times)}`);
    // On a machine that others use too, this is what the program itself took.
    console.log(`  processor time:   ${spread(cpuTimes)}`);
  });
}

async function leftOpen(count: number, everyMs: number, seconds: number): Promise<void> {
  await withList(count, everyMs, async (screen) => {
    const begun = { cpu: process.cpuUsage(), at: performance.now(), bytes: screen.bytes };
    const heap: string[] = [];
    for (let second = 0; second < seconds; second++) {
      await systemClock.sleep(1_000);
      if (second % Math.ceil(seconds / 10) !== 0) continue;
      collectGarbage();
      heap.push((process.memoryUsage().heapUsed / 2 ** 20).toFixed(1));
    }
    const { user, system } = process.cpuUsage(begun.cpu);
    const wallMs = performance.now() - begun.at;
    console.log(
      `left open, ${count} locks renewed every ${everyMs / 1000} s, for ${Math.round(wallMs / 1000)} s: ${((user + system) / 10 / wallMs).toFixed(1)} % of a core, ${Math.round((screen.bytes - begun.bytes) / wallMs)} kB/s to the terminal, heap over time ${heap.join(' ')} MB, RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`,
    );
  });
}

const seconds = Number(process.argv[2] ?? 60);
await leftOpen(1_000, 2_000, seconds);
await keysToFrames(10_000, 10_000);
await program.remove();
