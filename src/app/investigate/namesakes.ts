/** The same lock name elsewhere, and who else campaigns under it. */
import type { ObjectRef } from '../../core/cluster-object.ts';
import type { ContenderFacts, History } from '../../core/describe/case-file.ts';
import type { Namesake } from '../../core/describe/findings.ts';
import { isLeaderError } from '../../core/errors.ts';
import type { Note } from '../../core/evidence.ts';
import { podNamesIn, readIdentity } from '../../core/identity.ts';
import { type LockRef, recordOf } from '../../core/lock.ts';
import { serverNow } from '../../core/server-clock.ts';
import { workloadRef } from '../../core/workload-names.ts';
import { firstLook } from '../first-look.ts';
import type { Clock } from '../ports.ts';
import type { Means } from '../traces.ts';

/** Locks of that name in other namespaces. Rejects only with `interrupted`. */
export async function findNamesakes(
  { namespace, name }: LockRef,
  { cluster, signal }: Means,
  clock: Clock,
): Promise<{ namesakes: Namesake[]; notes: Note[] }> {
  try {
    const scope = { namespace: null, labelSelector: null, heartbeats: false, name };
    const { book, notes } = await firstLook(cluster, clock, scope, signal);
    const now = book.serverClock === null ? null : serverNow(book.serverClock, clock.mono());
    const namesakes = book
      .sights()
      .filter(({ half }) => half.ref.namespace !== namespace)
      .map(({ half }) => {
        const renewed = recordOf(half)?.renewTime ?? null;
        const renewedAgoMs = now === null || renewed === null || renewed > now ? null : now - renewed;
        return { half, renewedAgoMs };
      });
    const gap = notes.find(({ code }) => code === 'narrowed' || code === 'unreadable');
    return { namesakes, notes: gap === undefined ? [] : [unsearched(gap.hint)] };
  } catch (error) {
    if (!isLeaderError(error) || error.code === 'interrupted') throw error;
    return { namesakes: [], notes: [unsearched(error.hint)] };
  }
}

function unsearched(hint: string | null): Note {
  const text = 'other namespaces could not all be searched for a lock of the same name';
  return { code: 'narrowed', text, hint };
}

/** Workloads whose Pods led, by what events tell, or campaign. Rejects only with `interrupted`. */
export async function campaigningWorkloads(
  ref: LockRef,
  identity: string | null,
  history: History | null,
  contenders: ContenderFacts | null,
  { catalog }: Means,
): Promise<ObjectRef[]> {
  const identities = [...(identity === null ? [] : [identity]), ...(history?.leaders ?? [])];
  const names = [...new Set(identities.flatMap((one) => podNamesIn(readIdentity(one, ref))))];
  const known = contenders?.workload ?? null;
  const named = names.length === 0 ? null : (await catalog.in(ref.namespace)).names;
  const found = names.flatMap((name) => {
    const workload = named?.of(name, ref.namespace) ?? null;
    return workload === null ? [] : [workloadRef(workload)];
  });
  const all = [...(known === null ? [] : [known]), ...found];
  return [...new Map(all.map((one) => [`${one.kind}/${one.namespace}/${one.name}`, one])).values()];
}
