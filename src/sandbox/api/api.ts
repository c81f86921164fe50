import type { Clock } from '../../app/ports.ts';
import type { ClusterObject } from '../../core/cluster-object.ts';
import { LeaderError } from '../../core/errors.ts';
import { resourceName } from '../../core/resources.ts';
import { type AccessQuestion, isReview, reviewed } from '../access-reviews.ts';
import { Faults } from '../faults.ts';
import { Store } from '../store.ts';
import { Access } from './access.ts';
import type { Call } from './call.ts';
import { deleted } from './deletion.ts';
import { created, patched, replaced } from './mutations.ts';
import { listed, read, represented } from './reads.ts';
import { WatchCache } from './watch-cache.ts';
import { WatchFeed } from './watch-feed.ts';

/** An API server without its wire: the store, who may use it, and what goes wrong. */
export class Api {
  readonly store: Store;
  readonly access = new Access();
  readonly faults: Faults;
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly #watches = new Set<AbortController>();

  /** `newUid` gives each new object its uid. */
  constructor(clock: Clock, newUid: () => string) {
    this.clock = clock;
    this.store = new Store(clock, newUid);
    this.faults = new Faults(clock);
    this.cache = new WatchCache(this.store, clock);
  }

  /** Answers everything but watches. Rejects with a LeaderError. */
  async answer(call: Call): Promise<{ code: number; body: object }> {
    await this.#admit(call);
    const answer = this.#carryOut(call);
    this.faults.answer(addressed(call));
    return answer;
  }

  /** Writes a watch, line by line, until it is over. Rejects with a LeaderError before the first line. */
  async watch(call: Call, begin: () => (line: string) => void): Promise<void> {
    await this.#admit(call);
    const drop = new AbortController();
    const until = { ...call, signal: AbortSignal.any([call.signal, drop.signal]) };
    const feed = new WatchFeed(until, this.store, begin);
    this.#watches.add(drop);
    try {
      await feed.run(this.cache, this.clock);
    } finally {
      this.#watches.delete(drop);
    }
  }

  /** Ends every watch, as a server that restarts does. */
  dropWatches(): void {
    for (const drop of this.#watches) drop.abort();
  }

  async #admit(call: Call): Promise<void> {
    this.access.mustAllow(call);
    await this.faults.meet(addressed(call), call.signal);
  }

  #carryOut(call: Call): { code: number; body: object } {
    const { store } = this;
    switch (call.verb) {
      case 'list':
        return { code: 200, body: listed(call, store, this.cache) };
      case 'get':
        return { code: 200, body: read(call, store, this.cache) };
      case 'create':
        if (isReview(call.served.resource)) return { code: 201, body: this.#review(call) };
        return { code: 201, body: represented(call, created(call, store), store) };
      case 'update':
        return { code: 200, body: represented(call, replaced(call, store), store) };
      case 'patch':
        return { code: 200, body: represented(call, patched(call, store), store) };
      case 'delete':
        return { code: 200, body: deleted(call, store) };
      case 'watch':
        throw new LeaderError('usage', 'a watch is no single answer');
    }
  }

  #review(call: Call): ClusterObject {
    const { kind } = call.served.resource;
    const review = { apiVersion: 'authorization.k8s.io/v1', kind, ...(call.body as ClusterObject) };
    return reviewed(review, ({ user, ...question }: AccessQuestion) =>
      this.access.allows(user ?? call.user, question),
    );
  }
}

function addressed({ verb, served, namespace, name, user }: Call) {
  return { verb, resource: resourceName(served.resource), namespace, name, user };
}
