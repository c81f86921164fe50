/** What a lock is, who holds it and how it is renewed. */
import type { ObjectRef } from '../core/cluster-object.ts';
import type { CaseFile, NodeDetails, ObjectFacts, PodDetails } from '../core/describe/case-file.ts';
import { gapStatistics } from '../core/describe/gaps.ts';
import { strategyWords } from '../core/describe/strategy.ts';
import { FORMATS } from '../core/formats/index.ts';
import {
  holderOf,
  type Lock,
  type LockHalf,
  type LockRecord,
  lockId,
  lockLabel,
  recordOf,
} from '../core/lock.ts';
import type { LockReport } from '../core/report.ts';
import { proseDuration } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { verdictText } from './columns.ts';
import { type Field, fields, type Page, section, timeText, within } from './describe-parts.ts';
import { paint } from './theme.ts';

function formatText({ format, ref }: LockHalf): string {
  const title = FORMATS.find(({ id }) => id === format)?.title ?? format;
  return ref.kind === 'lease'
    ? title
    : `${title} of ${ref.kind === 'endpoints' ? 'an Endpoints object' : 'a ConfigMap'}`;
}

function objectFields(label: string, half: LockHalf, page: Page): Field[] {
  const identity = `uid ${half.uid}, resourceVersion ${half.resourceVersion}`;
  return [[label, [formatText(half), identity, `created ${timeText(half.createdAt, page)}`]]];
}

const HALVES: Readonly<Record<Exclude<Lock['pairing'], 'single'>, string>> = {
  multilock: 'the other half of a multilock',
  split: 'the other half of a multilock, held by somebody else',
  'leftover-half': 'left behind by a migration, nobody obeys it',
};

function secondaryFields({ secondary, pairing }: Lock, page: Page): Field[] {
  if (secondary === null || pairing === 'single') return [];
  const holder = recordOf(secondary)?.holderIdentity;
  return [
    ['Other half', `${lockLabel(secondary.ref)}: ${HALVES[pairing]}`],
    ...objectFields('Its object', secondary, page),
    ['Its holder', holder || '<none>'],
  ];
}

function verdictLine({ report, watchedMs }: CaseFile): string {
  const { verdict, grade, unproven } = report;
  // What the record itself shows needs no watching.
  const proven = watchedMs === 0 ? 'as it was read' : 'watched';
  const how = grade === 'watched' ? proven : 'by the clock';
  const doubt = unproven ? ', as far as could be seen: the holder could not be looked for' : '';
  return `${verdictText(report)} (${how}): ${VERDICTS[verdict].meaning}${doubt}`;
}

/** The first lines: which lock, and what it comes to. */
export function headText(file: CaseFile, page: Page): string {
  const { lock, verdict, heartbeat } = file.report;
  const text = fields(
    [
      ['Lock', lockId(lock.primary.ref)],
      ['Kind', heartbeat === null ? null : `no lock but a ${heartbeat.title}`],
      ['Verdict', verdictLine(file)],
      ...objectFields('Object', lock.primary, page),
      ...secondaryFields(lock, page),
    ],
    page,
  );
  if (!page.color) return text;
  const { severity } = VERDICTS[verdict];
  return text.replace(
    /^(Verdict: +)(\S+)/m,
    (_, label: string, word: string) => label + paint(severity, word),
  );
}

function clockText({ half, skewMs }: ObjectFacts, { renewal }: LockReport): string | null {
  const known = renewal.holderSkewMs ?? skewMs;
  if (known === null || holderOf(half) === null) return null;
  if (renewal.holderSkewMs === null)
    return "agrees with the API server's, to the second or two that can be told";
  return `${proseDuration(Math.abs(known))} ${known > 0 ? 'ahead of' : 'behind'} the API server's`;
}

function recordFields(record: LockRecord, file: CaseFile, page: Page): Field[] {
  const [primary] = file.objects;
  return [
    ['Holder identity', record.holderIdentity || '<none>'],
    ['Acquired', record.acquireTime === null ? '<none>' : timeText(record.acquireTime, page)],
    ['Renewed', record.renewTime === null ? '<none>' : timeText(record.renewTime, page)],
    ['Duration', record.durationMs === null ? '<none>' : proseDuration(record.durationMs)],
    ['Transitions', record.transitions === null ? '<none>' : String(record.transitions)],
    ['Strategy', strategyWords(record)],
    ["Holder's clock", primary === undefined ? null : clockText(primary, file.report)],
  ];
}

export function recordText(file: CaseFile, page: Page): string {
  const { content } = file.report.lock.primary;
  const inner = within(page);
  if (content.state === 'invalid') return section('Record', [fields([['Invalid', content.why]], inner)]);
  return section('Record', [fields(recordFields(content.record, file, inner), inner)]);
}

