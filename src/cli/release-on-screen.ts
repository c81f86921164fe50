import { findLock } from '../app/find-lock.ts';
import { parseLockName } from '../core/lock-name.ts';
import type { Terminal } from '../tui/terminal.ts';
import { connectionFlags } from './flags.ts';
import type { Host } from './host.ts';
import { listOnScreen } from './list-on-screen.ts';
import { readLsRequest } from './ls-request.ts';
import type { ReleaseValues } from './release-request.ts';

/**
 * Opens the live list to choose a lock from that is then released; or, where one is named, the dialog that releases it.
 * Resolves to the exit code, rejects with a LeaderError before there is anything on screen.
 */
export async function releaseOnScreen(
  host: Host,
  terminal: Terminal,
  values: ReleaseValues,
  lock: string | null,
): Promise<number> {
  const cluster = await host.connect(connectionFlags(values));
  const backupDir = values['backup-dir'] || null;
  if (lock === null) {
    const request = readLsRequest(values, []);
    return listOnScreen(host, cluster, request, terminal, { choosing: true, backupDir });
  }
  const namespace = values.namespace || null;
  const { ref } = await findLock(cluster, host.clock, lock, { namespace }, host.signal);
  // The list looks where the lock was looked for: more need not be allowed.
  const searched = parseLockName(lock, namespace).namespace ?? '';
  const request = readLsRequest({ ...values, namespace: searched }, []);
  return listOnScreen(host, cluster, request, terminal, { choosing: false, backupDir, release: ref });
}
