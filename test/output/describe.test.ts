import { expect, test } from 'vitest';
import type { CaseFile } from '../../src/core/describe/case-file.ts';
import type { LockReport } from '../../src/core/report.ts';
import { recordText } from '../../src/output/describe-lock.ts';
import { SERVER_START } from '../core/cases.ts';
import { reportOf } from '../core/release-stage.ts';

/** `skewMs`: by how much the clock of whoever wrote last is ahead. */
function described(report: LockReport, skewMs: number): string {
  const half = report.lock.primary;
  const watched = { gapsMs: [], seen: 1, otherWrites: 0 };
  const file: CaseFile = {
    report,
    takenAt: SERVER_START,
    watchedMs: 20_000,
    objects: [{ half, ...watched, writers: null, reads: 'unknown', skewMs, body: null }],
    holder: { reading: null, pod: null, node: null, owners: [], incarnation: null },
    ...{ history: null, contenders: null, findings: [], probe: [], ghost: null, nextSteps: [], notes: [] },
  };
  return recordText(file, { now: SERVER_START, width: 80, color: false });
}

test("a holder's clock that was seen to be right agrees", () => {
  expect(described(reportOf('Healthy'), 300)).toMatch(/^ +Holder's clock: +agrees/m);
});

test('nothing is said of the clock of a holder that gave its lock up', () => {
  expect(described(reportOf('Leaderless'), 90_000)).not.toContain("Holder's clock");
});
