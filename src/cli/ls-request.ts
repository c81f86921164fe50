import type { LsScope } from '../app/first-look.ts';
import { isProblem } from '../core/assess.ts';
import { LeaderError } from '../core/errors.ts';
import type { LockReport } from '../core/report.ts';
import { parseDurationFlag } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { OUTPUTS, type Output, type OutputId } from '../output/index.ts';
import { parseSort, type Sort } from '../output/order.ts';
import type { FlagTable, GlobalValues, Values } from './flags.ts';

const FORMATS = Object.keys(OUTPUTS).join(', ');
const VERDICT_CODES = Object.keys(VERDICTS);

export const LS_FLAGS = {
  'all-namespaces': {
    type: 'boolean',
    short: 'A',
    fallback: 'false',
    help: 'Look at all namespaces, which is the default; it wins over --namespace.',
  },
  color: { type: 'text', fallback: 'auto', help: 'auto, always or never. auto also obeys NO_COLOR.' },
  'exit-code': {
    type: 'boolean',
    fallback: 'false',
    help: 'Exit with 2 if a lock with a problem is listed.',
  },
  heartbeats: {
    type: 'boolean',
    fallback: 'false',
    help: 'Also list the Leases that are no locks: node heartbeats, API server identities.',
  },
  'no-headers': { type: 'boolean', fallback: 'false', help: 'Leave the header line out.' },
  observe: {
    type: 'text',
    fallback: '0',
    help: 'Watch for this long (15s, 1m) before judging: proves what clocks can only suggest.',
  },
  output: { type: 'text', short: 'o', fallback: 'table', help: `${FORMATS}.` },
  problems: {
    type: 'boolean',
    fallback: 'false',
    help: 'List only the locks whose verdict calls for somebody.',
  },
  selector: {
    type: 'text',
    short: 'l',
    fallback: "''",
    help: 'Label selector: a=b, a!=b, a in (b,c), a, !a.',
  },
  'sort-by': {
    type: 'text',
    fallback: "''",
    help: "Sort by a column's name, with a leading - in descending order. Default: the worst verdict first.",
  },
  verdict: { type: 'list', fallback: '[]', help: 'List only these verdicts: ghost,frozen.' },
  watch: {
    type: 'boolean',
    short: 'w',
    fallback: 'false',
    help: 'After listing, go on and write a line whenever a holder or a verdict changes.',
  },
} as const satisfies FlagTable;

/** What `ls` was asked for, checked. */
export interface LsRequest {
  scope: LsScope;
  output: Output;
  sort: Sort | null;
  /** Whether a lock is to be listed. */
  wanted: (report: LockReport) => boolean;
  /** True when `wanted` leaves anything out. */
  filtered: boolean;
  watch: boolean;
  /** How long to watch before judging, milliseconds; null to judge at once. */
  observeMs: number | null;
  exitCode: boolean;
  headers: boolean;
  color: 'auto' | 'always' | 'never';
}

export type LsValues = Values<typeof LS_FLAGS> & GlobalValues;

function usage(message: string, hint: string | null = null): LeaderError {
  return new LeaderError('usage', message, { hint });
}

function isOutputId(id: string): id is OutputId {
  return Object.hasOwn(OUTPUTS, id);
}

function readOutput(id: string): OutputId {
  if (id === '') return 'table';
  if (!isOutputId(id)) throw usage(`unknown output format "${id}"`, `Formats are ${FORMATS}.`);
  return id;
}

function readVerdicts(texts: readonly string[]): Set<string> | null {
  const names = texts.flatMap((text) => text.split(',')).filter((name) => name !== '');
  const codes = names.map((name) => {
    const code = VERDICT_CODES.find((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (code === undefined)
      throw usage(`unknown verdict "${name}"`, `Verdicts are ${VERDICT_CODES.join(', ')}.`);
    return code;
  });
  return codes.length === 0 ? null : new Set(codes);
}

function readObserve(text: string): number | null {
  if (text === '') return null;
  const ms = parseDurationFlag(text);
  if (ms === null)
    throw usage(`invalid duration "${text}" for --observe`, 'Give a length of time such as 15s or 1m30s.');
  return ms === 0 ? null : ms;
}

function readColor(text: string): LsRequest['color'] {
  if (text === 'auto' || text === 'always' || text === 'never') return text;
  throw usage(`invalid value "${text}" for --color`, 'It is auto, always or never.');
}

/** Refuses what cannot be had together. */
function checkWatch(output: OutputId, observeMs: number | null, exitCode: boolean): void {
  if (OUTPUTS[output].follow === null) {
    throw usage(
      `--watch cannot write ${output}, which is one document`,
      'Use -o jsonl: one document a line.',
    );
  }
  if (observeMs !== null)
    throw usage('--watch and --observe exclude each other', '--watch observes all the time.');
  if (exitCode)
    throw usage('--watch and --exit-code exclude each other', 'Watching has no end to draw a code from.');
}

/** Reads the flags of `ls`. Throws `usage` errors. */
export function readLsRequest(values: LsValues, args: readonly string[]): LsRequest {
  if (args.length > 0) {
    throw usage(
      `ls takes no arguments, got "${args.join(' ')}"`,
      'Narrow the list with -n, -l, --verdict or --problems.',
    );
  }
  const output = readOutput(values.output ?? '');
  const observeMs = readObserve(values.observe ?? '');
  const verdicts = readVerdicts(values.verdict ?? []);
  const problems = values.problems === true;
  const watch = values.watch === true;
  const exitCode = values['exit-code'] === true;
  if (watch) checkWatch(output, observeMs, exitCode);
  const namespace = values['all-namespaces'] === true ? '' : (values.namespace ?? '');
  return {
    scope: {
      namespace: namespace === '' ? null : namespace,
      labelSelector: values.selector || null,
      heartbeats: values.heartbeats === true,
    },
    output: OUTPUTS[output],
    sort: values['sort-by'] ? parseSort(values['sort-by']) : null,
    wanted: (report) => (verdicts?.has(report.verdict) ?? true) && (!problems || isProblem(report)),
    filtered: verdicts !== null || problems,
    watch,
    observeMs,
    exitCode,
    headers: values['no-headers'] !== true,
    color: readColor(values.color ?? 'auto'),
  };
}
