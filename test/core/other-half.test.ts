import { describe, expect, it } from 'vitest';
import { otherHalfKinds, withUnreadHalf } from '../../src/core/other-half.ts';
import { reportOf, SITUATIONS } from './release-stage.ts';

describe('a lock whose other half could not be read', () => {
  it('is accused of nothing that rests on the silence of its annotation', () => {
    const { verdict, evidence } = withUnreadHalf(reportOf('Frozen', 'endpoints'), ['lease']);
    expect(verdict).toBe('Undecided');
    expect(evidence[0]?.text).toMatch(/^lease\/worker could not be read/);
  });

  it('stays accused where it is a Lease, as far as could be seen', () => {
    const report = withUnreadHalf(reportOf('Frozen', 'lease'), ['endpoints']);
    expect(report).toMatchObject({ verdict: 'Frozen', unproven: true });
  });

  it('is a heartbeat that has no other half: nothing is looked for, and nothing said', () => {
    const heartbeat = { id: 'node-heartbeat', title: 'node heartbeat' };
    const report = reportOf('Silent', 'lease', { heartbeat });
    expect(otherHalfKinds(report)).toEqual([]);
    expect(withUnreadHalf(report, ['endpoints', 'configmap'])).toBe(report);
  });

  it.each(Object.keys(SITUATIONS) as (keyof typeof SITUATIONS)[])(
    '%s: nothing changes where all could be read',
    (verdict) => {
      const report = reportOf(verdict, 'endpoints');
      expect(withUnreadHalf(report, [])).toBe(report);
    },
  );
});
