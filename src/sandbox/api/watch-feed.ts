import type { Clock } from '../../app/ports.ts';
import type { ClusterObject } from '../../core/cluster-object.ts';
import { LeaderError } from '../../core/errors.ts';
import type { Change, Store } from '../store.ts';
import { watchedChange } from '../watched-change.ts';
import type { Call } from './call.ts';
import { selectionOf, withoutSecrets } from './reads.ts';
import { type Form, formIn, shown, table } from './representation.ts';
import { statusAnswer } from './status.ts';
import type { WatchCache } from './watch-cache.ts';

/** How often an idle watch is told how far it has come, milliseconds. */
const BOOKMARK_MS = 20_000;

/** Watches end after this, unless they were asked for less, milliseconds. */
const LONGEST_MS = 45 * 60_000;

interface Start {
  /** Objects to be told as if they had just been added. */
  initial: readonly ClusterObject[];
  /** What changed after this is told. */
  revision: number;
}

function startOf(call: Call, store: Store, cache: WatchCache): Start {
  const asked = call.query.get('resourceVersion') ?? '';
  const wantsInitial = call.query.get('sendInitialEvents') === 'true';
  if (asked !== '' && asked !== '0' && !wantsInitial) {
    const revision = Number(asked);
    if (!Number.isInteger(revision)) throw new LeaderError('usage', `invalid resource version "${asked}"`);
    if (revision < store.compactedRevision) {
      throw new LeaderError('gone', `too old resource version: ${asked} (${store.compactedRevision})`);
    }
    if (revision > store.revision) {
      throw new LeaderError('timeout', `Too large resource version: ${asked}, current: ${store.revision}`);
    }
    return { initial: [], revision };
  }
  const revision = asked === '0' ? cache.revision : store.revision;
  return { initial: store.list(call.served.resource, revision).filter(selectionOf(call)), revision };
}

/** One watch: writes a line for each event, until its time is over or nobody listens. */
export class WatchFeed {
  readonly #call: Call;
  readonly #store: Store;
  readonly #write: (line: string) => void;
  readonly #form: Form;
  readonly #matches: (object: ClusterObject) => boolean;
  #headers = true;

  /** Throws what is wrong with the request, before it calls `begin`. */
  constructor(call: Call, store: Store, begin: () => (line: string) => void) {
    this.#call = call;
    this.#store = store;
    this.#form = formIn(call.accept);
    this.#matches = selectionOf(call);
    this.#write = begin();
  }

  /** Resolves when the watch is over. */
  async run(cache: WatchCache, clock: Clock): Promise<void> {
    const { query, signal } = this.#call;
    let start: Start;
    try {
      start = startOf(this.#call, this.#store, cache);
    } catch (error) {
      // The API server has said yes to the watch by then, and tells what is wrong inside it.
      if (!(error instanceof LeaderError)) throw error;
      this.#send('ERROR', statusAnswer(error, this.#call).body);
      return;
    }
    for (const object of start.initial) this.#tell('ADDED', object);
    if (query.get('sendInitialEvents') === 'true') this.#bookmark(start.revision, true);
    for (const change of this.#store.changes) if (change.revision > start.revision) this.#follow(change);
    const stop = this.#store.onChange((change) => this.#follow(change));
    const end = clock.mono() + Math.min(LONGEST_MS, Number(query.get('timeoutSeconds') || Infinity) * 1_000);
    const wantsBookmarks = query.get('allowWatchBookmarks') === 'true';
    try {
      while (!signal.aborted && clock.mono() < end) {
        await clock.sleep(Math.min(BOOKMARK_MS, end - clock.mono()), signal);
        if (wantsBookmarks && !signal.aborted) this.#bookmark(this.#store.revision, false);
      }
    } finally {
      stop();
    }
  }

  #follow(change: Change): void {
    if (change.resource !== this.#call.served.resource) return;
    const seen = watchedChange(change, this.#matches);
    if (seen !== null) this.#tell(seen.type.toUpperCase(), seen.object);
  }

  #tell(type: string, object: ClusterObject): void {
    const { served, query } = this.#call;
    const open = withoutSecrets(this.#call, object);
    if (this.#form !== 'table') {
      this.#send(type, shown(served.resource, open, this.#form));
      return;
    }
    const { resourceVersion } = object.metadata;
    const rows = table([open], {
      resource: served.resource,
      now: this.#store.serverNow(),
      include: query.get('includeObject'),
      metadata: { resourceVersion },
      headers: this.#headers,
    });
    this.#headers = false;
    this.#send(type, rows);
  }

  #bookmark(revision: number, isInitial: boolean): void {
    const annotations = isInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const object = { metadata: { resourceVersion: String(revision), ...annotations } };
    this.#send(
      'BOOKMARK',
      shown(this.#call.served.resource, object, this.#form === 'full' ? 'full' : 'metadata'),
    );
  }

  #send(type: string, object: object): void {
    this.#write(`${JSON.stringify({ type, object })}\n`);
  }
}
