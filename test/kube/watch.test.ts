import { afterEach, describe, expect, it } from 'vitest';
import type { WatchEvent, WatchRequest } from '../../src/app/ports.ts';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASES, type Resource } from '../../src/core/resources.ts';
import { KubeCluster } from '../../src/kube/cluster.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { open, reply, ScriptedStream, ScriptedTransport, status } from './scripted-transport.ts';

const CONTEXT = {
  context: null,
  server: 'https://api.example:6443',
  namespace: 'default',
  namespaceIsExplicit: false,
  user: null,
};
const FULL: WatchRequest = { projection: 'full', resourceVersion: '10' };

function lease(name: string, resourceVersion: string, more: object = {}): object {
  return {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: { name, resourceVersion },
    ...more,
  };
}

function leaseList(resourceVersion: string, ...names: string[]) {
  const items = names.map((name) => ({ metadata: { name } }));
  return reply(200, { kind: 'LeaseList', metadata: { resourceVersion }, items });
}

/** A watch that is being followed, and everything it told so far. */
class Story {
  readonly clock = new FakeClock();
  readonly transport = new ScriptedTransport();
  readonly stop = new AbortController();
  readonly events: WatchEvent[] = [];
  error: unknown = null;
  over = false;
  #done: Promise<void> = Promise.resolve();

  async begin(request: WatchRequest = FULL, resource: Resource = LEASES): Promise<void> {
    const cluster = new KubeCluster(this.transport, CONTEXT, this.clock, () => 0.5);
    this.#done = this.#collect(cluster.watch(resource, request, this.stop.signal));
    await this.clock.settle();
  }

  async #collect(events: AsyncIterable<WatchEvent>): Promise<void> {
    try {
      for await (const event of events) this.events.push(event);
    } catch (error) {
      this.error = error;
    }
    this.over = true;
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.clock.settle();
    await this.#done;
  }

  /** `connected`, `added a`, `disconnected server`. */
  get told(): string[] {
    return this.events.map((event) => {
      if ('object' in event) return `${event.type} ${event.object.metadata.name}`;
      if (event.type === 'relisted') return `relisted ${event.items.map(({ metadata }) => metadata.name)}`;
      return event.type === 'disconnected' ? `disconnected ${event.error?.code ?? null}` : event.type;
    });
  }
}

let stories: Story[] = [];
async function story(prepare: (story: Story) => void, request?: WatchRequest): Promise<Story> {
  const made = new Story();
  stories.push(made);
  prepare(made);
  await made.begin(request);
  return made;
}
/** However a story ends: no request stays open, no timer stays behind, nothing fails after an abort. */
afterEach(async () => {
  for (const made of stories) {
    const failedBefore = made.error;
    await made.end();
    expect(made.over).toBe(true);
    expect(made.error).toBe(failedBefore);
    expect(made.transport.inFlight).toBe(0);
    expect(made.clock.sleeping).toBe(0);
  }
  stories = [];
});

describe('what is asked', () => {
  it('asks for bookmarks, a bounded time, the selectors, and the version to go on from', async () => {
    const { transport } = await story(({ transport }) => transport.follow('hang'), {
      ...FULL,
      namespace: 'a',
      labelSelector: 'x=y',
      fieldSelector: 'metadata.name=z',
    });
    expect(transport.asked[0]).toMatchObject({
      path: '/apis/coordination.k8s.io/v1/namespaces/a/leases',
      streaming: true,
      headers: { Accept: 'application/json' },
    });
    expect(transport.query(0)).toEqual({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: '10',
      timeoutSeconds: '450',
      labelSelector: 'x=y',
      fieldSelector: 'metadata.name=z',
    });
  });

  it('asks for metadata, and gives metadata under the real kind', async () => {
    const stream = new ScriptedStream()
      .event('ADDED', {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'a' },
      })
      .event('MODIFIED', lease('b', '12', { spec: { holderIdentity: 'x' } }));
    const { transport, events } = await story(({ transport }) => transport.follow(open(stream)), {
      ...FULL,
      projection: 'metadata',
    });
    expect(transport.asked[0]?.headers?.['Accept']).toBe(
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    );
    const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    expect(events.slice(1)).toMatchObject([
      { type: 'added', object: { ...type, metadata: { name: 'a' } } },
      { type: 'modified', object: { ...type, metadata: { name: 'b' } } },
    ]);
    expect(events[2]).not.toHaveProperty('object.spec');
  });
});

