import type { ClusterObject } from '../core/cluster-object.ts';
import { isLeaderError } from '../core/errors.ts';
import { stringAt } from '../core/fields.ts';
import type { LockRef } from '../core/lock.ts';
import { EVENTS } from '../core/resources.ts';
import type { Clock, Cluster } from './ports.ts';
import { within } from './within.ts';

/** Events are worth no waiting, milliseconds. */
const LIST_WITHIN_MS = 5_000;

type Told = (identity: string, what: 'became leader' | 'stopped leading') => void;

const TOLD = /^(.+) (became leader|stopped leading)$/s;

function isWhat(text: string | undefined): text is 'became leader' | 'stopped leading' {
  return text === 'became leader' || text === 'stopped leading';
}

/**
 * Follows what electors tell about a lock in Events, from now on until the signal aborts. Best effort: nothing is told
 * where Events may not be read. A multilock's electors tell everything twice, once for each half; it is told once.
 */
export async function followElectionEvents(
  cluster: Cluster,
  clock: Clock,
  { namespace, name }: LockRef,
  signal: AbortSignal,
  tell: Told,
): Promise<void> {
  const scope = {
    namespace,
    fieldSelector: `involvedObject.name=${name},reason=LeaderElection`,
    projection: 'full',
  } as const;
  const told = new Set<string>();
  const note = (event: ClusterObject): void => {
    const message = stringAt(event, 'message') ?? '';
    const [, identity, what] = TOLD.exec(message) ?? [];
    const key = `${stringAt(event, 'lastTimestamp') ?? stringAt(event, 'eventTime')} ${message}`;
    if (identity === undefined || !isWhat(what) || told.has(key)) return;
    told.add(key);
    tell(identity, what);
  };
  try {
    const list = (late: AbortSignal) => cluster.list(EVENTS, { ...scope, consistency: 'quorum' }, late);
    const { resourceVersion } = await within(clock, LIST_WITHIN_MS, list, signal);
    for await (const event of cluster.watch(EVENTS, { ...scope, resourceVersion }, signal)) {
      if (event.type === 'added' || event.type === 'modified') note(event.object);
    }
  } catch (error) {
    if (!isLeaderError(error)) throw error;
  }
}
