import { describe, expect, it } from 'vitest';
import { type DeposeInput, type DeposeOptions, planDepose } from '../../src/core/depose-plan.ts';
import { deposeRulingOf } from '../../src/core/depose-rules.ts';
import type { NodeFacts, PodFacts } from '../../src/core/holder.ts';
import type { LockReport } from '../../src/core/report.ts';
import { VERDICTS, type VerdictCode } from '../../src/core/verdict.ts';
import { half, holder, lock, renewal, SERVER_START } from './cases.ts';
import { lockOf, reportOf, type Shape } from './release-stage.ts';

const ME = 'kubectl-leader-depose_ann@desk_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

function candidate(name: string): PodFacts {
  return {
    ...{ namespace: 'apps', name, status: 'Running', ready: true, restarts: 0, podIPs: [], node: 'node-1' },
    ...{ detailed: false, hostname: null, subdomain: null, hostNetwork: null, createdAt: null },
    ...{ deletedAt: null, containersStartedAt: [], owner: null },
  };
}

const SOMEBODY = [candidate('worker-2')];

function plan(
  report: LockReport,
  options: Partial<DeposeOptions> = {},
  candidates: DeposeInput['candidates'] = SOMEBODY,
) {
  const asked = { identity: ME, force: false, holdMs: null, commonCause: false, ...options };
  return planDepose({ report, candidates, options: asked, now: SERVER_START });
}

function planned(...args: Parameters<typeof plan>) {
  const found = plan(...args);
  if (found.is === 'refusal') throw new Error(`refused: ${found.why}`);
  return found;
}

/** `depose endpoints, lease`, or `refused: CODE`, with `!` where no force overrides it. */
function outline(found: ReturnType<typeof planDepose>): string {
  if (found.is === 'refusal') return `refused: ${found.code}${found.forceable ? '' : '!'}`;
  return `depose ${found.halves.map(({ ref }) => ref.kind).join(', ')}`;
}

function withPod(report: LockReport, nodeReady = true): LockReport {
  const node: NodeFacts = {
    ...{ name: 'node-1', ready: nodeReady, status: nodeReady ? 'Ready' : 'NotReady' },
    ...{ hostnames: [], addresses: [], createdAt: null },
  };
  return { ...report, holder: { ...report.holder, pod: candidate('worker-1'), node } };
}

const SHAPES: Shape[] = ['lease', 'endpoints', 'configmap', 'multilock', 'leftover'];

const HALVES: Record<Shape, string> = {
  lease: 'depose lease',
  endpoints: 'depose endpoints',
  configmap: 'depose configmap',
  multilock: 'depose endpoints, lease',
  leftover: 'depose lease',
};

/** What each verdict comes to: null where the holder is deposed. Then the same by force. */
const CELLS: Record<VerdictCode, [plain: string | null, forced: string | null]> = {
  Ghost: [null, null],
  Stranger: [null, null],
  Failing: [null, null],
  Late: [null, null],
  Healthy: [null, null],
  Frozen: ['refused: not-renewed', null],
  Orphaned: ['refused: not-renewed', null],
  Silent: ['refused: not-renewed', null],
  Abandoned: ['refused: not-renewed', null],
  Flapping: ['refused: flapping', null],
  Undecided: ['refused: undecided', null],
  Split: ['refused: split!', 'refused: split!'],
  Invalid: ['refused: invalid!', 'refused: invalid!'],
  Yielding: ['refused: hand-over!', 'refused: hand-over!'],
  Leaderless: ['refused: free!', 'refused: free!'],
  Vacant: ['refused: free!', 'refused: free!'],
  Held: ['refused: held-for-life!', 'refused: held-for-life!'],
};

describe('verdict x shape x force', () => {
  const cases = (Object.keys(CELLS) as VerdictCode[]).flatMap((verdict) =>
    // Only Leases can be held for life.
    (verdict === 'Held' ? (['lease'] as const) : SHAPES).flatMap((shape) =>
      [false, true].map((force) => ({ verdict, shape, force })),
    ),
  );

  it.each(cases)('$verdict, $shape, force: $force', ({ verdict, shape, force }) => {
    const cell = CELLS[verdict][force ? 1 : 0];
    expect(outline(plan(reportOf(verdict, shape), { force }))).toBe(cell ?? HALVES[shape]);
  });

  const refusals = (Object.keys(VERDICTS) as VerdictCode[]).flatMap((verdict) => {
    const ruling = deposeRulingOf(reportOf(verdict));
    return ruling.allowed ? [] : [{ verdict, ruling }];
  });

  it.each(refusals)('$verdict: the refusal says why, and what to do instead', ({ ruling }) => {
    expect(ruling.why).toMatch(/^[A-Z][^.]*[^.]$/s);
    expect(ruling.instead.length).toBeGreaterThan(0);
  });
});

