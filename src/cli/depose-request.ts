import type { ConnectionFlags } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { DEPOSE_WAIT_MS } from '../core/patience.ts';
import { readDuration } from './duration.ts';
import { connectionFlags, type FlagTable, type GlobalValues, type Values } from './flags.ts';
import { oneOf } from './one-of.ts';
import { sameCluster } from './same-cluster.ts';

const DRY_RUNS = ['none', 'client', 'server'] as const;
const FORMATS = ['text', 'json', 'yaml', 'jsonl'] as const;

export const DEPOSE_FLAGS = {
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
    help: 'Depose even where it is better left alone. Says first what will happen.',
  },
  hold: {
    type: 'text',
    fallback: "''",
    help: "Hold the lock for at least this long. Default and least: the lock's duration and a retry period.",
  },
  observe: {
    type: 'text',
    fallback: "''",
    help: 'Watch for this long before judging. Default: until its renewal or its silence is proven.',
  },
  output: {
    type: 'text',
    short: 'o',
    fallback: 'text',
    completes: FORMATS,
    help: 'text, json, yaml, or jsonl: one event a line.',
  },
  timeout: { type: 'text', fallback: '60s', help: 'How long to wait for somebody to take the freed lock.' },
  yes: { type: 'boolean', fallback: 'false', help: 'Do not ask. Needed where nobody could answer.' },
} as const satisfies FlagTable;

export type DeposeValues = Values<typeof DEPOSE_FLAGS> & GlobalValues;

/** What `depose` was asked for, checked. */
export interface DeposeRequest {
  connection: ConnectionFlags;
  /** The flags that lead another command to the same cluster as the same user. No credentials. */
  sameCluster: readonly string[];
  /** As the user named it. */
  lock: string;
  /** From `--namespace`; null if it was not given. */
  namespace: string | null;
  dryRun: 'none' | 'client' | 'server';
  yes: boolean;
  force: boolean;
  /** Null for the usual place. */
  backupDir: string | null;
  /** Milliseconds; null for as long as the lock needs. */
  observeMs: number | null;
  /** Milliseconds; null for as long as the lock needs. */
  holdMs: number | null;
  /** Milliseconds. */
  waitMs: number;
  output: 'text' | 'json' | 'yaml' | 'jsonl';
}

/** Reads the flags of `depose`. Throws `usage` errors. */
export function readDeposeRequest(values: DeposeValues, args: readonly string[]): DeposeRequest {
  const [lock, ...more] = args;
  if (lock === undefined) {
    throw new LeaderError('usage', 'depose needs the name of one lock', {
      hint: '"kubectl leader ls" lists the locks there are.',
    });
  }
  if (more.length > 0) {
    throw new LeaderError('usage', `depose takes one lock, got ${args.length}: "${args.join(' ')}"`);
  }
  return {
    connection: connectionFlags(values),
    sameCluster: sameCluster(values),
    lock,
    namespace: values.namespace || null,
    dryRun: oneOf('dry-run', values['dry-run'], DRY_RUNS) ?? 'none',
    yes: values.yes === true,
    force: values.force === true,
    backupDir: values['backup-dir'] || null,
    observeMs: readDuration('observe', values.observe),
    holdMs: readDuration('hold', values.hold),
    waitMs: readDuration('timeout', values.timeout) ?? DEPOSE_WAIT_MS,
    output: oneOf('output', values.output, FORMATS) ?? 'text',
  };
}