describe('what arrives', () => {
  it('is told in order, timed when its bytes arrived', async () => {
    const stream = new ScriptedStream();
    const { clock, events, told } = await story(({ transport }) => transport.follow(open(stream)));
    const began = clock.mono();
    await clock.advance(1000);
    stream.event('ADDED', lease('a', '11')).event('MODIFIED', lease('a', '12'));
    await clock.advance(1000);
    stream.event('DELETED', lease('a', '13'));
    await clock.settle();
    expect(told).toEqual(['connected']);
    expect(events.map(({ type, at }) => [type, at - began])).toEqual([
      ['connected', 0],
      ['added', 1000],
      ['modified', 1000],
      ['deleted', 2000],
    ]);
  });

  it('is the same however the bytes are cut', async () => {
    const line = `${JSON.stringify({ type: 'ADDED', object: lease('grüße-🚦', '11') })}\n`;
    const bytes = Buffer.from(line + line);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const stream = new ScriptedStream();
      for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
      const made = await story(({ transport }) => transport.follow(open(stream)));
      await made.clock.settle();
      expect(made.told).toEqual(['connected', 'added grüße-🚦', 'added grüße-🚦']);
    }
  });

  it('is not lost while the consumer is slow, and keeps its time', async () => {
    const clock = new FakeClock();
    const stream = new ScriptedStream();
    const stop = new AbortController();
    const watch = new KubeCluster(new ScriptedTransport(open(stream)), CONTEXT, clock, () => 0.5).watch(
      LEASES,
      FULL,
      stop.signal,
    );
    const events = watch[Symbol.asyncIterator]();
    await events.next();
    const began = clock.mono();
    for (let index = 0; index < 50; index++) {
      stream.event('MODIFIED', lease(`l${index}`, String(100 + index)));
      await clock.advance(100);
    }
    const seen: unknown[] = [];
    for (let index = 0; index < 50; index++) seen.push((await events.next()).value);
    expect(seen).toMatchObject(
      Array.from({ length: 50 }, (_, index) => ({
        object: { metadata: { name: `l${index}` } },
        at: began + 100 * index,
      })),
    );
    stop.abort();
    expect((await events.next()).done).toBe(true);
  });

  it('does not crash on events of unexpected shape', async () => {
    const stream = new ScriptedStream()
      .event('ADDED', {})
      .event('ADDED', { metadata: 5 })
      .event('SOMETHING', lease('new', '20'))
      .push('\n')
      .event('ADDED', lease('a', '21'));
    const { told } = await story(({ transport }) => transport.follow(open(stream)));
    expect(told).toEqual(['connected', 'added a']);
  });
});

