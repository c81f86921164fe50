import { planDepose } from '../../src/core/depose-plan.ts';
import { LeaderError } from '../../src/core/errors.ts';
import type { PodFacts } from '../../src/core/holder.ts';
import { lockId } from '../../src/core/lock.ts';
import type { ReleasePlan } from '../../src/core/release-plan.ts';
import type { LockReport } from '../../src/core/report.ts';
import type { CureNews, Saying } from '../../src/tui/cure.ts';
import { SERVER_START } from '../core/cases.ts';
import { plan, reportOf } from '../core/release-stage.ts';
import { Story } from './story.ts';

export const NAME = 'worker';

/** Who holds the lock in these stories. */
export const HOLDER = 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

export const ghost = reportOf('Ghost', 'lease', {
  candidates: 1,
  evidence: [{ text: 'renewed 7 times in 15 s', grade: 'watched', from: 'the watch' }],
});

export const orphaned = reportOf('Orphaned', 'lease', {
  evidence: [{ text: 'no such pod in any namespace', grade: 'read', from: 'pods' }],
});

function releasePlan(report: LockReport = orphaned): ReleasePlan {
  const planned = plan(report);
  if (planned.is === 'refusal') throw new Error(planned.why);
  return planned;
}

/** The same lock after somebody wrote to it. */
export function rewritten(report: LockReport, holder: string, verdict: LockReport['verdict']): LockReport {
  const { primary } = report.lock;
  if (primary.content.state !== 'record') throw new Error('no record');
  const record = { ...primary.content.record, holderIdentity: holder };
  const half = {
    ...primary,
    resourceVersion: '101',
    heartbeat: `${holder} later`,
    content: { ...primary.content, record },
  };
  return { ...report, verdict, lock: { ...report.lock, primary: half } };
}

export function saying(text: string, bad = false, hint: string | null = null): Saying {
  return { text, hint, bad };
}

/** A story about one lock and its dialog. */
export class CureStory extends Story {
  readonly report: LockReport;
  /** The other plan that is at hand. */
  deletion: ReleasePlan | null = null;

  constructor(report: LockReport = orphaned, options: ConstructorParameters<typeof Story>[0] = {}) {
    super(options);
    this.report = report;
    this.show(report);
  }

  get id(): string {
    return lockId(this.report.lock.primary.ref);
  }

  get stage(): string | undefined {
    return this.state.cures.get(this.id)?.stage.is;
  }

  /** What was asked for since the last time. */
  take(): unknown[] {
    return this.effects.splice(0);
  }

  hear(news: CureNews, session = this.state.sessions): this {
    return this.send({ type: 'cure', id: this.id, session, news, now: this.state.now });
  }

  /** The dialog of release with its plan. */
  asked(): this {
    return this.press('r').proposed();
  }

  /** What an examination led to. */
  proposed(): this {
    const released = { verb: 'release', report: this.report, plan: releasePlan(this.report) } as const;
    const proposal = { ...released, deletion: this.deletion };
    return this.hear({ is: 'proposed', proposal, notes: [] });
  }

  /** Confirmed, and on its way. */
  confirmed(): this {
    return this.asked().type(NAME).press('enter');
  }

  saved(): this {
    const text = 'lease/worker saved to /kept/worker.yaml';
    return this.hear({ is: 'said', saying: saying(text), written: false });
  }

  written(): this {
    return this.hear({ is: 'said', saying: saying('lease/worker vacated'), written: true });
  }

  ended(text = 'Taken over by worker-2 after 2 s', bad = false, deletable = false): this {
    const ending = bad ? 'not-as-hoped' : 'as-hoped';
    return this.hear({ is: 'ended', sayings: [saying(text, bad)], deletable, ending });
  }

  failed(code: 'interrupted' | 'refused' | 'unreachable' | 'not-found', message: string): this {
    const error = new LeaderError(code, message, { hint: 'Do this.' });
    return this.hear({ is: 'failed', error });
  }
}

const successor: PodFacts = {
  ...{ namespace: 'apps', name: 'worker-2', status: 'Running', ready: true, restarts: 0, podIPs: [] },
  ...{ node: 'node-1', detailed: false, hostname: null, subdomain: null, hostNetwork: null },
  ...{ createdAt: null, deletedAt: null, containersStartedAt: [], owner: null },
};

/** The dialog of depose with its plan. */
export function deposing(options: ConstructorParameters<typeof Story>[0] = {}): CureStory {
  const identity = 'kubectl-leader-depose_ann@desk_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';
  const asked = { identity, force: false, holdMs: null, commonCause: false };
  const planned = planDepose({ report: ghost, candidates: [successor], options: asked, now: SERVER_START });
  if (planned.is === 'refusal') throw new Error(planned.why);
  const proposal = { verb: 'depose', report: ghost, plan: planned } as const;
  return new CureStory(ghost, options).press('x').hear({ is: 'proposed', proposal, notes: [] });
}
