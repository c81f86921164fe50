import { expect, test } from 'vitest';
import { planDepose } from '../../src/core/depose-plan.ts';
import { deposeEventDocument } from '../../src/output/depose-document.ts';
import { SERVER_START } from '../core/cases.ts';
import { reportOf } from '../core/release-stage.ts';

test('times are told to the millisecond, as everywhere: our clock counts in fractions of it', () => {
  const options = { identity: 'me', force: false, holdMs: null, commonCause: false };
  const plan = planDepose({ report: reportOf('Ghost'), candidates: null, options, now: SERVER_START });
  if (plan.is === 'refusal') throw new Error(plan.why);
  const event = { is: 'holder-changed', by: null, afterMs: 3_200.4567, at: SERVER_START } as const;
  expect(deposeEventDocument(event, plan)).toMatchObject({ afterSeconds: 3.2 });
});
