import fc from 'fast-check';
import { LeaderError } from '../../src/core/errors.ts';
import { ENDPOINTS, LEASES } from '../../src/core/resources.ts';
import type { Stage } from './stage.ts';

type AfflictedLock = 'leases' | 'endpoints' | 'endpointsleases';

/** What becomes of one write of ours. */
type Fate =
  | { is: 'arrives' | 'answer-lost' | 'lost' | 'busy' | 'sent-twice' }
  | { is: 'answer-lost-and-late'; byMs: number };

/** What goes wrong on the way to the API server. */
export interface Faults {
  lock: AfflictedLock;
  /** Of our writes, one after the other; later ones arrive. */
  writes: readonly Fate[];
  /** Which of our reads of the lock fail; later ones do not. */
  reads: readonly boolean[];
  latencyMs: number;
  /** When the user presses ctrl-C, milliseconds after the beginning; null for never. */
  leavesAt: number | null;
  standby: boolean;
}

/** Any faults of up to so many writes. `alsoTwice`: something on the way may send a write twice. */
export function anyFaults(mostWrites: number, { alsoTwice }: { alsoTwice: boolean }): fc.Arbitrary<Faults> {
  const wrong = ['answer-lost', 'lost', 'busy', ...(alsoTwice ? (['sent-twice'] as const) : [])] as const;
  const fate: fc.Arbitrary<Fate> = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ is: 'arrives' } as const) },
    { weight: 4, arbitrary: fc.constantFrom(...wrong).map((is) => ({ is })) },
    {
      weight: 2,
      arbitrary: fc
        .integer({ min: 50, max: 25_000 })
        .map((byMs) => ({ is: 'answer-lost-and-late', byMs }) as const),
    },
  );
  return fc.record({
    lock: fc.constantFrom<AfflictedLock>('leases', 'endpoints', 'endpointsleases'),
    writes: fc.array(fate, { maxLength: mostWrites }),
    reads: fc.array(fc.boolean(), { maxLength: 30 }),
    latencyMs: fc.constantFrom(0, 40, 300),
    leavesAt: fc.option(fc.integer({ min: 0, max: 30_000 })),
    standby: fc.boolean(),
  });
}

function broken(): LeaderError {
  return new LeaderError('unreachable', 'the connection broke off');
}

/** From now on our requests fare as they are to. Gives the resources of our writes that were carried out, in order. */
export function afflict({ cluster, clock, signal }: Stage, faults: Faults): readonly string[] {
  const landed: string[] = [];
  const fates = [...faults.writes];
  const failing = [...faults.reads];
  const fare = async <T>(resource: string, write: () => Promise<T>): Promise<T> => {
    const land = async (): Promise<T> => {
      const answer = await write();
      landed.push(resource);
      return answer;
    };
    const fate = fates.shift() ?? { is: 'arrives' };
    switch (fate.is) {
      case 'arrives':
        return land();
      case 'answer-lost':
        await land().catch(() => {});
        throw broken();
      case 'lost':
        throw broken();
      case 'busy':
        throw new LeaderError('throttled', 'too many requests', { retryAfterMs: 500 });
      case 'sent-twice':
        await land();
        return land();
      case 'answer-lost-and-late':
        void clock.sleep(fate.byMs).then(() => land().catch(() => {}));
        throw broken();
    }
  };
  const patch = cluster.patch.bind(cluster);
  const remove = cluster.delete.bind(cluster);
  const get = cluster.get.bind(cluster);
  // A write that is late comes without the signal of the one that gave it up.
  cluster.patch = (resource, namespace, name, body, preconditions, options) =>
    fare(resource.plural, () => patch(resource, namespace, name, body, preconditions, options));
  cluster.delete = (resource, namespace, name, preconditions, options) =>
    fare(resource.plural, () => remove(resource, namespace, name, preconditions, options));
  cluster.get = async (...args) => {
    const [resource] = args;
    if ((resource === LEASES || resource === ENDPOINTS) && failing.shift() === true) throw broken();
    return get(...args);
  };
  cluster.latencyMs = faults.latencyMs;
  if (faults.leavesAt !== null) void clock.sleep(faults.leavesAt).then(() => signal.abort());
  return landed;
}
