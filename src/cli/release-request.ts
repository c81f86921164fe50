import { LeaderError } from '../core/errors.ts';
import { RELEASE_WAIT_MS } from '../core/patience.ts';
import type { ReleaseStrategy } from '../core/release-rules.ts';
import { readDuration } from './duration.ts';
import type { FlagTable, GlobalValues, Values } from './flags.ts';
import { oneOf } from './one-of.ts';
import { readWriteRequest, WRITE_FLAGS, type WriteRequest } from './write-request.ts';

const STRATEGIES = ['vacate', 'delete'] as const;
const FORMATS = ['text', 'json', 'yaml'] as const;

export const RELEASE_FLAGS = {
  ...WRITE_FLAGS,
  force: {
    type: 'boolean',
    fallback: 'false',
    help: 'Release even what is better left alone. Says first what will happen.',
  },
  'no-wait': { type: 'boolean', fallback: 'false', help: 'Do not wait for somebody to take the lock.' },
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
} as const satisfies FlagTable;

export type ReleaseValues = Values<typeof RELEASE_FLAGS> & GlobalValues;

/** What `release` was asked for, checked. */
export interface ReleaseRequest extends WriteRequest {
  strategy: ReleaseStrategy | null;
  force: boolean;
  /** Milliseconds; null not to wait. */
  waitMs: number | null;
  output: 'text' | 'json' | 'yaml';
}

/** Whether it is left to a dialog how to release and what to answer: no flag says so, but for that of the backup. */
export function asksForDialog(values: ReleaseValues, args: readonly string[]): boolean {
  const own = Object.keys(RELEASE_FLAGS).filter((name) => name !== 'backup-dir');
  return args.length <= 1 && own.every((name) => values[name as keyof ReleaseValues] === undefined);
}

/** Reads the flags of `release`. Throws `usage` errors. */
export function readReleaseRequest(values: ReleaseValues, args: readonly string[]): ReleaseRequest {
  const noWait = values['no-wait'] === true;
  if (noWait && values.timeout !== undefined) {
    throw new LeaderError('usage', '--no-wait and --timeout exclude each other');
  }
  return {
    ...readWriteRequest('release', values, args),
    strategy: oneOf('strategy', values.strategy, STRATEGIES),
    force: values.force === true,
    waitMs: noWait ? null : (readDuration('timeout', values.timeout) ?? RELEASE_WAIT_MS),
    output: oneOf('output', values.output, FORMATS) ?? 'text',
  };
}
