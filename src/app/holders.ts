import type { Note } from '../core/evidence.ts';
import type { Holder } from '../core/holder.ts';
import { firstLabel } from '../core/host-name.ts';
import { podNamesIn, readIdentity } from '../core/identity.ts';
import { holderOf, type LockHalf } from '../core/lock.ts';
import { printable } from '../core/text.ts';
import { looksGenerated } from '../core/workload-names.ts';
import { countCandidates } from './candidates.ts';
import { lookClosely, lookIntoStore, lookOnNodes } from './close-look.ts';
import { HolderSearch } from './holder-search.ts';
import { Inquiry, type Omission } from './inquiry.ts';
import { LastLeaders } from './last-leaders.ts';
import type { Clock, Cluster } from './ports.ts';
import { Reads } from './reads.ts';
import { type AskedHolder, type Sought, seek } from './sought.ts';
import { collectTraces, type Means, traceKey } from './traces.ts';
import { WorkloadCatalog } from './workload-catalog.ts';

/** Up to this many names are asked for one by one, each in all namespaces; more of them by printed rows. */
const FEW_NAMES = 12;
const FEW_LEFTOVERS = 24;

/** So many Pods at most are read in full, all namespaces together, when a host name is found nowhere. */
const MOST_PODS_IN_FULL = 1_000;

/** So many namespaces are named in a note; the rest is counted. */
const NAMED_NAMESPACES = 3;

const NOT_READ_IN_FULL: Omission = {
  found: 'not looked everywhere',
  text: 'its namespace has too many pods to look for one that goes by this host name',
};

const NOT_READ_CLOSELY: Omission = {
  found: 'not looked everywhere',
  text: 'too many holders need a closer look: whether this one restarted since was not looked at',
};

export interface FoundHolders {
  /** By `lockId` of the primary half. */
  holders: Map<string, Holder>;
  /** How many others could take the lock; null when it was not asked or cannot be told. */
  candidates: Map<string, number | null>;
  notes: Note[];
}

function namesOf(sought: readonly Sought[]): string[] {
  return [...new Set(sought.flatMap(({ podNames }) => podNames))];
}

function namespacesOf(sought: readonly Sought[]): string[] {
  return [...new Set(sought.map(({ ref }) => ref.namespace))];
}

/** The Pods of all namespaces, by their printed rows, which name no namespace by themselves. */
async function readAllRows(search: HolderSearch): Promise<void> {
  const namespaces = await search.namespaces();
  await search.each(namespaces ?? [], (namespace) => search.readRows(namespace));
}

/** Names that no own namespace knows: in all namespaces, one by one if few, else those that exist at all. */
async function lookElsewhere(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  const names = namesOf(missing);
  if (names.length <= FEW_LEFTOVERS) return search.each(names, (name) => search.readNamed(name));
  const existing = await search.everywhere();
  const elsewhere = names.filter((name) => existing?.names.has(name));
  if (elsewhere.length > FEW_LEFTOVERS) return readAllRows(search);
  return search.each(elsewhere, (name) => search.readNamed(name));
}

async function lookForAddresses(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  const looks = missing.flatMap(({ looks }) => looks);
  const all = new Set(looks.flatMap((look) => (look.for === 'address' ? [look.address] : [])));
  if (all.size <= FEW_LEFTOVERS) return search.each(all, (address) => search.readAt(address));
  const existing = await search.everywhere();
  const borne = [...all].filter((address) => existing?.addresses.has(address));
  if (borne.length > FEW_LEFTOVERS) return readAllRows(search);
  return search.each(borne, (address) => search.readAt(address));
}

/** Whether the holder may be a Pod that goes by a host name of its own, which controllers never give. */
function mayHaveOwnHostname({ looks }: Sought): boolean {
  return looks.some(
    (look) => (look.for === 'pod-hostname' || look.for === 'sanitised-name') && !looksGenerated(look.name),
  );
}

/** Reads namespaces in full, the smallest first, as far as the limit allows; gives the locks of the others. */
async function lookForHostnames(missing: readonly Sought[], search: HolderSearch): Promise<Sought[]> {
  const sought = missing.filter(mayHaveOwnHostname);
  const sizes = new Map<string, number>();
  await search.each(namespacesOf(sought), async (namespace) => {
    const count = await search.readRows(namespace);
    if (count !== null) sizes.set(namespace, count);
  });
  const passedOver = new Set<string>();
  let left = MOST_PODS_IN_FULL;
  for (const [namespace, count] of [...sizes].toSorted(([, a], [, b]) => a - b)) {
    left -= count;
    if (left < 0) passedOver.add(namespace);
  }
  const read = [...sizes.keys()].filter((namespace) => !passedOver.has(namespace));
  await search.each(read, (namespace) => search.readInFull(namespace));
  return sought.filter(({ ref }) => passedOver.has(ref.namespace));
}

