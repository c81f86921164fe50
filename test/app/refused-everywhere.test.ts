import { describe, expect, test } from 'vitest';
import { refusedEverywhere } from '../../src/app/refused-everywhere.ts';
import { type ErrorCode, LeaderError } from '../../src/core/errors.ts';
import type { Gap } from '../../src/core/gap.ts';

const KINDS = ['leases.coordination.k8s.io', 'endpoints', 'configmaps'];

function refusals(code: ErrorCode = 'forbidden', place: Partial<Gap> = {}, hint?: string) {
  const errors = KINDS.map(
    (kind) => new LeaderError(code, `${kind} is forbidden: User "ann" cannot list`, { hint: hint ?? kind }),
  );
  const gaps = errors.map(({ message }, at): Gap => {
    const where = { where: ' in all namespaces', clusterWide: true, ...place };
    const resource = KINDS[at] ?? '';
    return { about: 'locks', verb: 'list', resource, ...where, code, why: message, consequence: '' };
  });
  return { errors, gaps };
}

describe('all kinds of lock refused', () => {
  test('are named once, with the user, and with what a user of one namespace can do', () => {
    const { errors, gaps } = refusals();
    const error = refusedEverywhere(errors, gaps.toReversed());
    expect(error).toMatchObject({
      code: 'forbidden',
      message:
        'forbidden: user "ann" may not list leases.coordination.k8s.io, endpoints, configmaps in all namespaces',
    });
    expect(error?.hint).toContain('-n NAMESPACE');
  });

  test('in one namespace', () => {
    const { errors, gaps } = refusals('forbidden', { where: ' in x', clusterWide: false });
    const error = refusedEverywhere(errors, gaps);
    expect(error?.message).toMatch(/configmaps in x$/);
    expect(error?.hint).toMatch(/^Ask for a Role/);
  });

  test('another failure, or one cause that explains them all, stays as it is', () => {
    const failed = refusals('server');
    expect(refusedEverywhere(failed.errors, failed.gaps)).toBeNull();
    const anonymous = refusals('forbidden', {}, 'no credentials were sent');
    expect(refusedEverywhere(anonymous.errors, anonymous.gaps)).toBeNull();
  });
});
