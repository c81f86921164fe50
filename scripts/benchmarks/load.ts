import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAccess } from '../../test/e2e/support/api-access.ts';
import { hasTerminals, Terminal } from '../../test/e2e/support/terminal.ts';
import { type Cost, costsOf, figuresIn, readersOf, urlsIn } from './contest.ts';
import { CountingProxy } from './proxy.ts';
import type { Size } from './sizes.ts';
import { bytes, load, printTable } from './table.ts';

const HOUR_SECONDS = 3_600;
const RENEWED = 50;
const RENEW_EVERY_MS = 2_000;
/** Until the first pictures are complete, seconds. */
const SETTLED_SECONDS = 30;
const POLL_SECONDS = 2;
const WATCHED = ['leases', 'endpoints', 'configmaps'];

/** What it has cost after a while. */
interface Sum {
  seconds: number;
  requests: number;
  received: number;
  sent: number;
}

/** Renews Leases as electors do, until it is stopped. */
async function renewing(api: ApiAccess, count: number): Promise<() => Promise<void>> {
  const { items = [] } = await api.must('GET', `/apis/coordination.k8s.io/v1/leases?limit=${count}`);
  const stop = new AbortController();
  const renew = async (path: string, delayMs: number): Promise<void> => {
    await sleep(delayMs, null, { signal: stop.signal });
    for (;;) {
      const renewTime = new Date().toISOString().replace('Z', '000Z');
      await api.must('PATCH', path, { spec: { renewTime } });
      await sleep(RENEW_EVERY_MS, null, { signal: stop.signal });
    }
  };
  const all = items.map(({ metadata: { namespace, name } }, index) =>
    renew(
      `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`,
      (index * RENEW_EVERY_MS) / count,
    ),
  );
  const ended = Promise.allSettled(all);
  return async () => {
    stop.abort();
    await ended;
  };
}

/** The list in a terminal for some seconds; what it told about its requests when it was left. */
async function listFor(
  seconds: number,
  argv: readonly string[],
  proxy: CountingProxy,
  env: NodeJS.ProcessEnv,
): Promise<{ sum: Sum; trace: string }> {
  proxy.reset();
  const terminal = new Terminal(argv, { ...env, TERM: 'xterm-256color', COLUMNS: '160', LINES: '50' });
  await sleep(seconds * 1_000);
  const { received, sent } = proxy.traffic;
  terminal.type('q');
  await terminal.exited;
  // What a terminal shows ends its lines with a return too.
  const trace = terminal.shown.replaceAll('\r', '');
  return { sum: { seconds, requests: figuresIn(trace).requests, received, sent }, trace };
}

/** An hour, from how it began and from how it went on. */
function hourOf(short: Sum, long: Sum): Sum {
  const share = (HOUR_SECONDS - short.seconds) / (long.seconds - short.seconds);
  const on = (what: 'requests' | 'received' | 'sent'): number =>
    short[what] + (long[what] - short[what]) * share;
  return { seconds: HOUR_SECONDS, requests: on('requests'), received: on('received'), sent: on('sent') };
}

/** Watches that end after a time that is longer than what was measured begin anew within the hour. */
function resumedWithinTheHour(trace: string): number {
  const ends = urlsIn(trace).flatMap((url) => {
    const seconds = Number(new URL(url).searchParams.get('timeoutSeconds') ?? 0);
    return seconds === 0 ? [] : [seconds];
  });
  return ends.reduce((sum, seconds) => sum + Math.floor(HOUR_SECONDS / seconds), 0);
}

/** `kubectl get -w` on the kinds that carry locks. */
async function watchFor(seconds: number, proxy: CountingProxy, env: NodeJS.ProcessEnv): Promise<Sum> {
  proxy.reset();
  const children = WATCHED.map((kind) =>
    spawn('kubectl', ['get', kind, '-A', '-w'], { env, stdio: 'ignore' }),
  );
  await sleep(seconds * 1_000);
  const { received, sent } = proxy.traffic;
  await Promise.all(
    children.map(async (child) => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGINT');
      await ended;
    }),
  );
  return { seconds, requests: 2 * WATCHED.length, received, sent };
}

function polled(cost: Cost): Sum {
  const times = HOUR_SECONDS / POLL_SECONDS;
  return {
    seconds: HOUR_SECONDS,
    requests: cost.requests * times,
    received: cost.received * times,
    sent: cost.sent * times,
  };
}

/** What the API server has to do for one look, and for an hour of the list, beside what kubectl and a poller ask of it. */
export async function measureLoad(
  api: ApiAccess,
  binary: string,
  size: Size,
  seconds: number,
): Promise<void> {
  const costs = await costsOf(api, binary);
  const readers = await readersOf(api, binary);
  const [look, leases] = costs;
  if (look === undefined || leases === undefined) throw new Error('nothing was read');
  const proxy = await CountingProxy.to(api.coordinates.server);
  const stop = await renewing(api, RENEWED);
  try {
    const env = {
      ...process.env,
      ...readers[0]?.env,
      KUBECONFIG: api.kubeconfig('admin', { server: proxy.url }),
    };
    const rows: [string, Sum][] = [];
    if (hasTerminals) {
      const argv = [binary, 'ls', '-v=6'];
      const short = await listFor(SETTLED_SECONDS, argv, proxy, env);
      const long = await listFor(SETTLED_SECONDS + seconds, argv, proxy, env);
      const hour = hourOf(short.sum, long.sum);
      const requests = hour.requests + resumedWithinTheHour(long.trace);
      rows.push([`the list, its first ${SETTLED_SECONDS} s`, short.sum]);
      rows.push(['the list, an hour', { ...hour, requests }]);
    } else console.log('The list is not measured: there is no script(1) on PATH to give it a terminal.');
    await watchFor(SETTLED_SECONDS, proxy, env);
    const begun = await watchFor(SETTLED_SECONDS, proxy, env);
    const watched = await watchFor(SETTLED_SECONDS + seconds, proxy, env);
    rows.push([`kubectl get -w, ${WATCHED.length} kinds, an hour`, hourOf(begun, watched)]);
    rows.push([`kubectl get leases -A every ${POLL_SECONDS} s, an hour`, polled(leases)]);
    const all: [string, Sum][] = [
      ['kubectl-leader ls, once', { ...look, seconds: 0 }],
      ['kubectl get leases -A, once', { ...leases, seconds: 0 }],
      ...rows,
    ];
    printTable(
      `What the API server is asked for: ${size.name}, ${RENEWED} of its locks renewed every ${RENEW_EVERY_MS / 1000} s; hours are extrapolated from ${seconds} s (${load()})`,
      ['', 'requests', 'received', 'sent'],
      all.map(([name, sum]) => [
        name,
        String(Math.round(sum.requests)),
        bytes(sum.received),
        bytes(sum.sent),
      ]),
    );
  } finally {
    await stop();
    await proxy.close();
  }
}
