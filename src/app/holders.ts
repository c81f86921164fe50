import type { Note } from '../core/evidence.ts';
import type { Holder } from '../core/holder.ts';
import { podNamesIn } from '../core/identity.ts';
import type { LockHalf } from '../core/lock.ts';
import { countCandidates } from './candidates.ts';
import { CloseLooks, lookIntoStore, lookOnNodes } from './close-look.ts';
import { lookBeyondNames, lookElsewhere, namesOf, namespacesOf } from './holder-looks.ts';
import { HolderSearch } from './holder-search.ts';
import { Inquiry, type Omission } from './inquiry.ts';
import { LastLeaders } from './last-leaders.ts';
import { MANY_NAMESPACES } from './pod-rows.ts';
import type { Clock, Cluster } from './ports.ts';
import { namespacesInWords, Reads } from './reads.ts';
import { type AskedHolder, readingsOf, type Sought, seek } from './sought.ts';
import { collectTraces, type Means, namespacesToExplain, traceKey } from './traces.ts';
import { WorkloadCatalog } from './workload-catalog.ts';

/** Up to this many names are asked for one by one, each in all namespaces; more of them by printed rows. */
const FEW_NAMES = 12;

/** Locks of one kind in so few namespaces are taken for most of the locks there are. */
const FEW_NAMESPACES = 6;

const NOT_READ_IN_FULL: Omission = {
  found: 'not looked everywhere',
  text: 'its namespace has too many pods to look for one that goes by this host name',
};

const NOT_READ: Omission = {
  found: 'could not look',
  text: 'the pods of its namespace could not be read to look for one that goes by this host name',
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

function crowdedNote(doubted: readonly Sought[]): Note[] {
  if (doubted.length === 0) return [];
  const where = namespacesInWords(namespacesOf(doubted));
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

/** Pods by their names, or in the namespaces of their locks. */
function readPods(
  names: readonly string[],
  namespaces: readonly string[],
  search: HolderSearch,
): Promise<void> {
  return names.length <= FEW_NAMES
    ? search.each(names, (name) => search.readNamed(name))
    : search.readRowsOf(namespaces);
}

/**
 * Begins to read what will be read of the holders of these locks in any case, whatever other locks there are: meanwhile the
 * others can be read. `areAll`: there are no others. Waits for nothing.
 */
export function readAhead(halves: readonly LockHalf[], areAll: boolean, { search }: Means): void {
  const names = new Set<string>();
  const held = halves.filter((half) => {
    const readings = readingsOf(half);
    for (const name of podNamesIn(readings)) names.add(name);
    return readings.some(({ look }) => look.for !== 'nothing');
  });
  if (held.length === 0) return;
  // Whoever waits for it will see what went wrong.
  search.readNodes().catch(() => undefined);
  const namespaces = [...new Set(held.map(({ ref }) => ref.namespace))];
  // Else the other locks decide between reading namespaces one by one and all of them at once.
  const { length } = namespaces;
  const isDecided = names.size > FEW_NAMES && (length <= FEW_NAMESPACES || length > MANY_NAMESPACES);
  if (areAll || isDecided) readPods([...names], namespaces, search).catch(() => undefined);
}

/** Begins to read what will be asked of those that are missing, and of those whose candidates are counted. */
function readAboutWorkloads(
  missing: readonly Sought[],
  idle: readonly Sought[],
  inquiry: Inquiry,
  { catalog, leaders, search }: Means,
): Promise<unknown> {
  const countable = idle.flatMap((one) => {
    const holder = inquiry.holderOf(one);
    if (holder === undefined || holder.presence === 'unknown') return [];
    const namespace = holder.pod?.namespace ?? one.ref.namespace;
    return [{ namespace, isOfWorkload: holder.ref === null || holder.pod !== null }];
  });
  const ofWorkloads = countable.filter(({ isOfWorkload }) => isOfWorkload);
  const explaining = [...namespacesToExplain(missing), ...ofWorkloads.map(({ namespace }) => namespace)];
  return Promise.all([
    catalog.readAhead([...new Set(explaining)]),
    leaders.readAhead(namespacesOf(idle.filter(({ identity }) => identity === null))),
    search.readRowsOf([...new Set(countable.map(({ namespace }) => namespace))]),
  ]);
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
  const idle = sought.filter(
    ({ renewing, suspicious, identity }) => !renewing && (suspicious || identity === null),
  );
  if (held.length > 0) {
    await Promise.all([search.readNodes(), readPods(namesOf(held), namespacesOf(held), search)]);
  }
  inquiry.judge();
  const absent = inquiry.missing();
  await lookElsewhere(absent, search);
  inquiry.judge(absent);

  // None of these waits for another's answer: who is found by one of them was looked for in vain by the others.
  const known = search.directory;
  const close = new CloseLooks(search, clock.now());
  const missing = inquiry.missing();
  const [halfLooked] = await Promise.all([
    lookBeyondNames(missing, search),
    lookIntoStore(missing, search),
    lookOnNodes(held, inquiry, search),
    close.look(held, inquiry),
    readAboutWorkloads(search.scope.pods === 'everywhere' ? missing : [], idle, inquiry, means),
  ]);
  if (search.directory === known) inquiry.judge(missing);
  else {
    inquiry.judge();
    const seen = search.directory;
    await close.look(held, inquiry);
    if (search.directory !== seen) inquiry.judge();
  }
  const passedOver = close.passedOver(held, inquiry);

  const nowhere = inquiry.missing();
  if (search.scope.pods === 'everywhere') {
    const traces = await collectTraces(nowhere, means);
    inquiry.judge(nowhere, (one) => traces.get(traceKey(one)) ?? []);
  }
  const doubted = inquiry.doubt(halfLooked.crowded, 'unmatched', NOT_READ_IN_FULL);
  inquiry.doubt(halfLooked.unread, 'unmatched', NOT_READ);
  inquiry.doubt(passedOver.sought, 'alive', NOT_READ_CLOSELY);

  const candidates = new Map<string, number | null>();
  await Promise.all(
    idle.map(async (one) => {
      const holder = inquiry.holderOf(one);
      if (holder !== undefined) candidates.set(one.id, await countCandidates(one, holder, means));
    }),
  );
  return {
    holders: inquiry.holders,
    candidates,
    notes: [...reads.notes(), ...passedOver.notes, ...crowdedNote(doubted)],
  };
}
