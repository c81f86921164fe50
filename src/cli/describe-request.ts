import type { DescribeOptions } from '../app/describe.ts';
import type { ConnectionFlags } from '../app/ports.ts';
import { LeaderError } from '../core/errors.ts';
import { COLOR_FLAG, type ColorChoice, readColor } from './color.ts';
import { readDuration } from './duration.ts';
import { connectionFlags, type FlagTable, type GlobalValues, type Values } from './flags.ts';
import { sameCluster } from './same-cluster.ts';

export const DESCRIBE_FLAGS = {
  color: COLOR_FLAG,
  observe: {
    type: 'text',
    fallback: "''",
    help: 'Watch for this long (30s, 2m); 0 does not watch. Default: until enough is seen.',
  },
  output: {
    type: 'text',
    short: 'o',
    fallback: 'text',
    completes: ['text', 'json', 'yaml'],
    help: 'text, json or yaml.',
  },
  probe: {
    type: 'boolean',
    fallback: 'false',
    help: 'Ask the API server to check an unchanged write (dry run): would it take a renewal?',
  },
} as const satisfies FlagTable;

export type DescribeValues = Values<typeof DESCRIBE_FLAGS> & GlobalValues;

/** What `describe` was asked for, checked. */
export interface DescribeRequest {
  connection: ConnectionFlags;
  /** As the user named them; at least one. */
  locks: readonly string[];
  options: DescribeOptions;
  output: 'text' | 'json' | 'yaml';
  color: ColorChoice;
  /** Flags that make another command go to the same cluster. */
  sameCluster: readonly string[];
}

function readOutput(text: string | undefined): DescribeRequest['output'] {
  if (text === undefined || text === '') return 'text';
  if (text === 'text' || text === 'json' || text === 'yaml') return text;
  throw new LeaderError('usage', `unknown output format "${text}"`, {
    hint: 'Formats are text, json, yaml.',
  });
}

/** Reads the flags of `describe`. Throws `usage` errors. */
export function readDescribeRequest(values: DescribeValues, args: readonly string[]): DescribeRequest {
  if (args.length === 0) {
    throw new LeaderError('usage', 'describe needs the name of a lock', {
      hint: '"kubectl leader ls" lists the locks there are.',
    });
  }
  return {
    connection: connectionFlags(values),
    locks: args,
    options: {
      namespace: values.namespace || null,
      observeMs: readDuration('observe', values.observe),
      probe: values.probe === true,
    },
    output: readOutput(values.output),
    color: readColor(values.color),
    sameCluster: sameCluster(values),
  };
}
