import { describe, expect, it } from 'vitest';
import type { LockObjectFacts } from '../../src/core/lock-object.ts';
import type { LockReport } from '../../src/core/report.ts';
import type { VerdictCode } from '../../src/core/verdict.ts';
import { half, holder, lock, renewal } from './cases.ts';
import { objectsOf, outline, PURE, plan, reportOf, type Shape, SITUATIONS } from './release-stage.ts';

const VERDICTS = Object.keys(SITUATIONS) as VerdictCode[];
const SHAPES: Shape[] = ['lease', 'endpoints', 'configmap', 'multilock', 'leftover'];

/** What each verdict comes to without flags: `ok`, or the code of the refusal. */
const UNFORCED: Record<VerdictCode, string> = {
  Ghost: 'renewing',
  Frozen: 'ok',
  Split: 'split',
  Invalid: 'ok',
  Orphaned: 'ok',
  Leaderless: 'free',
  Failing: 'renewing',
  Late: 'renewing',
  Flapping: 'flapping',
  Stranger: 'renewing',
  Silent: 'not-allowed-to-look',
  Undecided: 'undecided',
  Yielding: 'hand-over',
  Abandoned: 'ok',
  Vacant: 'free',
  Held: 'held-for-life!',
  Healthy: 'renewing',
};

const STEPS: Record<Shape, string[]> = {
  lease: ['lease'],
  endpoints: ['endpoints'],
  configmap: ['configmap'],
  multilock: ['endpoints', 'lease'],
  leftover: ['lease'],
};

function steps(shape: Shape, action: (kind: string) => string): string {
  return STEPS[shape].map((kind) => `${action(kind)} ${kind}`).join(', ');
}

const isPossible = (verdict: VerdictCode, shape: Shape) =>
  verdict === 'Held' ? shape === 'lease' : verdict !== 'Split' || shape === 'multilock';

describe.each(SHAPES)('a lock in the shape of a %s', (shape) => {
  const cells = VERDICTS.filter((verdict) => isPossible(verdict, shape));

  describe.each(cells)('%s', (verdict) => {
    const report = reportOf(verdict, shape);
    const ruling = UNFORCED[verdict];
    // A Lease that cannot be decoded can only be deleted.
    const usual = steps(shape, (kind) => (verdict === 'Invalid' && kind === 'lease' ? 'delete' : 'vacate'));

    it('without flags', () => {
      const expected = ruling === 'ok' ? usual : `refused: ${ruling}`;
      expect(outline(plan(report))).toBe(expected);
    });

    it('with force', () => {
      const planned = plan(report, { force: true });
      expect(outline(planned)).toBe(ruling.endsWith('!') ? `refused: ${ruling}` : usual);
      if (planned.is === 'plan') expect(planned.forced).toBe(ruling !== 'ok');
    });

    it('with --strategy delete and force', () => {
      const expected = ruling.endsWith('!') ? `refused: ${ruling}` : steps(shape, () => 'delete');
      expect(outline(plan(report, { strategy: 'delete', force: true }))).toBe(expected);
    });

    it('with --strategy vacate and force', () => {
      const blocked = verdict === 'Invalid' && STEPS[shape].includes('lease');
      const vacating = blocked ? 'refused: not-vacatable!' : steps(shape, () => 'vacate');
      const expected = ruling.endsWith('!') ? `refused: ${ruling}` : vacating;
      expect(outline(plan(report, { strategy: 'vacate', force: true }))).toBe(expected);
    });
  });
});

/** All that a plan or refusal says. */
function words(report: LockReport, options: Parameters<typeof plan>[1] = {}): string {
  const planned = plan(report, options);
  const said =
    planned.is === 'plan'
      ? [...planned.warnings, ...planned.consequences]
      : [planned.why, ...planned.instead];
  return said.join('\n');
}

