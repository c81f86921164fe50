import type { LeaderError } from '../../src/core/errors.ts';
import { Elector, type ElectorOptions } from '../../src/sandbox/elector.ts';
import type { ObjectClient } from '../../src/sandbox/object-client.ts';
import type { FakeClock } from './fake-clock.ts';
import type { FakeCluster } from './fake-cluster.ts';

export interface FakeElectorOptions extends ElectorOptions {
  /** Recorded in managedFields when given. */
  manager?: string;
}

interface Refusing {
  now: { error: LeaderError; verbs: 'writes' | 'everything' } | null;
}

function clientOf(cluster: FakeCluster, refusing: Refusing, manager: string | undefined): ObjectClient {
  const options = manager === undefined ? {} : { manager };
  const meet = (kind: 'writes' | 'everything'): void => {
    const { now } = refusing;
    if (now && (now.verbs === 'everything' || kind === 'writes')) throw now.error;
  };
  return {
    get: async (resource, namespace, name) => {
      meet('everything');
      return cluster.peek(resource, namespace, name);
    },
    create: async (object) => {
      if (object.kind === 'Event') return cluster.create(object);
      meet('writes');
      return cluster.create(object, options);
    },
    update: async (object) => {
      meet('writes');
      return cluster.update(object, options);
    },
  };
}

/**
 * A candidate that campaigns on the fake cluster, on the fake clock. Its requests do not pass through the faults of
 * `FakeCluster`, which stand between the tool and the API server; `refuse` is its own.
 */
export class FakeElector extends Elector {
  readonly #refusing: Refusing;

  constructor(cluster: FakeCluster, clock: FakeClock, options: FakeElectorOptions) {
    const refusing: Refusing = { now: null };
    const eventName = (lock: string): string => `${lock}.${cluster.store.revision.toString(16)}`;
    super(clientOf(cluster, refusing, options.manager), clock, { eventName, ...options });
    this.#refusing = refusing;
  }

  /** From now on its writes (or all its requests) are answered with this error; null ends that. */
  refuse(error: LeaderError | null, verbs: 'writes' | 'everything' = 'writes'): void {
    this.#refusing.now = error && { error, verbs };
  }
}