/** Holders that go by something else than their object's name: an address, a host name, a name cut short. */
async function lookBeyondNames(missing: readonly Sought[], search: HolderSearch): Promise<Sought[]> {
  const looks = missing.flatMap(({ looks }) => looks);
  const hostnames = looks.flatMap((look) => (look.for === 'node-hostname' ? [look.name.toLowerCase()] : []));
  const called = new Set(hostnames.flatMap((name) => [name, firstLabel(name)]));
  await Promise.all([
    lookForAddresses(missing, search),
    search.readNodesCalled([...called]),
    search.each(namespacesOf(missing), (namespace) => search.readRows(namespace)),
  ]);
  return lookForHostnames(missing, search);
}

function crowdedNote(doubted: readonly Sought[]): Note[] {
  if (doubted.length === 0) return [];
  const namespaces = namespacesOf(doubted).map(printable).toSorted();
  const rest = namespaces.length - NAMED_NAMESPACES;
  const where = `${namespaces.slice(0, NAMED_NAMESPACES).join(', ')}${rest > 0 ? ` and ${rest} more namespaces` : ''}`;
  const text = `too many pods in ${where} to be read in full: ${doubted.length} holders that may go by a host name of their own were not looked for there`;
  return [{ code: 'narrowed', text, hint: 'narrow the list with -n' }];
}

/** What a search works with; `reads` remembers what could not be read. */
export function meansFor(cluster: Cluster, reads: Reads, signal: AbortSignal): Means {
  return {
    ...{ cluster, reads, signal },
    search: new HolderSearch(cluster, reads, signal),
    catalog: new WorkloadCatalog(cluster, reads, signal),
    leaders: new LastLeaders(cluster, reads, signal),
  };
}

/**
 * Begins to read what will be read of the holders of these locks in any case, whatever other locks there are: meanwhile the
 * others can be read. Waits for nothing.
 */
export function readAhead(halves: readonly LockHalf[], { search }: Means): void {
  const names = new Set<string>();
  const held = halves.filter((half) => {
    const identity = holderOf(half);
    const readings = identity === null ? [] : readIdentity(identity, half.ref);
    for (const name of podNamesIn(readings)) names.add(name);
    return readings.some(({ look }) => look.for !== 'nothing');
  });
  if (held.length === 0) return;
  const namespaces = names.size > FEW_NAMES ? new Set(held.map(({ ref }) => ref.namespace)) : [];
  const readings = [search.readNodes(), search.each(namespaces, (namespace) => search.readRows(namespace))];
  // Whoever waits for it will see what went wrong.
  for (const reading of readings) reading.catch(() => undefined);
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
  let halfLooked: Sought[] = [];
  if (inquiry.missing().length > 0) {
    halfLooked = await lookBeyondNames(inquiry.missing(), search);
    inquiry.judge(inquiry.missing());
  }
  if (inquiry.missing().length > 0) {
    await lookIntoStore(inquiry.missing(), search);
    inquiry.judge(inquiry.missing());
  }
  const known = search.directory;
  await lookOnNodes(held, inquiry, search);
  const close = await lookClosely(held, inquiry, search, clock.now());
  if (search.directory !== known) inquiry.judge();

  const missing = inquiry.missing();
  if (search.scope.pods === 'everywhere') {
    const traces = await collectTraces(missing, means);
    inquiry.judge(missing, (one) => traces.get(traceKey(one)) ?? []);
  }
  const doubted = inquiry.doubt(halfLooked, 'unmatched', NOT_READ_IN_FULL);
  inquiry.doubt(close.sought, 'alive', NOT_READ_CLOSELY);

  const candidates = new Map<string, number | null>();
  const idle = sought.filter(
    ({ renewing, suspicious, identity }) => !renewing && (suspicious || identity === null),
  );
  await search.each(idle, async (one) => {
    const holder = inquiry.holderOf(one);
    if (holder !== undefined) candidates.set(one.id, await countCandidates(one, holder, means));
  });
  return {
    holders: inquiry.holders,
    candidates,
    notes: [...reads.notes(), ...close.notes, ...crowdedNote(doubted)],
  };
}
