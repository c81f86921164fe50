import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { lastWriteOf } from '../../src/core/formats/managed-fields.ts';
import { LEASES } from '../../src/core/resources.ts';
import { Store } from '../../src/sandbox/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { lease } from '../support/objects.ts';

function setUp() {
  const clock = new FakeClock({ now: Date.UTC(2026, 0, 1) });
  const store = new Store(clock);
  store.create(lease({ holder: 'a', renewTime: clock.now() }), { manager: 'elector' });
  const change = (
    manager: string,
    by: (object: ClusterObject) => void,
    subresource?: string,
  ): ClusterObject => {
    const object = store.read(LEASES, 'default', 'manager');
    by(object);
    return store.update(object, { manager, ...(subresource !== undefined && { subresource }) });
  };
  const owners = (): Record<string, unknown> => {
    const { managedFields = [] } = store.read(LEASES, 'default', 'manager').metadata;
    return Object.fromEntries(managedFields.map(({ manager, fieldsV1 }) => [manager, fieldsV1]));
  };
  const renew = (): ClusterObject =>
    change('elector', ({ spec }) => {
      (spec as Record<string, unknown>)['renewTime'] = new Date(clock.now())
        .toISOString()
        .replace('Z', '000Z');
    });
  return { clock, store, change, owners, renew };
}

function annotate(object: ClusterObject): void {
  object.metadata.annotations = { ...object.metadata.annotations, note: 'seen' };
}

const RECORD = ['f:spec', 'f:renewTime'];

describe('who owns which fields', () => {
  it('an edited annotation is no renewal: the record stays with its elector, and keeps its time', async () => {
    const { clock, store, change, owners } = setUp();
    await clock.advance(60_000);
    change('kubectl-annotate', annotate);
    expect(Object.keys(owners())).toEqual(['elector', 'kubectl-annotate']);
    expect(owners()['kubectl-annotate']).toEqual({
      'f:metadata': { 'f:annotations': { '.': {}, 'f:note': {} } },
    });
    const { metadata } = store.read(LEASES, 'default', 'manager');
    expect(lastWriteOf({ ...metadata }, RECORD)).toEqual({ at: Date.UTC(2026, 0, 1), manager: 'elector' });
  });

  it('whoever changes a field takes it from the others', () => {
    const { change, owners } = setUp();
    change('kubectl-edit', ({ spec }) => {
      (spec as Record<string, unknown>)['holderIdentity'] = 'b';
    });
    expect(owners()['kubectl-edit']).toEqual({ 'f:spec': { 'f:holderIdentity': {} } });
    expect(owners()['elector']).toEqual({
      'f:spec': {
        'f:acquireTime': {},
        'f:leaseDurationSeconds': {},
        'f:leaseTransitions': {},
        'f:renewTime': {},
      },
    });
  });

  it.each([
    ['moves', '2026-01-01T00:01:00Z'],
    ['stays', '2026-01-01T00:00:00Z'],
  ] as const)('the time of an entry %s with each write', async (habit, time) => {
    const { clock, store, renew } = setUp();
    store.managedFieldsTime = habit;
    await clock.advance(60_000);
    expect(renew().metadata.managedFields?.map((entry) => entry.time)).toEqual([time]);
  });

  it('a field that is removed belongs to nobody, and an entry without fields goes', () => {
    const { change, owners } = setUp();
    change('kubectl-annotate', annotate);
    change('kubectl-edit', (object) => {
      delete object.metadata.annotations;
    });
    expect(Object.keys(owners())).not.toContain('kubectl-annotate');
  });

  it('a part of the object that is written by itself has an entry of its own', () => {
    const { store, change } = setUp();
    change(
      'elector',
      (object) => {
        object.status = { observed: true };
      },
      'status',
    );
    expect(store.read(LEASES, 'default', 'manager').metadata.managedFields).toMatchObject([
      { manager: 'elector' },
      { manager: 'elector', subresource: 'status', fieldsV1: { 'f:status': { 'f:observed': {} } } },
    ]);
  });
});
