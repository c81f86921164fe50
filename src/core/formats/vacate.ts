import type { LockHalf } from '../lock.ts';
import type { Instant } from '../time.ts';
import type { MergePatch } from './format.ts';
import { FORMATS } from './index.ts';

/** The patch that frees a half in its own format; null where it has to be freed in another way, or not at all. */
export function vacateHalf(half: LockHalf, now: Instant): MergePatch | null {
  return FORMATS.find(({ id }) => id === half.format)?.vacate(half, now) ?? null;
}
