import type { DeposeVerdict } from '../core/depose-words.ts';
import type { Ending } from '../core/release-words.ts';
import { EXITS } from './errors.ts';

/** The exit code that tells how a release or a deposition came out; `unconfirmed` if it was never begun. */
export const EXIT_OF: Readonly<Record<Ending | DeposeVerdict | 'unconfirmed', number>> = {
  'as-hoped': EXITS.ok,
  'not-as-hoped': EXITS.notAsHoped,
  changed: EXITS.refused,
  unchanged: EXITS.refused,
  unconfirmed: EXITS.refused,
  failed: EXITS.error,
};