describe('interruptions', () => {
  it('resumes a clean end at once, from where a bookmark moved to', async () => {
    const first = new ScriptedStream();
    const made = await story(({ transport }) => transport.follow(open(first), 'hang'));
    first.event('ADDED', lease('a', '11')).event('BOOKMARK', lease('', '25'));
    await made.clock.advance(300_000);
    first.end();
    await made.clock.settle();
    expect(made.told).toEqual(['connected', 'added a', 'disconnected null']);
    expect(made.transport.query(1)).toMatchObject({ resourceVersion: '25' });
    // The two limits of the connection that is being opened: those of the first one ended with it.
    expect(made.clock.sleeping).toBe(2);
  });

  it('backs off from a server that ends every watch at once', async () => {
    const made = await story(({ transport }) => {
      for (let index = 0; index < 20; index++) transport.follow(() => open(new ScriptedStream().end()));
    });
    await made.clock.advance(60_000);
    // 0.8 + 1.6 + 3.2 + 6.4 + 12.8 + 25.6 s of waiting.
    expect(made.transport.asked).toHaveLength(7);
  });

  it('waits longer and longer up to 30 s, and begins anew after two quiet minutes', async () => {
    const broken = () => new LeaderError('unreachable', 'refused');
    const stream = new ScriptedStream();
    const made = await story(({ transport }) =>
      transport.follow(...Array(9).fill(broken), open(stream), broken, 'hang'),
    );
    const waits: number[] = [];
    for (let count = made.transport.asked.length; count < 10; count++) {
      const before = made.clock.mono();
      while (made.transport.asked.length === count) await made.clock.advance(100);
      waits.push(made.clock.mono() - before);
    }
    expect(waits).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]);
    await made.clock.advance(130_000);
    stream.end(new Error('reset'));
    await made.clock.advance(800);
    expect(made.transport.asked).toHaveLength(11);
  });

  it('honours Retry-After', async () => {
    const made = await story(({ transport }) =>
      transport.follow(reply(429, 'busy', { 'retry-after': '7' }), 'hang'),
    );
    expect(made.told).toEqual(['disconnected throttled']);
    await made.clock.advance(6_999);
    expect(made.transport.asked).toHaveLength(1);
    await made.clock.advance(1);
    expect(made.transport.asked).toHaveLength(2);
  });

  it('is blind from the last sign of life of a connection that broke, and says so once', async () => {
    const stream = new ScriptedStream();
    const refused = new LeaderError('unreachable', 'refused');
    const made = await story(({ transport }) =>
      transport.follow(open(stream), refused, open(new ScriptedStream())),
    );
    await made.clock.advance(10_000);
    const lastHeard = made.clock.mono();
    stream.event('ADDED', lease('a', '11'));
    await made.clock.advance(20_000);
    stream.end(new Error('ECONNRESET'));
    await made.clock.advance(5_000);
    expect(made.told).toEqual(['connected', 'added a', 'disconnected unreachable', 'connected']);
    expect(made.events[2]?.at).toBe(lastHeard);
  });

  it('tells a cause that is found later with the time at which the outage began', async () => {
    const stream = new ScriptedStream();
    const made = await story(({ transport }) =>
      transport.follow(open(stream), new LeaderError('tls', 'expired'), 'hang'),
    );
    await made.clock.advance(60_000);
    const ended = made.clock.mono();
    stream.end();
    await made.clock.advance(1_000);
    expect(made.told).toEqual(['connected', 'disconnected null', 'disconnected tls']);
    expect(made.events.slice(1).map(({ at }) => at)).toEqual([ended, ended]);
  });

  it.each([
    ['a line that is not JSON', '<html>\n'],
    ['a line that is no event', '{"kind":"Status"}\n'],
    ['a line cut in the middle by a broken connection', '{"type":"ADD'],
  ])('takes %s for a broken connection and resumes', async (_, text) => {
    const stream = new ScriptedStream().event('ADDED', lease('a', '11')).push(text).end(new Error('reset'));
    const made = await story(({ transport }) => transport.follow(open(stream), open(new ScriptedStream())));
    await made.clock.advance(1_000);
    expect(made.told).toEqual(['connected', 'added a', expect.stringMatching('disconnected'), 'connected']);
    expect(made.transport.query(1)).toMatchObject({ resourceVersion: '11' });
  });

  it('does not call a web page a watch', async () => {
    const made = await story(({ transport }) =>
      transport.follow(reply(200, '<html>', { 'content-type': 'text/html' })),
    );
    expect(made.told).toEqual(['disconnected bad-answer']);
  });

  it('leaves a connection that outlived its time without a word', async () => {
    const made = await story(({ transport }) => transport.follow(open(new ScriptedStream()), 'hang'));
    await made.clock.advance(479_999);
    expect(made.told).toEqual(['connected']);
    await made.clock.advance(1_000);
    expect(made.told).toEqual(['connected', 'disconnected timeout']);
    expect(made.transport.asked).toHaveLength(2);
  });

  it('leaves a server that never begins to answer', async () => {
    const made = await story(({ transport }) => transport.follow('hang', 'hang'));
    await made.clock.advance(61_000);
    expect(made.told).toEqual(['disconnected timeout']);
    expect(made.transport.asked).toHaveLength(2);
  });
});

