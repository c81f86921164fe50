import type { LsScope } from '../app/first-look.ts';
import { isProblem } from '../core/assess.ts';
import { LeaderError } from '../core/errors.ts';
import { isNamespaceName } from '../core/host-name.ts';
import { isOfKind, type LockKind } from '../core/lock.ts';
import { kindOf } from '../core/lock-name.ts';
import type { LockReport } from '../core/report.ts';
import { VERDICTS } from '../core/verdict.ts';
import { COLUMNS } from '../output/columns.ts';
import { OUTPUTS, type Output, type OutputId } from '../output/index.ts';
import { parseSort, type Sort } from '../output/order.ts';
import { COLOR_FLAG, type ColorChoice, readColor } from './color.ts';
import { readDuration } from './duration.ts';
import type { FlagTable, GlobalValues, Values } from './flags.ts';
import { sameCluster } from './same-cluster.ts';

const FORMATS = Object.keys(OUTPUTS).join(', ');
const VERDICT_CODES = Object.keys(VERDICTS);

export const LS_FLAGS = {
  'all-namespaces': {
    type: 'boolean',
    short: 'A',
    fallback: 'false',
    help: 'Look at all namespaces, which is the default; it wins over --namespace.',
  },
  color: COLOR_FLAG,
  'exit-code': {
    type: 'boolean',
    fallback: 'false',
    help: 'Exit with 2 if a lock with a problem is listed.',
  },
  heartbeats: {
    type: 'boolean',
    fallback: 'false',
    help: 'Also list the Leases that are no elections: node heartbeats, API server identities, mutexes (Terraform, ...).',
  },
  'no-headers': { type: 'boolean', fallback: 'false', help: 'Leave the header line out.' },
  observe: {
    type: 'text',
    fallback: '0',
    help: 'Watch for this long (15s, 1m) before judging: proves what clocks can only suggest.',
  },
  output: {
    type: 'text',
    short: 'o',
    fallback: 'table',
    completes: Object.keys(OUTPUTS),
    help: `${FORMATS}.`,
  },
  problems: {
    type: 'boolean',
    fallback: 'false',
    help: 'List only the locks whose verdict calls for somebody.',
  },
  'read-only': {
    type: 'boolean',
    fallback: 'false',
    help: 'Leave out of the live list whatever writes: release and depose.',
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
    completes: COLUMNS.map(({ id }) => id),
    help: "Sort by a column's name, with a leading - in descending order. Default: the worst verdict first.",
  },
  verdict: {
    type: 'list',
    fallback: '[]',
    completes: VERDICT_CODES.map((code) => code.toLowerCase()),
    help: 'List only these verdicts: ghost,frozen.',
  },
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
  /** The only verdicts to be listed; null for all. */
  verdicts: ReadonlySet<string> | null;
  /** Only what calls for somebody is to be listed. */
  problems: boolean;
  /** The only kinds to be listed; null for all. */
  kinds: ReadonlySet<LockKind> | null;
  watch: boolean;
  /** How long to watch before judging, milliseconds; null to judge at once. */
  observeMs: number | null;
  exitCode: boolean;
  headers: boolean;
  /** Nothing that writes is offered. */
  readOnly: boolean;
  /** Nothing was asked for that only a list printed once, or written on and on, can give. */
  mayBeInteractive: boolean;
  color: ColorChoice;
  /** The flags that lead another command to the same cluster as the same user. No credentials. */
  sameCluster: readonly string[];
}

export type LsValues = Values<typeof LS_FLAGS> & GlobalValues;

function usage(message: string, hint: string): LeaderError {
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

function readObserve(text: string | undefined): number | null {
  const ms = readDuration('observe', text);
  return ms === 0 ? null : ms;
}

/** Kinds of lock, also several in one word: `lease`, `ep,cm`. */
function readKinds(words: readonly string[]): Set<LockKind> | null {
  const kinds = words
    .flatMap((word) => word.split(','))
    .map((word) => {
      const kind = kindOf(word);
      if (kind !== null) return kind;
      throw usage(
        `"${word}" is no kind that carries locks`,
        'Kinds are lease, endpoints (ep) and configmap (cm). One lock is shown by "kubectl leader describe LOCK".',
      );
    });
  return kinds.length === 0 ? null : new Set(kinds);
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
  const kinds = readKinds(args);
  const output = readOutput(values.output ?? '');
  const observeMs = readObserve(values.observe);
  const verdicts = readVerdicts(values.verdict ?? []);
  const problems = values.problems === true;
  const watch = values.watch === true;
  const exitCode = values['exit-code'] === true;
  const headers = values['no-headers'] !== true;
  if (watch) checkWatch(output, observeMs, exitCode);
  const namespace = values['all-namespaces'] === true ? '' : (values.namespace ?? '');
  if (namespace !== '' && !isNamespaceName(namespace)) {
    throw usage(
      `"${namespace}" is not a namespace's name`,
      'Names of namespaces are lower-case letters, digits and dashes, at most 63 of them.',
    );
  }
  return {
    scope: {
      namespace: namespace === '' ? null : namespace,
      labelSelector: values.selector || null,
      heartbeats: values.heartbeats === true,
    },
    output: OUTPUTS[output],
    sort: values['sort-by'] ? parseSort(values['sort-by']) : null,
    wanted: (report) =>
      (verdicts?.has(report.verdict) ?? true) &&
      (!problems || isProblem(report)) &&
      (kinds === null || isOfKind(report.lock, kinds)),
    verdicts,
    problems,
    kinds,
    watch,
    observeMs,
    exitCode,
    headers,
    readOnly: values['read-only'] === true,
    mayBeInteractive:
      !values.output && !watch && observeMs === null && !exitCode && headers && kinds === null,
    color: readColor(values.color),
    sameCluster: sameCluster(values),
  };
}
