import type { Note } from '../core/evidence.ts';
import type { Holder, Trace } from '../core/holder.ts';
import { findHolder } from '../core/holder-match.ts';
import { firstLabel } from '../core/host-name.ts';
import type { Instant } from '../core/time.ts';
import { countCandidates } from './candidates.ts';
import { HolderSearch } from './holder-search.ts';
import type { Clock, Cluster } from './ports.ts';
import { Reads } from './reads.ts';
import { type AskedHolder, type Sought, seek } from './sought.ts';
import { collectTraces, type Means, traceKey } from './traces.ts';
import { WorkloadCatalog } from './workload-catalog.ts';

/** Up to this many names are asked for one by one, each in all namespaces; more of them by printed rows. */
const FEW_NAMES = 12;
const FEW_LEFTOVERS = 24;

/** Namespaces with up to this many Pods are read in full when a host name is found nowhere. */
const FULL_NAMESPACE = 300;
const FULL_NAMESPACES = 4;

/** So many holders at most are read again one by one, and so many locks asked for their candidates. */
const CLOSE_LOOKS = 200;

export interface FoundHolders {
  /** By `lockId` of the primary half. */
  holders: Map<string, Holder>;
  /** How many others could take the lock; null when it was not asked or cannot be told. */
  candidates: Map<string, number | null>;
  notes: Note[];
}

/** One search: holders as they are known so far, judged again whenever more was read about them. */
class Inquiry {
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
      const { id, identity, ref, tenure, readings } = one;
      const holder = findHolder(identity, ref, directory, scope, tracesOf(one), tenure, readings);
      this.holders.set(id, holder);
    }
  }

  holderOf({ id }: Sought): Holder | undefined {
    return this.holders.get(id);
  }

  /** Locks with a holder that could be found but was not: opaque identities name nothing to look for. */
  missing(): Sought[] {
    return this.#sought.filter((one) => {
      const holder = this.holderOf(one);
      return one.looks.length > 0 && holder?.ref === null && holder.alsoFits.length === 0;
    });
  }
}

function namesOf(sought: readonly Sought[]): string[] {
  return [...new Set(sought.flatMap(({ podNames }) => podNames))];
}

function namespacesOf(sought: readonly Sought[]): string[] {
  return [...new Set(sought.map(({ ref }) => ref.namespace))];
}

/** Names that no own namespace knows: in all namespaces, one by one if few, else those that exist at all. */
async function lookElsewhere(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  const names = namesOf(missing);
  if (names.length <= FEW_LEFTOVERS) return search.each(names, (name) => search.readNamed(name));
  const existing = await search.namesEverywhere();
  if (existing === null) return;
  const elsewhere = names.filter((name) => existing.has(name));
  if (elsewhere.length <= FEW_LEFTOVERS) return search.each(elsewhere, (name) => search.readNamed(name));
  const namespaces = await search.namespaces();
  await search.each(namespaces ?? [], (namespace) => search.readRows(namespace));
}

/** Holders that go by something else than their object's name: an address, a host name, a name cut short. */
async function lookBeyondNames(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  const looks = missing.flatMap(({ looks }) => looks);
  const addresses = looks.flatMap((look) => (look.for === 'address' ? [look.address] : []));
  const hostnames = looks.flatMap((look) => (look.for === 'node-hostname' ? [look.name.toLowerCase()] : []));
  const called = [...new Set(hostnames.flatMap((name) => [name, firstLabel(name)]))];
  await Promise.all([
    search.each(addresses.slice(0, FEW_LEFTOVERS), (address) => search.readAt(address)),
    search.readNodesCalled(called.slice(0, CLOSE_LOOKS)),
    search.each(namespacesOf(missing).slice(0, CLOSE_LOOKS), (namespace) => search.readRows(namespace)),
  ]);
  await search.each(namespacesOf(missing).slice(0, FULL_NAMESPACES), async (namespace) => {
    const count = await search.readRows(namespace);
    if (count !== null && count <= FULL_NAMESPACE) await search.readInFull(namespace);
  });
}

/** The cache may be behind the store: before a holder is called missing, the store is asked for it. */
async function lookIntoStore(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  // Without the right to list there is none to be surprised by: the answer is `unknown` already.
  if (search.scope.pods !== 'everywhere') return;
  const pods = new Map(
    missing.flatMap(({ podNames, ref: { namespace } }) =>
      podNames.map((name) => [`${namespace}/${name}`, { namespace, name }] as const),
    ),
  );
  const nodes = new Set(missing.flatMap(({ nodeNames }) => nodeNames));
  await search.each([...pods.values()].slice(0, CLOSE_LOOKS), ({ namespace, name }) =>
    search.readStoredPod(namespace, name),
  );
  await search.each([...nodes].slice(0, CLOSE_LOOKS), (name) => search.readStoredNode(name));
}