describe('never, not even by force', () => {
  const coordinated = reportOf('Healthy', 'lease', {
    lock: lock(half({ strategy: 'OldestEmulationVersion', holderIdentity: 'm1_x' })),
  });
  const camel = reportOf('Healthy', 'lease', { lock: lock(half({}, { labels: { provider: 'camel' } })) });
  const deposing = reportOf('Stranger', 'lease', { lock: lock(half({ holderIdentity: ME })) });
  const blank = lockOf('multilock', 'Healthy');
  const unmarked = {
    ...blank,
    secondary: { ...blank.secondary!, content: { state: 'invalid', why: 'x' } as const },
  };

  it.each<[string, LockReport, string, RegExp]>([
    ['a coordinated Lease', coordinated, 'coordinated', /kubectl -n apps delete leasecandidate m1_x/],
    ['one of a live Pod', withPod(coordinated), 'coordinated', /kubectl -n apps delete pod worker-1/],
    ["Camel's", withPod(camel), 'membership', /kubectl -n apps delete pod worker-1/],
    ['one that is being deposed', deposing, 'being-deposed', /Wait until that is done/],
    [
      'half a multilock that carries no record',
      reportOf('Healthy', 'multilock', { lock: unmarked }),
      'invalid',
      /two halves/,
    ],
    [
      'a heartbeat',
      reportOf('Healthy', 'lease', { heartbeat: { id: 'node-heartbeat', title: 'node heartbeat' } }),
      'not-an-election',
      /component that writes it/,
    ],
    [
      'a Terraform lock',
      reportOf('Healthy', 'lease', {
        heartbeat: { id: 'terraform-state-lock', title: 'Terraform state lock' },
      }),
      'not-an-election',
      /terraform force-unlock/,
    ],
    [
      'nobody',
      reportOf('Flapping', 'lease', { lock: lock(half({ holderIdentity: '' })) }),
      'free',
      /free lock/,
    ],
  ])('%s', (_, report, code, instead) => {
    for (const force of [false, true]) {
      const found = plan(report, { force });
      expect(found).toMatchObject({ is: 'refusal', code, forceable: false });
      expect(found.is === 'refusal' && found.instead.join('\n')).toMatch(instead);
    }
  });
});

describe('not without force', () => {
  it.each<[string, Partial<DeposeOptions>, PodFacts[], string, RegExp]>([
    ['nobody is there to take over', {}, [], 'no-candidate', /Start the workload[\s\S]*delete pod worker-1/],
    [
      'many locks are in trouble together',
      { commonCause: true },
      SOMEBODY,
      'common-cause',
      /API server, etcd/,
    ],
  ])('%s', (_, options, candidates, code, instead) => {
    const report = withPod(reportOf('Late'));
    const found = plan(report, options, candidates);
    expect(found).toMatchObject({ is: 'refusal', code, forceable: true });
    expect(found.is === 'refusal' && found.instead.join('\n')).toMatch(instead);
    const forced = planned(report, { ...options, force: true }, candidates);
    expect([forced.forced, forced.warnings.length > 1]).toEqual([true, true]);
  });
});

