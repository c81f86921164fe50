import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deposeIdentity, isDeposer } from '../../src/core/depose-identity.ts';
import { readIdentity } from '../../src/core/identity.ts';

const UUID = '6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

describe('the identity of somebody who deposes', () => {
  it.each([
    ['ann', 'desk', `kubectl-leader-depose_ann@desk_${UUID}`],
    ['DOM\\ann b', 'desk.example.com', `kubectl-leader-depose_DOM-ann-b@desk.example.com_${UUID}`],
    ['', '\n', `kubectl-leader-depose_unknown@unknown_${UUID}`],
    ['a_b@c', 'ü', `kubectl-leader-depose_a-b-c@unknown_${UUID}`],
    ['a'.repeat(200), 'h', `kubectl-leader-depose_${'a'.repeat(63)}@h_${UUID}`],
  ])('%j on %j', (user, host, identity) => {
    expect(deposeIdentity({ user, host, uuid: UUID })).toBe(identity);
  });

  it('is plain ASCII of a bounded length whatever the names are, and nobody takes it for a Pod or a Node', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (user, host) => {
        const identity = deposeIdentity({ user, host, uuid: UUID });
        expect(identity).toMatch(/^[A-Za-z0-9.@_-]{1,200}$/);
        expect(isDeposer(identity)).toBe(true);
        const looks = readIdentity(identity, { kind: 'lease', namespace: 'a', name: 'b' });
        expect(looks.map(({ look }) => look.for)).not.toContain('pod-name');
      }),
    );
  });

  it('is not that of anybody else', () => {
    expect(isDeposer(`worker-1_${UUID}`)).toBe(false);
  });
});
