import type { ConnectionFlags } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { RELEASE_WAIT_MS } from '../core/patience.ts';
import type { ReleaseStrategy } from '../core/release-rules.ts';
import { readDuration } from './duration.ts';
import { connectionFlags, type FlagTable, type GlobalValues, type Values } from './flags.ts';
import { oneOf } from './one-of.ts';
import { sameCluster } from './same-cluster.ts';

const DRY_RUNS = ['none', 'client', 'server'] as const;
const STRATEGIES = ['vacate', 'delete'] as const;
const FORMATS = ['text', 'json', 'yaml'] as const;

export const RELEASE_FLAGS = {
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
  force: {
    type: 'boolean',
    fallback: 'false',
    help: 'Release even what is better left alone. Says first what will happen.',
  },
  'no-wait': { type: 'boolean', fallback: 'false', help: 'Do not wait for somebody to take the lock.' },
  observe: {
    type: 'text',
    fallback: "''",
    help: "Watch for this long before judging. Default: the lock's duration and the retry jitter.",
  },
  output: {
    type: 'text',
    short: 'o',
    fallback: 'text',
    completes: FORMATS,
    help: 'text, json or yaml.',
  },
  strategy: {
    type: 'text',
    fallback: "''",
    completes: STRATEGIES,
    help: 'vacate empties the record, delete removes the object. Default: vacate, where that can work.',
  },
  timeout: { type: 'text', fallback: '30s', help: 'How long to wait for somebody to take the lock.' },
  yes: { type: 'boolean', fallback: 'false', help: 'Do not ask. Needed where nobody could answer.' },
} as const satisfies FlagTable;

export type ReleaseValues = Values<typeof RELEASE_FLAGS> & GlobalValues;

/** What `release` was asked for, checked. */
export interface ReleaseRequest {
  connection: ConnectionFlags;
  /** The flags that lead another command to the same cluster as the same user. No credentials. */
  sameCluster: readonly string[];
  /** As the user named it. */
  lock: string;
  /** From `--namespace`; null if it was not given. */
  namespace: string | null;
  strategy: ReleaseStrategy | null;
  dryRun: 'none' | 'client' | 'server';
  yes: boolean;
  force: boolean;
  /** Null for the usual place. */
  backupDir: string | null;
  /** Milliseconds; null for as long as the lock needs. */
  observeMs: number | null;
  /** Milliseconds; null not to wait. */
  waitMs: number | null;
  output: 'text' | 'json' | 'yaml';
}

function usage(message: string, hint: string | null = null): LeaderError {
  return new LeaderError('usage', message, { hint });
}

/** Whether the lock is to be chosen: none is named, and nothing is said about how to release it, but for the backup. */
export function asksForChoice(values: ReleaseValues, args: readonly string[]): boolean {
  const own = Object.keys(RELEASE_FLAGS).filter((name) => name !== 'backup-dir');
  return args.length === 0 && own.every((name) => values[name as keyof ReleaseValues] === undefined);
}

/** Reads the flags of `release`. Throws `usage` errors. */
export function readReleaseRequest(values: ReleaseValues, args: readonly string[]): ReleaseRequest {
  const [lock, ...more] = args;
  if (lock === undefined) {
    throw usage('release needs the name of one lock', '"kubectl leader ls" lists the locks there are.');
  }
  if (more.length > 0) throw usage(`release takes one lock, got ${args.length}: "${args.join(' ')}"`);
  const noWait = values['no-wait'] === true;
  if (noWait && values.timeout !== undefined) throw usage('--no-wait and --timeout exclude each other');
  return {
    connection: connectionFlags(values),
    sameCluster: sameCluster(values),
    lock,
    namespace: values.namespace || null,
    strategy: oneOf('strategy', values.strategy, STRATEGIES),
    dryRun: oneOf('dry-run', values['dry-run'], DRY_RUNS) ?? 'none',
    yes: values.yes === true,
    force: values.force === true,
    backupDir: values['backup-dir'] || null,
    observeMs: readDuration('observe', values.observe),
    waitMs: noWait ? null : (readDuration('timeout', values.timeout) ?? RELEASE_WAIT_MS),
    output: oneOf('output', values.output, FORMATS) ?? 'text',
  };
}
