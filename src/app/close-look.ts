/** Closer looks at holders before anybody is accused: into the store, past the cache, and at whole objects. */
import type { Note } from '../core/evidence.ts';
import type { Holder } from '../core/holder.ts';
import { needsUid } from '../core/owner-pod.ts';
import type { Instant } from '../core/time.ts';
import { type HolderSearch, MOST_SINGLE_READS } from './holder-search.ts';
import type { Inquiry } from './inquiry.ts';
import { podKey } from './known-objects.ts';
import type { Sought } from './sought.ts';

/** The cache may be behind the store: before a holder is called missing, the store is asked for it. */
export async function lookIntoStore(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  // Without the right to list there is none to be surprised by: the answer is `unknown` already.
  if (search.scope.pods !== 'everywhere') return;
  const pods = missing.flatMap(({ podNames, ref: { namespace } }) =>
    podNames.map((name) => ({ namespace, name })),
  );
  const nodes = missing.flatMap(({ nodeNames }) => nodeNames);
  await Promise.all([
    search.findStoredPods([...new Map(pods.map((pod) => [podKey(pod), pod])).values()]),
    search.findStoredNodes([...new Set(nodes)]),
  ]);
}

/** Pods behind Nodes: where no rows of the lock's namespace were read, the Pods there on the Node. */
export async function lookOnNodes(
  held: readonly Sought[],
  inquiry: Inquiry,
  search: HolderSearch,
): Promise<void> {
  const onNode = new Map(
    held.flatMap((one) => {
      const holder = inquiry.holderOf(one);
      const { namespace } = one.ref;
      if (holder?.ref?.kind !== 'node' || search.hasRowsOf(namespace)) return [];
      return [[`${namespace}/${holder.ref.name}`, { node: holder.ref.name, namespace }] as const];
    }),
  );
  await search.each(onNode.values(), ({ node, namespace }) => search.readOn(node, namespace));
}

/** Whether more should be known of a found holder before it is judged: it looks unfit, or its lock does. */
function needsCloseLook(sought: Sought, holder: Holder, search: HolderSearch, now: Instant): boolean {
  if (holder.ref === null) return false;
  if (sought.suspicious || holder.presence === 'failing') return true;
  if (holder.pod === null || holder.pod.detailed) return false;
  if (needsUid(holder, sought.lock.primary)) return true;
  // A Pod younger than its term: perhaps it only bears the name of the one that leads.
  const ageMs = search.greatestAgeMs(holder.pod);
  const { acquireTime } = sought.tenure;
  return ageMs !== null && acquireTime !== null && acquireTime < now - ageMs;
}

/** Locks whose holder needed a closer look and got none, because there were too many. */
export interface PassedOver {
  sought: readonly Sought[];
  notes: Note[];
}

/** Closer looks at found holders; each is looked at once, however often they are gone through. */
export class CloseLooks {
  readonly #search: HolderSearch;
  readonly #now: Instant;
  /** Keys of the Pods and Nodes that needed a closer look. */
  readonly #wanted = new Set<string>();
  readonly #passedOver = new Set<string>();

  constructor(search: HolderSearch, now: Instant) {
    this.#search = search;
    this.#now = now;
  }

  #subjectsAmong(held: readonly Sought[], inquiry: Inquiry) {
    return held.flatMap((one) => {
      const holder = inquiry.holderOf(one);
      if (holder?.ref == null || !needsCloseLook(one, holder, this.#search, this.#now)) return [];
      const { namespace, name } = holder.ref;
      return [{ one, key: podKey({ namespace: namespace ?? '', name }), namespace, name }];
    });
  }

  async look(held: readonly Sought[], inquiry: Inquiry): Promise<void> {
    const subjects = this.#subjectsAmong(held, inquiry).filter(({ key }) => !this.#wanted.has(key));
    const objects = [...new Map(subjects.map((each) => [each.key, each])).values()];
    for (const { key } of objects) this.#wanted.add(key);
    const pods = objects.flatMap(({ namespace, name }) => (namespace === null ? [] : [{ namespace, name }]));
    const nodes = objects.flatMap(({ namespace, name }) => (namespace === null ? [name] : []));
    const search = this.#search;
    // A Node that the cache does not know may be new.
    const findNodes = () => {
      const ofPods = held.flatMap((one) => inquiry.holderOf(one)?.pod?.node ?? []);
      return search.findStoredNodes([...new Set(ofPods)].filter((node) => !search.hasNode(node)));
    };
    const [unread] = await Promise.all([
      search.readStoredPods(pods),
      search.each(nodes.slice(0, MOST_SINGLE_READS), (name) => search.readStoredNode(name)),
      findNodes(),
    ]);
    for (const pod of unread) this.#passedOver.add(podKey(pod));
    for (const name of nodes.slice(MOST_SINGLE_READS)) this.#passedOver.add(podKey({ namespace: '', name }));
  }

  passedOver(held: readonly Sought[], inquiry: Inquiry): PassedOver {
    const passedOver = this.#passedOver;
    if (passedOver.size === 0) return { sought: [], notes: [] };
    const subjects = this.#subjectsAmong(held, inquiry);
    const sought = subjects.flatMap(({ one, key }) => (passedOver.has(key) ? [one] : []));
    const wanted = this.#wanted.size;
    const text = `${wanted} holders need a closer look, ${wanted - passedOver.size} of them got one: whether the others restarted was not looked at`;
    return { sought, notes: [{ code: 'narrowed', text, hint: 'narrow the list with -n' }] };
  }
}
