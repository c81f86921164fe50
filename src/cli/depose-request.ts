import { DEPOSE_WAIT_MS } from '../core/patience.ts';
import { readDuration } from './duration.ts';
import type { FlagTable, GlobalValues, Values } from './flags.ts';
import { oneOf } from './one-of.ts';
import { readWriteRequest, WRITE_FLAGS, type WriteRequest } from './write-request.ts';

const FORMATS = ['text', 'json', 'yaml', 'jsonl'] as const;

export const DEPOSE_FLAGS = {
  ...WRITE_FLAGS,
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
  output: {
    type: 'text',
    short: 'o',
    fallback: 'text',
    completes: FORMATS,
    help: 'text, json, yaml, or jsonl: one event a line.',
  },
  timeout: { type: 'text', fallback: '60s', help: 'How long to wait for somebody to take the freed lock.' },
} as const satisfies FlagTable;

export type DeposeValues = Values<typeof DEPOSE_FLAGS> & GlobalValues;

/** What `depose` was asked for, checked. */
export interface DeposeRequest extends WriteRequest {
  force: boolean;
  /** Milliseconds; null for as long as the lock needs. */
  holdMs: number | null;
  /** Milliseconds. */
  waitMs: number;
  output: 'text' | 'json' | 'yaml' | 'jsonl';
}

/** Reads the flags of `depose`. Throws `usage` errors. */
export function readDeposeRequest(values: DeposeValues, args: readonly string[]): DeposeRequest {
  return {
    ...readWriteRequest('depose', values, args),
    force: values.force === true,
    holdMs: readDuration('hold', values.hold),
    waitMs: readDuration('timeout', values.timeout) ?? DEPOSE_WAIT_MS,
    output: oneOf('output', values.output, FORMATS) ?? 'text',
  };
}
