import { describe, expect, it } from 'vitest';
import { LEASES, NAMESPACES } from '../../src/core/resources.ts';
import { Store } from '../../src/sandbox/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { lease } from '../support/objects.ts';

function setUp() {
  const clock = new FakeClock();
  const store = new Store(clock);
  const holder = (revision: number): unknown[] =>
    store.list(LEASES, revision).map(({ spec }) => (spec as { holderIdentity: string }).holderIdentity);
  const renew = (to: string): number => {
    store.apply(lease({ holder: to }));
    return store.revision;
  };
  return { clock, store, holder, renew };
}

describe('the store', () => {
  it('shows what was, at every revision', () => {
    const { store, holder, renew } = setUp();
    const [a, b] = [renew('a'), renew('b')];
    store.remove(LEASES, 'default', 'manager');
    const gone = store.revision;
    const c = renew('c');
    expect([a - 1, a, b, gone, c].map(holder)).toEqual([[], ['a'], ['b'], [], ['c']]);
    expect(store.find(LEASES, 'default', 'manager')?.spec).toMatchObject({ holderIdentity: 'c' });
    expect(store.find(LEASES, 'default', 'other')).toBeNull();
  });

  it('forgets what is old, and still shows what is left of the past', async () => {
    const { clock, store, holder, renew } = setUp();
    const a = renew('a');
    await clock.advance(10_000);
    const b = renew('b');
    await clock.advance(10_000);
    renew('c');
    store.trim(clock.mono() - 15_000);
    expect(store.compactedRevision).toBe(a);
    expect(holder(b)).toEqual(['b']);
    store.trim(clock.mono() + 1);
    expect([store.changes.length, store.compactedRevision]).toEqual([0, store.revision]);
    expect(holder(store.revision)).toEqual(['c']);
  });

  it('tells changes until nobody listens', () => {
    const { store, renew } = setUp();
    const seen: string[] = [];
    const stop = store.onChange(({ type, resource }) => seen.push(`${type} ${resource.plural}`));
    renew('a');
    renew('b');
    stop();
    renew('c');
    expect(seen).toEqual(['added namespaces', 'added leases', 'modified leases']);
    expect(store.find(NAMESPACES, null, 'default')).not.toBeNull();
  });

  it('keeps what it was given apart from what it gives', () => {
    const { store, renew } = setUp();
    renew('a');
    const read = store.read(LEASES, 'default', 'manager');
    (read.spec as Record<string, unknown>)['holderIdentity'] = 'nobody';
    expect(store.read(LEASES, 'default', 'manager').spec).toMatchObject({ holderIdentity: 'a' });
  });
});
