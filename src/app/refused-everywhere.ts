import { LeaderError } from '../core/errors.ts';
import { compareGaps, type Gap } from '../core/gap.ts';

/** The whole of the user's name as the API server quotes it in its refusals. */
const USER = /User ("[^"]*")/;

/** One error for all kinds of lock that were refused, with what to do about it; null where something else is the matter. */
export function refusedEverywhere(errors: readonly LeaderError[], gaps: readonly Gap[]): LeaderError | null {
  // Hints that are all the same name one cause beside the rights on these kinds: impersonation, missing credentials.
  const oneCause = errors.length > 1 && new Set(errors.map(({ hint }) => hint)).size === 1;
  if (oneCause || errors.some(({ code }) => code !== 'forbidden' && code !== 'not-served')) return null;
  const refused = gaps.filter(({ code }) => code === 'forbidden').toSorted(compareGaps);
  const [first] = refused;
  if (first === undefined) return null;
  const user = USER.exec(first.why)?.[1];
  const kinds = refused.map(({ resource }) => resource).join(', ');
  return new LeaderError(
    'forbidden',
    `forbidden: ${user === undefined ? 'you' : `user ${user}`} may not list ${kinds}${first.where}`,
    {
      hint: first.clusterWide
        ? 'Name a namespace that you may read with -n NAMESPACE, or ask for a ClusterRole with the verb "list" on them.'
        : 'Ask for a Role there with the verb "list" on them, or name another namespace.',
    },
  );
}
