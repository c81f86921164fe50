import { holderOf, type Lock, type LockRef } from './lock.ts';

/** One way to go on with a word that is being typed. Not yet made printable. */
export interface Candidate {
  text: string;
  /** What it is, in a few words; empty where that is plain. */
  about: string;
}

const LONGEST_HOLDER = 60;

function about({ primary }: Lock): string {
  const holder = holderOf(primary);
  if (holder === null) return `${primary.ref.kind}, free`;
  return `${primary.ref.kind}, held by ${holder.length > LONGEST_HOLDER ? `${holder.slice(0, LONGEST_HOLDER)}…` : holder}`;
}

type Form = (ref: LockRef) => string;

const IN_NAMESPACE: readonly Form[] = [({ name }) => name, ({ kind, name }) => `${kind}/${name}`];
const ANYWHERE: readonly Form[] = [
  ({ namespace, name }) => `${namespace}/${name}`,
  ({ namespace, kind, name }) => `${namespace}/${kind}/${name}`,
];

/** A spelling of every lock that means this lock alone. */
function spellings(locks: readonly Lock[], forms: readonly Form[]): Candidate[] {
  const counts = forms.map((form) => Map.groupBy(locks, ({ primary }) => form(primary.ref)));
  return locks.flatMap((lock) => {
    const own = forms.findIndex((form, at) => counts[at]?.get(form(lock.primary.ref))?.length === 1);
    const text = forms[own]?.(lock.primary.ref);
    return text === undefined ? [] : [{ text, about: about(lock) }];
  });
}

/**
 * The locks that a word may become, in the shortest spelling that is theirs alone: with their namespace unless that was
 * named already. What is typed in another way (a name without its namespace, a kind first) is followed.
 */
export function lockCandidates(locks: readonly Lock[], word: string, hasNamespace: boolean): Candidate[] {
  const ways = hasNamespace
    ? [IN_NAMESPACE, IN_NAMESPACE.slice(1), ANYWHERE, ANYWHERE.slice(1)]
    : [ANYWHERE, IN_NAMESPACE, IN_NAMESPACE.slice(1), ANYWHERE.slice(1)];
  for (const forms of ways) {
    const fitting = spellings(locks, forms).filter(({ text }) => text.startsWith(word));
    if (fitting.length > 0) return fitting.toSorted((a, b) => (a.text < b.text ? -1 : 1));
  }
  return [];
}