describe('the plan', () => {
  it('says what is done, how long nobody leads, and who comes next', () => {
    const candidates = ['worker-2', 'worker-3', 'worker-4', 'worker-5'].map(candidate);
    expect(planned(reportOf('Ghost', 'multilock'), {}, candidates)).toMatchObject({
      holder: 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11',
      steps: [
        `Take endpoints/worker, then lease/worker as ${ME}, if worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11 still holds it`,
        expect.stringMatching(/^Renew it every 2 s for 19 s: its duration of 15 s and a retry period/),
        'Free it, and watch who takes it',
      ],
      consequences: [
        'Nobody leads for 19 s to 24 s: never two at once',
        expect.stringMatching(/as a ghost it has no kubelet that would start it again$/),
        expect.stringMatching(
          /2 to 4.4 s by client-go's defaults: apps\/worker-2, apps\/worker-3, apps\/worker-4 and 1 more$/,
        ),
      ],
      warnings: [],
      forced: false,
    });
  });

  it.each<[string, LockReport, RegExp]>([
    [
      'a Pod',
      withPod(reportOf('Healthy')),
      /exits when it loses the lock: its kubelet starts it again in its Pod/,
    ],
    [
      'a Pod whose node may be gone',
      withPod(reportOf('Healthy'), false),
      /: if its node still works, its kubelet starts it/,
    ],
    [
      'a process outside',
      reportOf('Stranger'),
      /whatever looks after it, outside this cluster, may start it again/,
    ],
    ['a process on a node', reportOf('Healthy'), /if it is started again, it competes like any other/],
  ])('tells what becomes of %s', (_, report, says) => {
    expect(planned(report).consequences[1]).toMatch(says);
  });

  it.each<[string, LockReport, Partial<DeposeOptions>, PodFacts[] | null, RegExp]>([
    ['a stranger may lead rightly', reportOf('Stranger'), {}, SOMEBODY, /if it leads rightly/],
    ['why one is unfit matters more', reportOf('Failing'), {}, SOMEBODY, /see why first/],
    ['the next one may be as late', reportOf('Late'), {}, SOMEBODY, /the next holder is as late/],
    [
      'nobody looked for the holder',
      reportOf('Healthy', 'lease', { unproven: true }),
      {},
      SOMEBODY,
      /may be the rightful leader/,
    ],
    ['candidates are not known', reportOf('Ghost'), {}, null, /could not be told/],
    [
      'a hold that is too short',
      reportOf('Ghost'),
      { holdMs: 5_000 },
      SOMEBODY,
      /held for 19 s and not for 5 s/,
    ],
  ])('warns that %s', (_, report, options, candidates, says) => {
    expect(planned(report, options, candidates).warnings.join('\n')).toMatch(says);
  });

  it('a leftover half is not touched, and that is said', () => {
    expect(planned(reportOf('Ghost', 'leftover')).consequences.at(-1)).toMatch(
      /endpoints\/worker is a leftover half/,
    );
  });

  it('what others wrote is made safe', () => {
    const evil = 'x\u001b]0;pwned\u0007';
    const report = reportOf('Stranger', 'lease', {
      lock: lock(half({ holderIdentity: evil })),
      holder: holder('unmatched', { identity: evil, found: evil }),
    });
    const { steps, consequences, warnings } = planned(report, {}, [candidate(evil)]);
    expect([...steps, ...consequences, ...warnings].join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('what is not sure is not promised', () => {
  it('a renewal that was not watched is refused: how long to hold the lock is not known', () => {
    const report = reportOf('Ghost', 'lease', { renewal: renewal('renewing', { grade: 'clock' }) });
    expect(plan(report)).toMatchObject({
      is: 'refusal',
      code: 'undecided',
      why: expect.stringMatching(/concluded from clocks/),
      forceable: true,
    });
    expect(planned(report, { force: true }).consequences[0]).not.toMatch(/two at once/);
  });

  it('a silent holder may work on without renewing: two may lead, by force', () => {
    const { consequences, warnings } = planned(reportOf('Frozen'), { force: true });
    expect(consequences.join()).not.toMatch(/two at once/);
    expect(warnings.join()).toMatch(/two lead once the lock is freed, until it notices/);
    expect(planned(reportOf('Ghost')).consequences[0]).toMatch(/never two at once/);
  });
});

describe('the term', () => {
  it.each<
    [
      string,
      number | null,
      number[],
      number | null,
      { holdMs: number; renewEveryMs: number; deadlineMs: number },
    ]
  >([
    ['client-go', 15_000, [2_000, 2_000], null, { holdMs: 19_400, renewEveryMs: 2_000, deadlineMs: 10_000 }],
    ['a quick one', 3_000, [], null, { holdMs: 7_400, renewEveryMs: 400, deadlineMs: 2_000 }],
    [
      'a slow retry period',
      137_000,
      [26_000],
      null,
      { holdMs: 171_250, renewEveryMs: 2_000, deadlineMs: 137_000 / 1.5 },
    ],
    [
      'a gap that is none',
      15_000,
      [3_600_000],
      null,
      { holdMs: 30_000, renewEveryMs: 2_000, deadlineMs: 10_000 },
    ],
    ['no duration', null, [], null, { holdMs: 19_400, renewEveryMs: 2_000, deadlineMs: 10_000 }],
    ['asked for longer', 15_000, [], 60_000, { holdMs: 60_000, renewEveryMs: 2_000, deadlineMs: 10_000 }],
    ['asked for too little', 15_000, [], 1_000, { holdMs: 19_400, renewEveryMs: 2_000, deadlineMs: 10_000 }],
  ])('%s', (_, durationMs, gapsMs, holdMs, term) => {
    const report = reportOf('Ghost', 'lease', {
      lock: lock(half({ durationMs })),
      renewal: renewal('renewing', { gapsMs }),
    });
    const found = planned(report, { holdMs }).term;
    expect(found.holdMs).toBeCloseTo(term.holdMs);
    expect(found.renewEveryMs).toBeCloseTo(term.renewEveryMs);
    expect(found.deadlineMs).toBeCloseTo(term.deadlineMs);
  });

  it('of two halves the longer duration is waited for, and the shorter one kept up', () => {
    const { primary, secondary } = lockOf('multilock', 'Healthy');
    const slow = half({ durationMs: 30_000 }, { ref: secondary!.ref });
    const report = reportOf('Ghost', 'multilock', {
      lock: lock(primary, { secondary: slow, pairing: 'multilock' }),
    });
    expect(planned(report).term).toMatchObject({ durationMs: 30_000, holdMs: 37_500, deadlineMs: 10_000 });
  });
});
