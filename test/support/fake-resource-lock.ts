export type { LockType } from '../../src/sandbox/resource-lock.ts';