describe('a version that the server forgot', () => {
  const gone = () => reply(410, status(410, 'too old resource version', { reason: 'Expired' }));
  const goneEvent = () =>
    open(new ScriptedStream().event('ERROR', status(410, 'too old', { reason: 'Expired' })));

  it.each([
    ['HTTP 410', gone],
    ['an ERROR event', goneEvent],
  ])('lists everything by quorum, at once, and goes on from there: %s', async (_, answer) => {
    const made = await story(
      ({ transport }) => transport.follow(answer, leaseList('90', 'a', 'b'), open(new ScriptedStream())),
      { ...FULL, projection: 'metadata', labelSelector: 'x=y' },
    );
    await made.clock.advance(0);
    expect(made.told.slice(-3)).toEqual(['disconnected gone', 'relisted a,b', 'connected']);
    expect(made.transport.query(1)).toEqual({ limit: '2000', labelSelector: 'x=y' });
    expect(made.transport.asked[1]?.headers?.['Accept']).toContain('as=PartialObjectMetadataList');
    expect(made.transport.query(2)).toMatchObject({ watch: '1', resourceVersion: '90' });
  });

  it('tries the list again when it fails, and backs off when the new version is forgotten as well', async () => {
    const made = await story(({ transport }) =>
      transport.follow(
        gone,
        new LeaderError('unreachable', 'refused'),
        leaseList('90', 'a'),
        gone,
        leaseList('91', 'b'),
        gone,
      ),
    );
    await made.clock.advance(0);
    expect(made.transport.asked).toHaveLength(2);
    await made.clock.advance(800);
    expect(made.told).toEqual([
      'disconnected gone',
      'disconnected unreachable',
      'relisted a',
      'disconnected gone',
    ]);
    await made.clock.advance(1_599);
    expect(made.transport.asked).toHaveLength(4);
    await made.clock.advance(1);
    expect(made.told.slice(4)).toEqual(['relisted b']);
  });
});

describe('what will not heal', () => {
  const unknown = status(404, 'the server could not find the requested resource', {
    reason: 'NotFound',
    details: {},
  });
  it.each([
    ['401', reply(401, status(401, 'Unauthorized')), 'unauthorized'],
    ['403', reply(403, status(403, 'forbidden')), 'forbidden'],
    ['a kind that is not served', reply(404, unknown), 'not-served'],
    ['a selector that is not understood', reply(400, status(400, 'field label not supported')), 'invalid'],
    [
      '403 inside the watch',
      open(new ScriptedStream().event('ERROR', status(403, 'forbidden'))),
      'forbidden',
    ],
  ])('ends the watch with an error: %s', async (_, answer, code) => {
    const made = await story(({ transport }) => transport.follow(answer));
    expect(made.over).toBe(true);
    expect(made.error).toMatchObject({ code });
    expect(made.told.filter((event) => event !== 'connected')).toEqual([]);
  });

  it('goes on after any other error inside the watch', async () => {
    const stream = new ScriptedStream().event('ERROR', status(500, 'etcdserver: leader changed'));
    const made = await story(({ transport }) => transport.follow(open(stream), 'hang'));
    expect(made.told).toEqual(['connected', 'disconnected server']);
  });
});

describe('an abort ends the iteration without an error', () => {
  it.each([
    ['before it began', (_: ScriptedTransport) => {}, true],
    ['while it is being asked', (transport: ScriptedTransport) => transport.follow('hang'), false],
    [
      'while it is followed',
      (transport: ScriptedTransport) => transport.follow(open(new ScriptedStream())),
      false,
    ],
    [
      'while it waits',
      (transport: ScriptedTransport) => transport.follow(new LeaderError('unreachable', 'x')),
      false,
    ],
    [
      'while it lists',
      (transport: ScriptedTransport) => transport.follow(reply(410, status(410, 'old')), 'hang'),
      false,
    ],
  ])('%s', async (_, script, before) => {
    const made = await story((made) => {
      script(made.transport);
      if (before) made.stop.abort();
    });
    await made.end();
    expect([made.over, made.error]).toEqual([true, null]);
  });

  it('and leaving the loop ends the request', async () => {
    const clock = new FakeClock();
    const transport = new ScriptedTransport(open(new ScriptedStream()));
    const watch = new KubeCluster(transport, CONTEXT, clock).watch(
      LEASES,
      FULL,
      new AbortController().signal,
    );
    for await (const event of watch) {
      expect(event.type).toBe('connected');
      break;
    }
    expect([transport.inFlight, clock.sleeping]).toEqual([0, 0]);
  });
});