describe('what is said', () => {
  it.each<[VerdictCode, RegExp[]]>([
    [
      'Healthy',
      [
        /renewed by worker-1_6d8f.*which is alive/,
        /within about 2 s/,
        /two lead for up to about 10 s/,
        /29 of 32/,
        /8 of 16/,
      ],
    ],
    ['Healthy', [/kubectl leader depose apps\/lease\/worker takes the lock/]],
    ['Ghost', [/exists nowhere in the cluster/, /kubectl leader depose/]],
    ['Stranger', [/nothing in the cluster accounts for/, /^Find out first whose identity/m]],
    ['Failing', [/not fit to lead/, /depose/]],
    ['Late', [/^Look at the API server's latency/m, /depose/]],
    ['Undecided', [/at least 19 s/]],
    ['Silent', [/could not be told/, /right to read pods and nodes/]],
    ['Leaderless', [/Nobody holds it/, /^Start the workload/m]],
    ['Vacant', [/Nobody holds it/, /within seconds/]],
    ['Flapping', [/taken all the time/, /restarts/]],
    ['Split', [/Both halves are renewed/, /stop the other one/]],
    ['Held', [/for life and never renewed/, /Only its holder/]],
    ['Frozen', [/is alive/, /409 Conflict again and again, --strategy delete/, /lease\/worker is vacated/]],
    ['Orphaned', [/A candidate takes it at its next try/, /official Java clients/]],
    ['Abandoned', [/it stays free until something does/]],
  ])('%s: %s', (verdict, expected) => {
    const said = words(reportOf(verdict, verdict === 'Split' ? 'multilock' : 'lease'));
    for (const pattern of expected) expect(said).toMatch(pattern);
  });

  it('the deadline follows the recorded duration', () => {
    const long = lock(half({ durationMs: 137_000 }));
    expect(words(reportOf('Healthy', 'lease', { lock: long }))).toContain('up to about 91 s');
  });

  it('force says what it overrides, and why', () => {
    expect(words(reportOf('Ghost'), { force: true })).toMatch(/exists nowhere in the cluster.*two lead/);
  });

  it('a deletion does not recommend a deletion', () => {
    expect(words(reportOf('Frozen'), { strategy: 'delete' })).not.toContain('--strategy');
  });

  it('a removed record costs the count of transitions', () => {
    expect(words(reportOf('Invalid', 'endpoints'))).toContain('count of transitions with it');
  });

  it('the half that is left behind is said not to be touched', () => {
    expect(words(reportOf('Frozen', 'leftover'))).toContain('endpoints/worker is a leftover half');
  });

  it('an orphan with nobody to take it will not be cured', () => {
    const said = words(reportOf('Orphaned', 'lease', { candidates: 0 }));
    expect(said).toMatch(/freeing it changes nothing/);
    expect(said).toMatch(/stays free/);
  });

  it('a holder that is alive may take the lock back, though nobody else could', () => {
    expect(words(reportOf('Frozen', 'lease', { candidates: 0 }))).not.toMatch(/stays free/);
  });

  it.each<VerdictCode>(['Undecided', 'Healthy', 'Ghost'])(
    '%s: nor does a lock stay free that its holder can take, by force',
    (verdict) => {
      const said = words(reportOf(verdict, 'lease', { candidates: 0 }), { force: true });
      expect(said).not.toMatch(/stays free/);
    },
  );

  it('an unfit or unmatched holder may still be at work', () => {
    const unfit = holder('failing', { found: 'on lost node m2' });
    expect(words(reportOf('Orphaned', 'lease', { holder: unfit }))).toContain('unfit (on lost node m2)');
    const stranger = holder('unmatched');
    expect(words(reportOf('Orphaned', 'lease', { holder: stranger }))).toContain('ever was in this cluster');
  });

  it('no identity reaches the terminal unescaped', () => {
    const identity = 'evil\u001b[2J\n';
    for (const verdict of VERDICTS) {
      const report = reportOf(verdict, 'lease', {
        holder: holder(SITUATIONS[verdict].presence, { identity, found: identity }),
      });
      const said = words(report, { force: true }) + words(report);
      expect(said).not.toContain('\u001b');
    }
  });
});

describe('a lock that is never renewed', () => {
  const heldBy = (owner?: { kind: string; name: string }) =>
    lock(half({}, { heartbeat: null, ownerReferences: owner === undefined ? [] : [owner] }));

  it('is freed by deleting the dead Pod that owns it, and never by this tool', () => {
    const orphan = reportOf('Orphaned', 'lease', {
      lock: heldBy({ kind: 'Pod', name: 'web-1' }),
      renewal: renewal('perpetual', { grade: 'clock' }),
    });
    expect(plan(orphan, { force: true })).toMatchObject({
      is: 'refusal',
      code: 'held-for-life',
      forceable: false,
      instead: [expect.stringContaining('Delete the Pod web-1')],
    });
  });
});

describe('what is no election', () => {
  it('is never touched', () => {
    const report = reportOf('Silent', 'lease', {
      heartbeat: { id: 'node-heartbeat', title: 'node heartbeat' },
    });
    const refused = plan(report, { force: true, strategy: 'delete' });
    expect(refused).toMatchObject({ code: 'not-an-election', forceable: false });
    expect(refused).toMatchObject({ why: expect.stringContaining('node heartbeat') });
  });
});

describe('reasons beside the verdict', () => {
  it.each(['Frozen', 'Orphaned', 'Abandoned', 'Invalid'] as const)(
    '%s by a common cause is refused',
    (verdict) => {
      const report = reportOf(verdict);
      expect(outline(plan(report, { commonCause: true }))).toBe('refused: common-cause');
      expect(words(report, { commonCause: true })).toMatch(/API server, etcd/);
      expect(plan(report, { commonCause: true, force: true })).toMatchObject({ is: 'plan', forced: true });
    },
  );

  it('a common cause is named before the verdict', () => {
    expect(outline(plan(reportOf('Late'), { commonCause: true }))).toBe('refused: common-cause');
  });

  it('silence that only clocks speak of has to be watched first', () => {
    const unwatched = reportOf('Frozen', 'lease', { renewal: renewal('silent', { grade: 'clock' }) });
    expect(outline(plan(unwatched))).toBe('refused: not-watched');
    expect(words(unwatched)).toContain('Watch it without interruption for 19 s');
    expect(plan(unwatched, { force: true })).toMatchObject({ is: 'plan', forced: true });
  });

  it('a hand-over between coordinated candidates resolves itself', () => {
    const yielding = lock(half({ strategy: 'OldestEmulationVersion', preferredHolder: 'master-1_x' }));
    const report = reportOf('Frozen', 'lease', { lock: yielding });
    expect(outline(plan(report))).toBe('refused: hand-over');
    expect(words(report)).toMatch(/handing it over to master-1_x/);
    expect(words(report, { force: true })).toMatch(/control plane elects the next holder/);
  });

  it.each([
    ['could not be looked for with any rights', '9c1c3f0e-6d62-4d3e-8a53-1f6d0b7a4c20', 'vacate lease'],
    [
      'could have been looked for',
      'worker-1_9c1c3f0e-6d62-4d3e-8a53-1f6d0b7a4c20',
      'refused: not-allowed-to-look',
    ],
  ])('a silent lock whose identity %s', (_, holderIdentity, expected) => {
    const silent = reportOf('Silent', 'lease', {
      lock: lock(half({ holderIdentity })),
      holder: holder('unknown', { identity: holderIdentity }),
    });
    expect(outline(plan(silent))).toBe(expected);
    expect(words(silent)).toContain(holderIdentity);
  });
});

describe('deleting', () => {
  const cases: [string, Partial<LockObjectFacts>, Shape, string, RegExp][] = [
    ['Endpoints with subsets', { hasSubsets: true }, 'endpoints', 'refused: not-deletable!', /traffic/],
    [
      'Endpoints of a Service',
      { service: true },
      'endpoints',
      'refused: not-deletable!',
      /Service of the same name/,
    ],
    ['a ConfigMap with data', { hasData: true }, 'configmap', 'refused: not-deletable!', /data besides/],
    [
      'a Lease that others annotated',
      { foreign: ['annotation x/y'] },
      'lease',
      'refused: not-deletable!',
      /annotation x\/y/,
    ],
    [
      'Endpoints of perhaps a Service',
      { service: null },
      'endpoints',
      'refused: not-deletable',
      /could not be read/,
    ],
    [
      'a Lease with finalizers',
      { finalizers: ['a/b'] },
      'lease',
      'refused: not-deletable',
      /finalizers .*a\/b/,
    ],
    ['a Lease beside a Service', { service: true }, 'lease', 'delete lease', /creates it anew/],
    [
      'one half of which cannot be',
      { hasSubsets: true },
      'multilock',
      'refused: not-deletable!',
      /endpoints\/worker/,
    ],
  ];

  it.each(cases)('%s', (_, facts, shape, expected, pattern) => {
    const report = reportOf('Frozen', shape);
    const planned = plan(report, { strategy: 'delete' }, objectsOf(report, facts));
    expect(outline(planned)).toBe(expected);
    const said = planned.is === 'plan' ? planned.consequences : [planned.why];
    expect(said.join()).toMatch(pattern);
    if (planned.is === 'refusal') expect(planned.instead).toEqual(['Vacate it: --strategy vacate']);

    const forced = plan(report, { strategy: 'delete', force: true }, objectsOf(report, facts));
    expect(outline(forced)).toBe(expected.endsWith('!') ? expected : `delete ${shape}`);
    expect(outline(plan(report, {}, objectsOf(report, facts)))).toBe(outline(plan(report)));
  });

  it('needs to know what else the object is', () => {
    expect(outline(plan(reportOf('Frozen'), { strategy: 'delete', force: true }, new Map()))).toBe(
      'refused: not-deletable!',
    );
    expect(outline(plan(reportOf('Frozen'), {}, new Map()))).toBe('vacate lease');
  });

  it('names first what no force overrides', () => {
    const report = reportOf('Frozen', 'multilock');
    const objects = new Map([
      ['apps/endpoints/worker', { ...PURE, service: null }],
      ['apps/lease/worker', { ...PURE, foreign: ['annotation x/y'] }],
    ]);
    expect(plan(report, { strategy: 'delete', force: true }, objects)).toMatchObject({
      forceable: false,
      why: expect.stringContaining('lease/worker'),
    });
  });

  it('is not the way for a record that cannot be decoded on an object that others use', () => {
    const report = reportOf('Invalid', 'lease');
    const planned = plan(report, {}, objectsOf(report, { foreign: ['annotation x/y'] }));
    expect(planned).toMatchObject({ code: 'not-deletable', instead: ['Repair its record by hand'] });
  });
});

describe('each step', () => {
  it('carries what it rests on, the half that candidates obey first', () => {
    const planned = plan(reportOf('Frozen', 'multilock'));
    expect(planned).toMatchObject({
      strategy: 'vacate',
      forced: false,
      steps: [
        { ref: { kind: 'endpoints' }, uid: 'uid-endpoints', resourceVersion: '100', action: 'vacate' },
        {
          ref: { kind: 'lease', namespace: 'apps', name: 'worker' },
          uid: 'uid-lease',
          resourceVersion: '100',
          expects: { holder: 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11', heartbeat: expect.any(String) },
          patch: { spec: { holderIdentity: '', renewTime: '2026-01-01T12:00:00.000000Z' } },
        },
      ],
    });
  });
});
