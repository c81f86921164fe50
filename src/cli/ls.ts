import type { ObserveProgress } from '../app/observe.ts';
import type { Cluster } from '../app/ports.ts';
import { isProblem } from '../core/assess.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import { isOfKind } from '../core/lock.ts';
import { describeProgress } from '../core/progress-words.ts';
import type { Snapshot } from '../core/report.ts';
import { VERDICTS } from '../core/verdict.ts';
import { sortReports } from '../output/order.ts';
import { changesBetween } from '../output/watch-lines.ts';
import type { Command } from './command.ts';
import { EXITS } from './errors.ts';
import { connectionFlags } from './flags.ts';
import type { Host } from './host.ts';
import { listOnScreen, screenOf } from './list-on-screen.ts';
import { nothingFound, Remarks } from './ls-remarks.ts';
import { LS_FLAGS, type LsRequest, type LsValues, readLsRequest } from './ls-request.ts';
import { lookFor, printList } from './print-list.ts';
import { statusLine } from './status-line.ts';

function progressText({ elapsedMs, forMs, decided, total }: ObserveProgress): string {
  return `${describeProgress('watching', elapsedMs, forMs)}: ${decided} of ${total} locks seen`;
}

async function look(host: Host, cluster: Cluster, { scope, observeMs }: LsRequest): Promise<Snapshot> {
  const views = await host.views();
  if (observeMs === null) return views.survey(cluster, host.clock, scope, host.signal);
  const status = statusLine(host.stderr);
  const progress = (now: ObserveProgress): void => status(progressText(now));
  try {
    return await views.observe(cluster, host.clock, scope, observeMs, host.signal, progress);
  } finally {
    status(null);
  }
}

/** How many locks of the kinds that were asked for there are, before other filters leave any out. */
function countOfKind({ reports }: Snapshot, { kinds }: LsRequest): number {
  return reports.filter(({ lock }) => kinds === null || isOfKind(lock, kinds)).length;
}

async function listOnce(host: Host, cluster: Cluster, request: LsRequest): Promise<number> {
  const found = await look(host, cluster, request);
  const reports = sortReports(found.reports.filter(request.wanted), request.sort);
  await printList(host, request, { ...found, reports }, lookFor(host, request), countOfKind(found, request));
  return request.exitCode && reports.some(isProblem) ? EXITS.problems : EXITS.ok;
}

async function listOnAndOn(host: Host, cluster: Cluster, request: LsRequest): Promise<number> {
  const { wanted, output, sort } = request;
  const print = output.follow?.(lookFor(host, request));
  const remarks = new Remarks((text) => host.stderr.write(text));
  const { follow } = await host.views();
  let before: Snapshot | null = null;
  for await (const found of follow(cluster, host.clock, request.scope, host.signal)) {
    const snapshot: Snapshot = { ...found, reports: sortReports(found.reports, sort) };
    // A lock that was listed and is no longer wanted gets a line as well: its recovery is news.
    const changes = changesBetween(before, snapshot).filter(
      ({ report, before: old }) => wanted(report) || (old !== null && wanted(old)),
    );
    if (print !== undefined) host.stdout.write(print(changes, found.takenAt));
    remarks.tell(found.notes);
    if (before === null && output.forPeople && changes.length === 0) {
      host.stderr.write(nothingFound(request, found.notes, countOfKind(found, request)));
    }
    before = snapshot;
  }
  return host.signal.aborted ? EXITS.interrupted : EXITS.ok;
}

const VERDICT_WIDTH = Math.max(...Object.keys(VERDICTS).map((code) => code.length));

const VERDICT_LINES = Object.entries(VERDICTS)
  .map(([code, { meaning }]) => `  ${code.padEnd(VERDICT_WIDTH)}  ${meaning}`)
  .join('\n');

/** A selector that the API server cannot read is the user's mistake, and not that of whatever was to be listed. */
function namingTheSelector(error: unknown, { scope }: LsRequest): unknown {
  if (scope.labelSelector === null || !isLeaderError(error, 'invalid')) return error;
  const why = error.message.replace(/^cannot [^:]*: /, '');
  return new LeaderError(
    'usage',
    `invalid label selector "${scope.labelSelector}" for -l, --selector: ${why}`,
    {
      hint: 'Selectors are a=b, a!=b, a in (b,c), a notin (b,c), a, !a; commas join them.',
      cause: error,
    },
  );
}

async function list(host: Host, cluster: Cluster, request: LsRequest): Promise<number> {
  if (request.watch) return listOnAndOn(host, cluster, request);
  const terminal = request.mayBeInteractive ? screenOf(host) : null;
  return terminal === null
    ? listOnce(host, cluster, request)
    : listOnScreen(host, cluster, request, terminal, { choosing: false, backupDir: null });
}

export const ls: Command = {
  name: 'ls',
  aliases: ['list', 'get'],
  summary: 'List the locks: who holds them, whether the holder exists, whether they are renewed',
  about:
    'List every leader-election lock: who holds it, whether that holder still exists, whether the lock is\n' +
    'really being renewed, and the verdict that follows. The worst comes first.\n' +
    '\n' +
    'Locks are found in Leases and in the annotations of Endpoints and ConfigMaps; KIND narrows the list to\n' +
    'lease, endpoints (ep) or configmap (cm). A terminal that is too narrow gets shorter names and fewer\n' +
    'columns; -o wide has them all.\n' +
    '\n' +
    'Without watching, time is judged by comparing clocks; a verdict that accuses somebody on that ground\n' +
    "alone has a '?' behind it. --observe watches, and says how long is needed where it was too short.\n" +
    '\n' +
    'On a terminal the list is live and fills the screen: ? shows its keys, q leaves it. r releases a lock and\n' +
    'x deposes its holder; both ask first, and --read-only takes them away. With a KIND, -o, --observe,\n' +
    '--watch, --exit-code or --no-headers, and where there is no terminal, it is printed.\n' +
    '\n' +
    `Verdicts, the worst first:\n${VERDICT_LINES}\n` +
    '\n' +
    'Exit codes: 0 fine, 1 an error, 2 problems listed (only with --exit-code), 130 interrupted before there\n' +
    'was anything to print, or --watch or the live list ended by ctrl-C. Ctrl-C during --observe only ends\n' +
    'the watching: what was seen until then is printed, and the code is 0 or 2 as if the time had passed.',
  examples: [
    { what: 'All locks of the cluster, the worst first', line: 'ls' },
    {
      what: 'Only what calls for somebody, watched long enough to be sure',
      line: 'ls --problems --observe 15s',
    },
    { what: 'The locks of one namespace, with identities and evidence', line: 'ls -n kube-system -o wide' },
    { what: 'Only the locks in Endpoints and ConfigMaps', line: 'ls ep cm' },
    { what: 'Write a line whenever a holder or a verdict changes', line: 'ls --watch' },
    { what: 'Fail in a script when a lock is held by a ghost', line: 'ls --verdict ghost --exit-code' },
    { what: 'Longest not renewed first', line: 'ls --sort-by -renewed' },
  ],
  usage: '[KIND...] [options]',
  takes: { words: ['leases', 'endpoints', 'configmaps'], atMost: 3 },
  flags: LS_FLAGS,
  async run(host, values: LsValues, args) {
    const request = readLsRequest(values, args);
    const cluster = await host.connect(connectionFlags(values));
    try {
      return await list(host, cluster, request);
    } catch (error) {
      throw namingTheSelector(error, request);
    }
  },
};
