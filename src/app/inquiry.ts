import type { Holder, Trace } from '../core/holder.ts';
import { findHolder } from '../core/holder-match.ts';
import { unlessReplaced } from '../core/owner-pod.ts';
import type { HolderSearch } from './holder-search.ts';
import type { Sought } from './sought.ts';

/** Why something that matters for a holder was not looked at. */
export interface Omission {
  /** The FOUND column where nothing was found. */
  found: string;
  text: string;
}

/** One search: holders as they are known so far, judged again whenever more was read about them. */
export class Inquiry {
  readonly holders = new Map<string, Holder>();
  readonly #sought: readonly Sought[];
  readonly #search: HolderSearch;

  constructor(sought: readonly Sought[], search: HolderSearch) {
    this.#sought = sought;
    this.#search = search;
  }

  judge(
    some: readonly Sought[] = this.#sought,
    tracesOf: (one: Sought) => readonly Trace[] = () => [],
  ): void {
    const { directory, scope } = this.#search;
    for (const one of some) {
      const { id, identity, ref, tenure, readings, lock } = one;
      const holder = findHolder(identity, ref, directory, scope, tracesOf(one), tenure, readings);
      this.holders.set(id, unlessReplaced(holder, lock.primary));
    }
  }

  holderOf({ id }: Sought): Holder | undefined {
    return this.holders.get(id);
  }

  /** Locks with a holder that could be found but was not: opaque identities name nothing to look for. */
  missing(): Sought[] {
    return this.#sought.filter((one) => {
      const holder = this.holderOf(one);
      return one.looks.length > 0 && holder?.ref === null && holder.presence !== 'gone';
    });
  }

  /**
   * What would have told whether these holders are there was not looked at: the ones that seem to be `alive`, or to be
   * `unmatched`, are not known to be so. Gives those.
   */
  doubt(some: readonly Sought[], presence: 'alive' | 'unmatched', { found, text }: Omission): Sought[] {
    return some.filter(({ id }) => {
      const holder = this.holders.get(id);
      if (holder?.presence !== presence) return false;
      this.holders.set(id, {
        ...{ ...holder, presence: 'unknown' },
        found: holder.ref === null ? found : holder.found,
        evidence: [{ text, grade: 'read', from: 'the search' }, ...holder.evidence],
      });
      return true;
    });
  }
}
