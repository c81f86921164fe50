import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import type { Refusal, ReleasePlan } from '../../src/core/release-plan.ts';
import type { ReleaseResult } from '../../src/core/release-result.ts';
import type { LockReport } from '../../src/core/report.ts';
import type { VerdictCode } from '../../src/core/verdict.ts';
import { releaseDocument } from '../../src/output/release-document.ts';
import { planText, refusalText } from '../../src/output/release-text.ts';
import { toJson } from '../../src/output/structured.ts';
import { holder } from '../core/cases.ts';
import { plan, reportOf } from '../core/release-stage.ts';

function planned(report: LockReport, force = false): ReleasePlan {
  const made = plan(report, { force });
  if (made.is === 'refusal') throw new Error(made.why);
  return made;
}

function refused(report: LockReport): Refusal {
  const made = plan(report);
  if (made.is === 'plan') throw new Error('not refused');
  return made;
}

const PLACE = { context: 'prod', server: 'https://10.0.0.1:6443' };

const EVIDENCE = [
  { text: 'no renewal seen in 20 s of watching', grade: 'watched', from: 'the watch' },
] as const;
const frozen = reportOf('Frozen', 'multilock', { evidence: EVIDENCE });
const ghost = reportOf('Ghost', 'endpoints');

describe('in 80 columns', () => {
  test('a plan', async () => {
    await expect(planText(PLACE, frozen, planned(frozen), 80)).toMatchFileSnapshot('golden/release-plan.txt');
  });

  test('a plan without a context names the server', () => {
    const text = planText({ ...PLACE, context: null }, frozen, planned(frozen), 80);
    expect(text).toMatch(/^Cluster: +https:\/\/10\.0\.0\.1:6443\nLock: /);
  });

  test('a plan by force', async () => {
    await expect(planText(PLACE, ghost, planned(ghost, true), 80)).toMatchFileSnapshot(
      'golden/release-forced.txt',
    );
  });

  test('a refusal', async () => {
    const text = refusalText(ghost, refused(ghost), 'release', 80);
    await expect(text).toMatchFileSnapshot('golden/release-refusal.txt');
  });

  test('a lock that nobody holds is said to be held by nobody, and that once', () => {
    const free = reportOf('Leaderless');
    expect(refusalText(free, refused(free), 'release', 80)).toMatch(/^Holder: +nobody$/m);
  });

  test('what no force overrides has no word of it', () => {
    const held = reportOf('Held');
    expect(refusalText(held, refused(held), 'release', 80)).not.toContain('--force');
  });
});

function resultOf({ steps }: ReleasePlan, more: Partial<ReleaseResult> = {}): ReleaseResult {
  const [step] = steps;
  return {
    backups: [{ step: step!, path: '/backups/x.yaml' }],
    writes: [{ step: step!, result: { is: 'written', at: 0, answered: true } }],
    aftermath: { is: 'taken-over', by: 'new-1', afterMs: 1_750.4 },
    waitedMs: 2_000,
    interrupted: false,
    ...more,
  };
}

// Repeated by hand: a key that is renamed, moved or lost breaks somebody's program.
describe('the documented shape', () => {
  const record = {
    place: PLACE,
    report: frozen,
    commonCause: false,
    planned: planned(frozen),
    dryRun: 'none',
    result: resultOf(planned(frozen)),
    notes: [],
  } as const;

  test('keys and their order', () => {
    const document = releaseDocument(record);
    expect([document.apiVersion, document.kind]).toEqual(['leader.kubectl/v1', 'LockRelease']);
    expect(Object.keys(document).join(' ')).toBe(
      'apiVersion kind cluster lock commonCause refusal plan dryRun backups writes unfinished outcome interrupted notes',
    );
    expect(Object.keys(document.plan ?? {}).join(' ')).toBe('strategy steps consequences warnings forced');
    expect(Object.keys(document.plan?.steps[0] ?? {}).join(' ')).toBe(
      'action namespace kind name uid resourceVersion patch',
    );
    expect(Object.keys(document.backups[0] ?? {}).join(' ')).toBe('namespace kind name path');
    expect(Object.keys(document.writes[0] ?? {}).join(' ')).toBe(
      'action namespace kind name result change verdictNow text hint',
    );
    expect(document.outcome).toMatchObject({
      result: 'taken-over',
      holderIdentity: 'new-1',
      afterSeconds: 1.75,
    });
    expect(Object.keys(document.outcome ?? {}).join(' ')).toBe(
      'result holderIdentity afterSeconds asHoped text hint',
    );
    // Only the first of two halves was written.
    expect(document.unfinished?.text).toContain(
      'Half done: endpoints/worker is vacated, lease/worker is not',
    );
  });

  test('a refusal', () => {
    const document = releaseDocument({ ...record, report: ghost, planned: refused(ghost), result: null });
    expect(document).toMatchObject({ plan: null, backups: [], writes: [], outcome: null, unfinished: null });
    expect(Object.keys(document.refusal ?? {}).join(' ')).toBe('code why instead forceable');
  });

  test('a conflict says what changed, and the verdict now', () => {
    const [step] = record.planned.steps;
    const change = { is: 'renewed', by: 'old-1' } as const;
    const result = { is: 'conflict', change, report: reportOf('Healthy') } as const;
    const writes = [{ step: step!, result }];
    const document = releaseDocument({
      ...record,
      result: resultOf(record.planned, { writes, aftermath: null }),
    });
    expect(document.writes[0]).toMatchObject({
      result: 'conflict',
      change: 'renewed',
      verdictNow: 'Healthy',
    });
    expect(document.unfinished).toBeNull();
  });
});

test('nothing of it sends a terminal anything to act upon', () => {
  const evil = fc.constantFrom('\u001b[2J', '\u009b31m', '\r', '\n', '\u202e', '\u2028', '\ud800', "'", '"');
  const text = fc.array(fc.oneof(evil, fc.string()), { maxLength: 5 }).map((parts) => parts.join(''));
  const verdicts = fc.constantFrom<VerdictCode[]>('Frozen', 'Orphaned', 'Ghost', 'Silent', 'Abandoned');
  const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
  fc.assert(
    fc.property(text, text, verdicts, (identity, why, verdict) => {
      const { presence } = reportOf(verdict).holder;
      const report = reportOf(verdict, 'multilock', {
        holder: holder(presence, { identity, found: why }),
        evidence: [{ text: why, grade: 'read', from: why }],
      });
      const made = planned(report, true);
      const error = new LeaderError('unreachable', why, { hint: why });
      const result = resultOf(made, { aftermath: { is: 'unseen', error } });
      const notes = [{ code: 'unreadable', text: why, hint: why }] as const;
      const place = { context: why, server: why };
      const record = {
        ...{ place, report, commonCause: true, planned: made, result, notes },
        ...({ dryRun: 'none' } as const),
      };
      const shown = [planText(place, report, made, 80), toJson(releaseDocument(record))].join('');
      expect(DANGEROUS.exec(shown.replaceAll('\n', ''))?.[0].codePointAt(0)).toBeUndefined();
    }),
  );
});
