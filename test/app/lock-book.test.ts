import { expect, it } from 'vitest';
import { LOCK_SOURCES, LockBook, type LockSource } from '../../src/app/lock-book.ts';
import { lease } from '../support/objects.ts';

const LEASE_SOURCE = LOCK_SOURCES.find(({ kind }) => kind === 'lease') as LockSource;
const REF = { kind: 'lease', namespace: 'default', name: 'worker' } as const;

function version(resourceVersion: string, renewTime: number, labels: Record<string, string> = {}) {
  const { metadata, ...rest } = lease({ name: 'worker', holder: 'a', renewTime, labels });
  return { ...rest, metadata: { ...metadata, uid: 'u', resourceVersion } };
}

it('counts two renewals that arrive in one chunk as two renewals, and not as writes of somebody else', () => {
  const book = new LockBook({ heartbeats: false });
  book.see(LEASE_SOURCE, version('1', 1_000), 0);
  book.see(LEASE_SOURCE, version('2', 2_000), 50);
  book.see(LEASE_SOURCE, version('3', 3_000), 50);
  expect(book.sight(REF)).toMatchObject({ otherWrites: 0, observation: { seen: 2 } });
});

it('counts a write that leaves the record as it was, also in one chunk with a renewal', () => {
  const book = new LockBook({ heartbeats: false });
  book.see(LEASE_SOURCE, version('1', 1_000), 0);
  book.see(LEASE_SOURCE, version('2', 2_000), 50);
  book.see(LEASE_SOURCE, version('3', 2_000, { edited: 'yes' }), 50);
  expect(book.sight(REF)).toMatchObject({ otherWrites: 1, observation: { seen: 1 } });
});
