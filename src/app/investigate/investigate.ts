/** Every question about one lock, asked side by side: what cannot be answered in time is said, and hides nothing else. */
import type { CaseFile, ProbeResult } from '../../core/describe/case-file.ts';
import { findingsOf } from '../../core/describe/findings.ts';
import { isLeaderError } from '../../core/errors.ts';
import type { Note } from '../../core/evidence.ts';
import { halvesOf, holderOf } from '../../core/lock.ts';
import type { LockReport } from '../../core/report.ts';
import type { LockBook } from '../lock-book.ts';
import type { Clock } from '../ports.ts';
import type { AskedHolder } from '../sought.ts';
import { seek } from '../sought.ts';
import type { Means } from '../traces.ts';
import { lookAtContenders } from './contenders.ts';
import { trackGhost } from './ghost.ts';
import { readHistory } from './history.ts';
import { lookAtHolder } from './holder.ts';
import { campaigningWorkloads, findNamesakes } from './namesakes.ts';
import { inspectObjects } from './objects.ts';
import { probeObjects } from './probe.ts';
import { findWebhooks } from './webhooks.ts';

/** What was found out beside the verdict. */
export type Investigation = Omit<CaseFile, 'report' | 'takenAt' | 'watchedMs' | 'nextSteps'>;

export interface Inquest {
  report: LockReport;
  asked: AskedHolder;
  book: LockBook;
  /** Whether an unchanged write is to be tried as a dry run. */
  probe: boolean;
}

/** Questions that are given up when the means' time is over. */
class Questions {
  readonly #late: string[] = [];

  /** The answer, or null when the time was over before it came. */
  async ask<T>(about: string, question: Promise<T>): Promise<T | null> {
    try {
      return await question;
    } catch (error) {
      if (!isLeaderError(error, 'interrupted')) throw error;
      this.#late.push(about);
      return null;
    }
  }

  notes(): Note[] {
    if (this.#late.length === 0) return [];
    const text = `the API server did not answer in time, so this could not be looked at: ${this.#late.join(', ')}`;
    return [{ code: 'unreadable', text, hint: 'Try again when it is less busy.' }];
  }
}

const NO_DETAILS = { reading: null, pod: null, node: null, owners: [], incarnation: null };

/** Looks at everything around a judged lock. Never rejects for what cannot be read or does not answer. */
export async function investigate(
  { report, asked, book, probe }: Inquest,
  means: Means,
  clock: Clock,
): Promise<Investigation> {
  const questions = new Questions();
  const halves = halvesOf(report.lock);
  const { ref } = report.lock.primary;
  const elects = report.heartbeat === null;
  const candidacy = elects
    ? questions.ask('candidates', lookAtContenders(seek(asked), report.holder, halves, means))
    : Promise.resolve(null);
  const probing = (): Promise<ProbeResult[] | null> =>
    questions.ask('an unchanged write', probeObjects(halves, means, clock));
  const [objects, holder, history, contenders, webhooks, namesakes, probed, ghost] = await Promise.all([
    questions.ask('the object itself', inspectObjects(halves, book, means, clock)),
    questions.ask('the holder', lookAtHolder(report, means)),
    questions.ask('history', readHistory(halves, means)),
    candidacy,
    questions.ask('webhooks', findWebhooks(halves, means)),
    elects ? questions.ask('other namespaces', findNamesakes(ref, means, clock)) : null,
    probe ? probing() : null,
    report.verdict === 'Ghost'
      ? candidacy.then((found) =>
          questions.ask('traces of the ghost', trackGhost(report, found?.account ?? null, means)),
        )
      : null,
  ]);
  const facts = contenders?.facts ?? null;
  const workloads = elects
    ? await questions.ask(
        'other workloads',
        campaigningWorkloads(ref, holderOf(report.lock.primary), history, facts, means),
      )
    : null;
  const objectFacts = (objects ?? []).map((one) => one.facts);
  return {
    objects: objectFacts,
    holder: holder ?? NO_DETAILS,
    history,
    contenders: facts,
    findings: findingsOf({
      report,
      objects: objectFacts,
      webhooks: webhooks ?? [],
      namesakes: namesakes?.namesakes ?? [],
      workloads: workloads ?? [],
      contenders: facts,
    }),
    probe: probed ?? [],
    ghost,
    notes: [...means.reads.notes(), ...(namesakes?.notes ?? []), ...questions.notes()],
  };
}
