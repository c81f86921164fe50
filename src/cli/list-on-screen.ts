import type { Cluster } from '../app/ports.ts';
import { deposeIdentity } from '../core/depose-identity.ts';
import { type LockRef, lockId } from '../core/lock.ts';
import type { Terminal } from '../tui/terminal.ts';
import { EXIT_OF } from './ending-exits.ts';
import { EXITS } from './errors.ts';
import type { Host } from './host.ts';
import type { LsRequest } from './ls-request.ts';
import { lookFor, printList } from './print-list.ts';

interface ScreenOptions {
  /** A lock is to be chosen that is then released. */
  choosing: boolean;
  /** Where objects are kept before they are written to; null for the usual place. */
  backupDir: string | null;
  /** The lock whose dialog of release is open from the start; its outcome is then the exit code. */
  release?: LockRef;
  /** Gets how to tell something below the list. */
  narrate?: (show: (text: string) => void) => void;
}

/** The terminal that the list can fill; null where there is none that could show it. */
export function screenOf({ terminal, env }: Host): Terminal | null {
  return env['TERM'] === 'dumb' ? null : terminal;
}

/** The live list, full screen; when it is left, its last state stays in the terminal as if it had been printed. */
export async function listOnScreen(
  host: Host,
  cluster: Cluster,
  request: LsRequest,
  terminal: Terminal,
  { choosing, backupDir, release, narrate }: ScreenOptions,
): Promise<number> {
  const { showList } = await import('../tui/run.tsx');
  const look = lookFor(host, request);
  const options = {
    ...{ cluster, terminal, clock: host.clock, scope: request.scope, sort: request.sort },
    writing: { save: host.backupInto(backupDir), identity: () => deposeIdentity(host.deposer()) },
    problemsOnly: request.problems,
    ...(narrate === undefined ? {} : { narrate }),
    ...(release === undefined ? {} : { opening: { verb: 'release', ref: release } as const }),
    // Consoles of Windows scroll when their last cell is written.
    spareRows: host.platform.startsWith('win32') ? 1 : 0,
    setting: {
      color: look.color,
      screenReader: host.env['INK_SCREEN_READER'] === 'true',
      place: cluster.context,
      sameCluster: request.sameCluster,
      namespace: request.scope.namespace,
      verdicts: request.verdicts,
      kinds: request.kinds,
      readOnly: request.readOnly,
      choosing,
    },
  };
  const { snapshot, found, told, endings, interrupted } = await showList(options, host.signal);
  const width = terminal.stdout.columns || look.width;
  await printList(host, request, snapshot, { ...look, width }, found);
  host.stderr.write(told.map((line) => `${line}\n`).join(''));
  const ending = release === undefined ? undefined : endings.get(lockId(release));
  const isDone = ending?.is === 'as-hoped' || ending?.is === 'not-as-hoped';
  if (ending === undefined || (interrupted && !isDone)) return interrupted ? EXITS.interrupted : EXITS.ok;
  if (ending.said !== null) host.stderr.write(`${ending.said}\n`);
  return EXIT_OF[ending.is];
}