export function refText({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
}

function podTexts(pod: PodDetails, page: Page): string[] {
  const { lastExit, restarts } = pod;
  const ready = pod.ready === null ? '' : pod.ready ? ', ready' : ', not ready';
  const node = pod.node === null ? '' : ` on ${pod.node}`;
  const times = restarts === 1 ? '1 restart' : `${restarts ?? 'unknown'} restarts`;
  const exit =
    lastExit === null
      ? ''
      : `, last exit ${lastExit.reason} (code ${lastExit.exitCode ?? 'unknown'}) ${timeText(lastExit.at, page)}`;
  return [
    `${pod.namespace}/${pod.name}: ${pod.status}${ready}${node}`,
    `phase ${pod.phase}, created ${timeText(pod.createdAt, page)}`,
    `${pod.startedAt === null ? 'no container runs' : `container started ${timeText(pod.startedAt, page)}`}, ${times}${exit}`,
    ...(pod.serviceAccount === null ? [] : [`service account ${pod.serviceAccount}`]),
  ];
}

function nodeTexts(node: NodeDetails, page: Page): string[] {
  return [
    `${node.name}: ${node.status}${node.readySince === null ? '' : ` since ${timeText(node.readySince, page)}`}`,
    ...(node.lastHeartbeat === null ? [] : [`last heartbeat ${timeText(node.lastHeartbeat, page)}`]),
  ];
}

export function holderText({ report, holder }: CaseFile, page: Page): string {
  const { presence, found, identity, alsoFits, workload } = report.holder;
  if (report.heartbeat !== null || report.lock.primary.content.state === 'invalid') return '';
  const inner = within(page);
  const owners = holder.owners.map(refText);
  return section('Holder', [
    fields(
      [
        ['Identity', identity ?? '<none>'],
        ['Found', presence === 'nobody' ? null : found.includes(presence) ? found : `${found} (${presence})`],
        ['Read as', holder.reading],
        ['Pod', holder.pod === null ? null : podTexts(holder.pod, inner)],
        ['Node', holder.node === null ? null : nodeTexts(holder.node, inner)],
        ['Owned by', owners.length > 0 ? owners.join(', owned by ') : null],
        ['Belongs to', owners.length === 0 && workload !== null ? refText(workload) : null],
        ['Same process', holder.incarnation?.text ?? null],
        ['Also fits', alsoFits.length === 0 ? null : alsoFits.map(refText)],
      ],
      inner,
    ),
  ]);
}

function watchedText({ watchedMs, report }: CaseFile): string {
  if (watchedMs === 0) return 'not watched: judged by the clock';
  const { seen, lastRenewedAgoMs: ago } = report.renewal;
  const last = seen > 0 && ago !== null ? `, the last ${proseDuration(ago)} ago` : '';
  return `${proseDuration(watchedMs)}: ${seen === 1 ? '1 renewal' : `${seen} renewals`} seen${last}`;
}

function gapsText({ gapsMs }: ObjectFacts, half: LockHalf): string | null {
  const gaps = gapStatistics(gapsMs);
  if (gaps === null) return null;
  const { minMs, medianMs, maxMs } = gaps;
  const duration = recordOf(half)?.durationMs ?? null;
  const of = duration === null ? '' : `, of a duration of ${proseDuration(duration)}`;
  return `min ${proseDuration(minMs)}, median ${proseDuration(medianMs)}, max ${proseDuration(maxMs)}${of}`;
}

const READS = {
  agree: "the API server's cache and its store agree",
  'cache-behind': "the API server's cache shows an older version than its store",
  unknown: null,
} as const satisfies Record<ObjectFacts['reads'], string | null>;

function changesText({ otherWrites }: ObjectFacts, { watchedMs }: CaseFile): string | null {
  if (watchedMs === 0) return null;
  return otherWrites === 0
    ? 'the object changed only when the record did'
    : `resourceVersion moved ${otherWrites === 1 ? 'once' : `${otherWrites} times`} without the record`;
}

function objectRenewal(facts: ObjectFacts, file: CaseFile, page: Page): Field[] {
  const label = file.objects.length > 1 ? ` (${facts.half.ref.kind})` : '';
  const writers = facts.writers?.map(
    ({ manager, operation, at }) =>
      `${manager} (${operation})${at === null ? '' : `, noted ${timeText(at, page)}`}`,
  );
  return [
    [`Gaps${label}`, gapsText(facts, facts.half)],
    [`Changes${label}`, changesText(facts, file)],
    [`Writers${label}`, writers === undefined || writers.length === 0 ? null : writers],
    [`Reads${label}`, READS[facts.reads]],
  ];
}

export function renewalText(file: CaseFile, page: Page): string {
  const { renewal } = file.report;
  const inner = within(page);
  const grade = renewal.grade === 'watched' ? 'watched' : 'by the clock';
  return section('Renewal', [
    fields(
      [
        ['State', renewal.state === 'perpetual' ? 'never renewed by design' : `${renewal.state} (${grade})`],
        ['Watched', watchedText(file)],
        ...file.objects.flatMap((facts) => objectRenewal(facts, file, inner)),
      ],
      inner,
    ),
  ]);
}
