/** Where else holders are looked for that no Pod or Node of their own namespace bears the name of. */
import { firstLabel } from '../core/host-name.ts';
import { looksGenerated } from '../core/workload-names.ts';
import type { AllRows } from './all-rows.ts';
import type { HolderSearch } from './holder-search.ts';
import type { Sought } from './sought.ts';

/** Up to this many names or addresses are asked for one by one; more of them by the rows of all Pods. */
const FEW_LEFTOVERS = 24;

/** So many Pods at most are read in full, all namespaces together, when a host name is found nowhere. */
const MOST_PODS_IN_FULL = 1_000;

export function namesOf(sought: readonly Sought[]): string[] {
  return [...new Set(sought.flatMap(({ podNames }) => podNames))];
}

export function namespacesOf(sought: readonly Sought[]): string[] {
  return [...new Set(sought.map(({ ref }) => ref.namespace))];
}

/** In all namespaces: one by one if they are few, else by where the rows of all Pods have them. */
async function lookEverywhere(
  sought: readonly string[],
  search: HolderSearch,
  placesOf: (all: AllRows, one: string) => readonly string[] | null,
  ask: (one: string) => Promise<void>,
): Promise<void> {
  if (sought.length === 0) return;
  if (sought.length <= FEW_LEFTOVERS && !search.hasAllRows) return search.each(sought, ask);
  const all = await search.everywhere();
  // What may not be read at all is not asked for again.
  if (all === null) return sought.length <= FEW_LEFTOVERS ? search.each(sought, ask) : undefined;
  const places = sought.map((one) => ({ one, namespaces: placesOf(all, one) }));
  const unplaced = places.flatMap(({ one, namespaces }) => (namespaces === null ? [one] : []));
  const namespaces = new Set(places.flatMap((place) => place.namespaces ?? []));
  await Promise.all([search.readRowsOf([...namespaces]), search.each(unplaced, ask)]);
}

function lookForNames(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  const placesOf = (all: AllRows, name: string) => all.ofName(name);
  return lookEverywhere(namesOf(missing), search, placesOf, (name) => search.readNamed(name));
}

function lookForAddresses(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  const looks = missing.flatMap(({ looks }) => looks);
  const addresses = new Set(looks.flatMap((look) => (look.for === 'address' ? [look.address] : [])));
  const placesOf = (all: AllRows, address: string) => all.ofAddress(address);
  return lookEverywhere([...addresses], search, placesOf, (address) => search.readAt(address));
}

/** What Nodes may be called by instead of their names. */
function hostnamesOf(missing: readonly Sought[], isWanted: (name: string) => boolean): string[] {
  const looks = missing.flatMap(({ looks }) => looks);
  const names = looks.flatMap((look) =>
    look.for === 'node-hostname' && isWanted(look.name) ? [look.name.toLowerCase()] : [],
  );
  return [...new Set(names.flatMap((name) => [name, firstLabel(name)]))];
}

/**
 * Where holders that are well can be although nothing of their name is in their lock's namespace: in another namespace, at
 * an address, on a Node that goes by another name. Names of the kind that controllers give are no Node's.
 */
export async function lookElsewhere(missing: readonly Sought[], search: HolderSearch): Promise<void> {
  await Promise.all([
    lookForNames(missing, search),
    lookForAddresses(missing, search),
    search.readNodesCalled(hostnamesOf(missing, (name) => !looksGenerated(name))),
  ]);
}

/** Whether the holder may be a Pod that goes by a host name of its own, which controllers never give. */
function mayHaveOwnHostname({ looks }: Sought): boolean {
  return looks.some(
    (look) => (look.for === 'pod-hostname' || look.for === 'sanitised-name') && !looksGenerated(look.name),
  );
}

/** Locks whose holders were not looked for everywhere: their namespace has too many Pods, or could not be read. */
export interface HalfLooked {
  crowded: Sought[];
  unread: Sought[];
}

/** Reads namespaces in full, the smallest first, as far as the limit allows; gives the locks of the others. */
async function lookForHostnames(missing: readonly Sought[], search: HolderSearch): Promise<HalfLooked> {
  const sought = missing.filter(mayHaveOwnHostname);
  const sizes = new Map<string, number>();
  const unread = new Set<string>();
  await search.each(namespacesOf(sought), async (namespace) => {
    const count = await search.readRows(namespace);
    if (count === null) unread.add(namespace);
    else sizes.set(namespace, count);
  });
  const passedOver = new Set<string>();
  let left = MOST_PODS_IN_FULL;
  for (const [namespace, count] of [...sizes].toSorted(([, a], [, b]) => a - b)) {
    left -= count;
    if (left < 0) passedOver.add(namespace);
  }
  const read = [...sizes.keys()].filter((namespace) => !passedOver.has(namespace));
  await search.each(read, async (namespace) => {
    if (!(await search.readInFull(namespace))) unread.add(namespace);
  });
  const among = (namespaces: ReadonlySet<string>) =>
    sought.filter(({ ref }) => namespaces.has(ref.namespace));
  return { crowded: among(passedOver), unread: among(unread) };
}

/**
 * Holders that are found nowhere, by whatever else they may go: a name cut short, a host name of their own. Gives those that
 * were not looked for everywhere.
 */
export async function lookBeyondNames(missing: readonly Sought[], search: HolderSearch): Promise<HalfLooked> {
  const [halfLooked] = await Promise.all([
    lookForHostnames(missing, search),
    search.readNodesCalled(hostnamesOf(missing, () => true)),
    search.readRowsOf(namespacesOf(missing)),
  ]);
  return halfLooked;
}
