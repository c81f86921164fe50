import type { ConnectionFlags } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { readDuration } from './duration.ts';
import { connectionFlags, type FlagTable, type GlobalValues, type Values } from './flags.ts';
import { oneOf } from './one-of.ts';
import { sameCluster } from './same-cluster.ts';

const DRY_RUNS = ['none', 'client', 'server'] as const;

/** What all commands have that write to a lock. */
export const WRITE_FLAGS = {
  'backup-dir': {
    type: 'text',
    completes: 'folders',
    fallback: "''",
    help: 'Folder for the backup. Default: $XDG_STATE_HOME/kubectl-leader/backups, or below ~/.local/state.',
  },
  'dry-run': {
    type: 'text',
    fallback: 'none',
    completes: DRY_RUNS,
    help: 'none; client shows the plan; server has the API server check the writes without making them.',
  },
  observe: {
    type: 'text',
    fallback: "''",
    help: 'Watch for this long before judging. Default: until its renewal or its silence is proven.',
  },
  yes: { type: 'boolean', fallback: 'false', help: 'Do not ask. Needed where nobody could answer.' },
} as const satisfies FlagTable;

/** What a command that writes to a lock was asked for, checked. */
export interface WriteRequest {
  connection: ConnectionFlags;
  /** The flags that lead another command to the same cluster as the same user. No credentials. */
  sameCluster: readonly string[];
  /** As the user named it. */
  lock: string;
  /** From `--namespace`; null if it was not given. */
  namespace: string | null;
  dryRun: 'none' | 'client' | 'server';
  yes: boolean;
  /** Null for the usual place. */
  backupDir: string | null;
  /** Milliseconds; null for as long as the lock needs. */
  observeMs: number | null;
}

/** Reads the flags that all of them have, and the name of the one lock. Throws `usage` errors. */
export function readWriteRequest(
  command: string,
  values: Values<typeof WRITE_FLAGS> & GlobalValues,
  args: readonly string[],
): WriteRequest {
  const [lock, ...more] = args;
  if (lock === undefined) {
    throw new LeaderError('usage', `${command} needs the name of one lock`, {
      hint: '"kubectl leader ls" lists the locks there are.',
    });
  }
  if (more.length > 0) {
    throw new LeaderError('usage', `${command} takes one lock, got ${args.length}: "${args.join(' ')}"`);
  }
  return {
    connection: connectionFlags(values),
    sameCluster: sameCluster(values),
    lock,
    namespace: values.namespace || null,
    dryRun: oneOf('dry-run', values['dry-run'], DRY_RUNS) ?? 'none',
    yes: values.yes === true,
    backupDir: values['backup-dir'] || null,
    observeMs: readDuration('observe', values.observe),
  };
}
