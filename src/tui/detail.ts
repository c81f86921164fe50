import type { CaseFile } from '../core/describe/case-file.ts';
import { holderOf, type LockHalf, lockLabel, recordOf } from '../core/lock.ts';
import { stepText, stepWithFlags, withFlags } from '../core/next-step.ts';
import type { LockReport } from '../core/report.ts';
import { printable } from '../core/text.ts';
import { formatSecondTime, humanDuration, type Instant, proseDuration } from '../core/time.ts';
import { VERDICTS } from '../core/verdict.ts';
import { verdictText } from '../output/columns.ts';
import { THEME } from '../output/theme.ts';
import { cellWidth } from '../output/width.ts';
import { pulseOf, timeLeft } from './pulse.ts';
import type { Sighted } from './sight.ts';
import { DIM, type Line, restyle, STRONG, wrap } from './spans.ts';
import type { Setting, Surroundings } from './state.ts';
import { surroundingLines } from './surroundings.ts';

/** Cells that the names of fields take. */
const LABEL = 14;

/** A moment that lies less ahead than this, milliseconds, is now: clocks agree no better. */
const SKEW_SHOWN_MS = 1_000;

class Page {
  readonly lines: Line[] = [];
  readonly #cells: number;

  constructor(cells: number) {
    this.#cells = Math.max(20, cells);
  }

  title(text: string): void {
    if (this.lines.length > 0) this.lines.push([]);
    this.lines.push([{ text, sgr: STRONG }]);
  }

  field(label: string, value: string | null, sgr?: string): void {
    if (value === null || value === '') return;
    const look = sgr === undefined ? {} : { sgr };
    wrap(printable(value), this.#cells - LABEL - 2).forEach((text, at) => {
      const name = (at === 0 ? `${label}:` : '').padEnd(LABEL);
      this.lines.push([
        { text: `  ${name}`, sgr: DIM },
        { text, ...look },
      ]);
    });
  }

  item(bullet: string, text: string, aside = ''): void {
    const indent = ' '.repeat(bullet.length);
    const whole = printable(aside === '' ? text : `${text}  (${aside})`);
    wrap(whole, this.#cells - bullet.length - 2).forEach((part, at) => {
      this.lines.push([{ text: `  ${at === 0 ? bullet : indent}${part}` }]);
    });
  }
}

function when(at: Instant | null | undefined, now: Instant): string | null {
  if (at === null || at === undefined) return null;
  if (Math.abs(at) > 8.64e15) return 'no time that a clock could show';
  const ago = now - at;
  const distance =
    ago <= -SKEW_SHOWN_MS ? `${proseDuration(-ago)} ahead` : `${humanDuration(Math.max(0, ago))} ago`;
  return `${formatSecondTime(at)} (${distance})`;
}

function describeRecord(page: Page, half: LockHalf, now: Instant): void {
  const record = recordOf(half);
  if (half.content.state === 'invalid') page.field('Invalid', half.content.why);
  if (record !== null) {
    page.field('Holder', holderOf(half) ?? 'nobody');
    page.field('Renewed', when(record.renewTime, now));
    page.field('Acquired', when(record.acquireTime, now));
    page.field('Duration', record.durationMs === null ? null : proseDuration(record.durationMs));
    page.field('Transitions', record.transitions === null ? null : String(record.transitions));
    page.field('Strategy', record.strategy);
    page.field('Preferred', record.preferredHolder);
  }
  page.field('Created', when(half.createdAt, now));
  page.field(
    'Last write',
    half.lastWrite === null ? null : `${when(half.lastWrite.at, now)} by ${half.lastWrite.manager}`,
  );
  page.field('Version', half.resourceVersion);
  page.field('Format', half.format);
  if (half.content.state === 'record') for (const warning of half.content.warnings) page.item('! ', warning);
}

function describeHolder(page: Page, { holder, candidates }: LockReport): void {
  page.title('Holder');
  const { ref, pod, node, workload } = holder;
  page.field('Identity', holder.identity ?? 'nobody');
  page.field('Found', holder.found);
  page.field(
    'Object',
    ref === null ? null : [ref.kind.toLowerCase(), ref.namespace, ref.name].filter(Boolean).join(' '),
  );
  page.field('Node', node?.name ?? pod?.node ?? null);
  page.field('Restarts', pod?.restarts == null ? null : String(pod.restarts));
  page.field('Was', holder.was);
  page.field('Workload', workload === null ? null : `${workload.kind} ${workload.name}`);
  page.field('Read as', holder.rule);
  for (const also of holder.alsoFits) page.field('Also fits', `${also.kind.toLowerCase()} ${also.name}`);
  page.field('Candidates', candidates === null ? null : `${candidates} running that could take the lock`);
}

/** Whether it is still as the case found it: the same verdict, on the same holder. */
function isStillSo({ report: then }: CaseFile, report: LockReport): boolean {
  return then.verdict === report.verdict && then.holder.identity === report.holder.identity;
}

/** What the case found is said while it is still so, and what the verdict itself calls for otherwise. */
function stepsOf(report: LockReport, around: Surroundings, { sameCluster }: Setting): string[] {
  if (around.state !== 'read' || !isStillSo(around.file, report))
    return report.advice.map((text) => withFlags(text, sameCluster));
  return around.file.nextSteps.map((step) => stepText(stepWithFlags(step, sameCluster)));
}

/** Everything known of a lock, as lines of at most `cells` cells. `now` is the API server's clock. */
export function detailLines(
  { report, lostAt }: Sighted,
  around: Surroundings,
  now: Instant,
  setting: Setting,
  cells: number,
): Line[] {
  const page = new Page(cells);
  const { severity, meaning } = VERDICTS[report.verdict];
  const { symbol, sgr } = THEME[severity];
  const verdict = `${symbol} ${verdictText(report)}`;
  const isShort = cellWidth(`${verdict}  ${meaning}`) <= cells;
  page.lines.push([{ text: verdict, sgr }, ...(isShort ? [{ text: `  ${meaning}` }] : [])]);
  if (!isShort) page.lines.push(...wrap(meaning, cells - 2).map((text) => [{ text: `  ${text}` }]));
  page.field(
    'Proof',
    report.grade === 'watched' ? 'watched' : 'by the clock only, until it has been watched',
  );
  page.field('Pulse', pulseOf(report));
  page.field('Time left', timeLeft(report, lostAt !== null));
  const steps = stepsOf(report, around, setting);
  if (steps.length > 0) page.title('What to do');
  for (const [at, text] of steps.entries()) {
    // A command on a line of its own can be copied.
    const [, words = text, command] = /^(.*?:) (kubectl .*)$/s.exec(text) ?? [];
    page.item(`${at + 1}. `, words);
    if (command !== undefined) page.item('   ', command);
  }
  page.title('Evidence');
  for (const { text, grade, from } of report.evidence) page.item('- ', text, `${grade}, ${from}`);
  describeHolder(page, report);
  const { primary, secondary, pairing } = report.lock;
  page.title(`Record  ${printable(lockLabel(primary.ref))}`);
  describeRecord(page, primary, now);
  if (secondary !== null) {
    const what = pairing === 'leftover-half' ? 'Leftover half' : 'Other half';
    page.title(`${what}  ${printable(lockLabel(secondary.ref))}`);
    describeRecord(page, secondary, now);
  }
  const lines = lostAt === null ? page.lines : page.lines.map((line) => restyle(line, DIM));
  return [...lines, ...surroundingLines(around, now, cells)];
}