/** Pods behind Nodes: where no rows of the lock's namespace were read, the Pods there on the Node. */
async function lookOnNodes(held: readonly Sought[], inquiry: Inquiry, search: HolderSearch): Promise<void> {
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
  // A Pod younger than its term: perhaps it only bears the name of the one that leads.
  const ageMs = search.greatestAgeMs(holder.pod);
  const { acquireTime } = sought.tenure;
  return ageMs !== null && acquireTime !== null && acquireTime < now - ageMs;
}

async function lookClosely(
  held: readonly Sought[],
  inquiry: Inquiry,
  search: HolderSearch,
  now: Instant,
): Promise<Note[]> {
  const refs = new Map(
    held.flatMap((one) => {
      const holder = inquiry.holderOf(one);
      if (holder?.ref == null || !needsCloseLook(one, holder, search, now)) return [];
      return [[`${holder.ref.namespace ?? ''}/${holder.ref.name}`, holder.ref] as const];
    }),
  );
  const close = [...refs.values()].slice(0, CLOSE_LOOKS);
  await search.each(close, ({ namespace, name }) =>
    namespace === null ? search.readStoredNode(name) : search.readStoredPod(namespace, name),
  );
  // A Node that the cache does not know may be new.
  const nodes = held.flatMap((one) => inquiry.holderOf(one)?.pod?.node ?? []);
  const strange = [...new Set(nodes)].filter((node) => !search.hasNode(node)).slice(0, CLOSE_LOOKS);
  await search.each(strange, (node) => search.readStoredNode(node));
  if (refs.size <= CLOSE_LOOKS) return [];
  const text = `${refs.size} holders need a closer look, ${CLOSE_LOOKS} of them got one: whether the others restarted was not looked at`;
  return [{ code: 'narrowed', text, hint: 'narrow the list with -n' }];
}

/** What a search works with; `reads` remembers what could not be read. */
export function meansFor(cluster: Cluster, reads: Reads, signal: AbortSignal): Means {
  const search = new HolderSearch(cluster, reads, signal);
  return { cluster, search, catalog: new WorkloadCatalog(cluster, reads, signal), reads, signal };
}

/**
 * Looks for the holders of all these locks, as cheaply as their number allows, and counts who else could take those
 * that nobody renews. What may not be read is a note, and makes holders `unknown`, never `gone`. What `means` has read
 * already is not read again. Rejects only with `interrupted`.
 */
export async function findHolders(
  cluster: Cluster,
  clock: Clock,
  asked: readonly AskedHolder[],
  signal: AbortSignal,
  means: Means = meansFor(cluster, new Reads(), signal),
): Promise<FoundHolders> {
  const { reads, search } = means;
  const sought = asked.map(seek);
  const inquiry = new Inquiry(sought, search);
  const held = sought.filter(({ looks }) => looks.length > 0);
  const names = namesOf(held);
  if (held.length > 0) {
    await Promise.all([
      search.readNodes(),
      names.length <= FEW_NAMES
        ? search.each(names, (name) => search.readNamed(name))
        : search.each(namespacesOf(held), (namespace) => search.readRows(namespace)),
    ]);
  }
  inquiry.judge();
  if (names.length > FEW_NAMES) {
    await lookElsewhere(inquiry.missing(), search);
    inquiry.judge(inquiry.missing());
  }
  for (const look of [lookBeyondNames, lookIntoStore]) {
    const missing = inquiry.missing();
    if (missing.length === 0) break;
    await look(missing, search);
    inquiry.judge(missing);
  }
  const known = search.directory;
  await lookOnNodes(held, inquiry, search);
  const narrowed = await lookClosely(held, inquiry, search, clock.now());
  if (search.directory !== known) inquiry.judge();

  const missing = inquiry.missing();
  if (search.scope.pods === 'everywhere') {
    const traces = await collectTraces(missing, means);
    inquiry.judge(missing, (one) => traces.get(traceKey(one)) ?? []);
  }

  const candidates = new Map<string, number | null>();
  const idle = sought.filter(
    ({ renewing, suspicious, identity }) => !renewing && (suspicious || identity === null),
  );
  await search.each(idle.slice(0, CLOSE_LOOKS), async (one) => {
    const holder = inquiry.holderOf(one);
    if (holder !== undefined) candidates.set(one.id, await countCandidates(one, holder, means));
  });
  return { holders: inquiry.holders, candidates, notes: [...reads.notes(), ...narrowed] };
}
