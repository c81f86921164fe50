import type { ObserveProgress } from '../app/observe.ts';
import type { Cluster } from '../app/ports.ts';
import { isProblem } from '../core/assess.ts';
import type { Snapshot } from '../core/report.ts';
import type { Look } from '../output/index.ts';
import { sortReports } from '../output/order.ts';
import { changesBetween } from '../output/watch-lines.ts';
import type { Command } from './command.ts';
import { EXITS } from './errors.ts';
import { connectionFlags } from './flags.ts';
import type { Host } from './host.ts';
import { doubts, nothingFound, Remarks } from './ls-remarks.ts';
import { LS_FLAGS, type LsRequest, type LsValues, readLsRequest } from './ls-request.ts';

function lookFor({ env, stdout }: Host, { color, headers }: LsRequest): Look {
  const auto = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return { headers, color: color === 'always' || (color === 'auto' && auto), width: stdout.columns };
}

/** One line that is written over and over, on a terminal only; `null` takes it away. */
function progressLine({ stderr }: Host): (progress: ObserveProgress | null) => void {
  let shown = '';
  return (progress) => {
    if (!stderr.isTTY) return;
    const seconds = (ms: number): number => Math.floor(ms / 1000);
    const text =
      progress === null
        ? ''
        : `watching, ${seconds(progress.elapsedMs)} of ${seconds(progress.forMs)} s: ${progress.decided} of ${progress.total} locks seen`;
    if (text !== shown) stderr.write(`\r\u001b[K${text}`);
    shown = text;
  };
}

async function look(host: Host, cluster: Cluster, { scope, observeMs }: LsRequest): Promise<Snapshot> {
  const views = await host.views();
  if (observeMs === null) return views.survey(cluster, host.clock, scope, host.signal);
  const progress = progressLine(host);
  try {
    return await views.observe(cluster, host.clock, scope, observeMs, host.signal, progress);
  } finally {
    progress(null);
  }
}

async function listOnce(host: Host, cluster: Cluster, request: LsRequest): Promise<number> {
  const found = await look(host, cluster, request);
  const reports = sortReports(found.reports.filter(request.wanted), request.sort);
  const snapshot = { ...found, reports };
  host.stdout.write(await request.output.render(snapshot, lookFor(host, request)));
  const remarks = new Remarks((text) => host.stderr.write(text));
  remarks.tell(found.notes);
  if (request.output.forPeople) {
    if (reports.length === 0) host.stderr.write(nothingFound(request, found.notes, found.reports.length));
    remarks.tell(doubts(snapshot));
  }
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
      host.stderr.write(nothingFound(request, found.notes, found.reports.length));
    }
    before = snapshot;
  }
  return host.signal.aborted ? EXITS.interrupted : EXITS.ok;
}

export const ls: Command = {
  name: 'ls',
  aliases: ['list', 'get'],
  summary: 'List the locks: who holds them, whether the holder exists, whether they are renewed',
  about:
    'List every leader-election lock: who holds it, whether that holder still exists, whether the lock is\n' +
    'really being renewed, and the verdict that follows. The worst comes first.\n' +
    '\n' +
    'Locks are found in Leases and in the annotations of Endpoints and ConfigMaps. Without watching, time is\n' +
    "judged by comparing clocks; a verdict that accuses somebody on that ground alone has a '?' behind it.\n" +
    '\n' +
    'Exit codes: 0 fine, 1 an error, 2 problems found (only with --exit-code), 130 interrupted.',
  examples: [
    { what: 'All locks of the cluster, the worst first', line: 'ls' },
    {
      what: 'Only what calls for somebody, watched long enough to be sure',
      line: 'ls --problems --observe 15s',
    },
    { what: 'The locks of one namespace, with identities and evidence', line: 'ls -n kube-system -o wide' },
    { what: 'Write a line whenever a holder or a verdict changes', line: 'ls --watch' },
    { what: 'Fail in a script when a lock is held by a ghost', line: 'ls --verdict ghost --exit-code' },
    { what: 'Longest not renewed first', line: 'ls --sort-by -renewed' },
  ],
  usage: '[options]',
  flags: LS_FLAGS,
  async run(host, values: LsValues, args) {
    const request = readLsRequest(values, args);
    const cluster = await host.connect(connectionFlags(values));
    return request.watch ? listOnAndOn(host, cluster, request) : listOnce(host, cluster, request);
  },
};
